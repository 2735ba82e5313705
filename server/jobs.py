"""Scheduled jobs that need several apps: backups, the weekly report, the doctor, deleting unused avatars."""

from datetime import timedelta
from pathlib import PurePosixPath

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts import avatars
from comments.models import Comment
from core.jobs import daily, job
from server import damaged_database, weekly_report  # noqa: F401  (they register themselves)
from server.backups import schedule  # noqa: F401  (registers itself)
from server.doctor import last_findings, other_servers
from server.doctor.findings import examine


@daily
def delete_unused_avatars():
    """Delete avatars that no account and no comment uses; jobs have a day to use a new file."""
    people = get_user_model().objects.exclude(picture="").values_list("picture", flat=True)
    shown = Comment.objects.exclude(avatar="").order_by().values_list("avatar", flat=True).distinct()
    wanted = {*people, *(PurePosixPath(avatar).stem for avatar in shown)}
    avatars.delete_unused(wanted, older_than=timezone.now() - timedelta(days=1))


@daily
def ask_the_doctor():
    """For the dashboard, in a job of the long queue: a mail server that does not answer holds up nothing else."""
    record_findings.enqueue()


@job(queue="long")
def record_findings():
    """The clocks of login providers are left out: a blog asks nobody elsewhere by itself."""
    last_findings.record(examine(thoroughly=False, without=[other_servers.time]))
