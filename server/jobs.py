"""What the worker does for the whole house: backups, and throwing away what no app alone knows to be useless."""

from datetime import datetime, timedelta
from pathlib import PurePosixPath

from django.contrib.auth import get_user_model
from django.utils import timezone

from accounts import avatars
from comments.models import Comment
from core import jobs
from core.jobs import daily, job
from server import backups, weekly_report  # noqa: F401  (the weekly letter announces itself)


@job(queue="long")
def back_up(asked):
    """Make a backup, unless one was made since it was `asked` for (ISO 8601)."""
    newest = backups.last()
    if newest and newest.made > datetime.fromisoformat(asked):
        return
    try:
        backups.make(stopping=jobs.stopping)
    except backups.Interrupted:
        raise jobs.Again from None


@daily
def back_up_every_day():
    ask_for_a_backup()


def ask_for_a_backup():
    """Leave it to the worker: nobody waits for a copy of all media."""
    back_up.enqueue(timezone.now().isoformat())


@daily
def throw_away_pictures_of_nobody():
    """A reader's picture goes when their account and the last comment that shows it are gone; a day is for jobs."""
    people = get_user_model().objects.exclude(picture="").values_list("picture", flat=True)
    shown = Comment.objects.exclude(avatar="").order_by().values_list("avatar", flat=True).distinct()
    wanted = {*people, *(PurePosixPath(avatar).stem for avatar in shown)}
    avatars.keep_only(wanted, older_than=timezone.now() - timedelta(days=1))
