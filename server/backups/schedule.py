"""A backup every day, and one at the press of a button: both made by the worker."""

from datetime import datetime

from django.utils import timezone

from core import jobs
from core.jobs import daily, job
from server.backups.create import Interrupted, create_backup
from server.backups.manifests import latest


@job(queue="long")
def run_backup(asked):
    """Make a backup, unless one was made since it was `asked` for (ISO 8601)."""
    newest = latest()
    if newest and newest.made > datetime.fromisoformat(asked):
        return
    try:
        create_backup(should_stop=jobs.is_stopping)
    except Interrupted:
        raise jobs.Requeue from None


@daily
def run_daily_backup():
    request_backup()


def request_backup():
    """Leave it to the worker: nobody waits for a copy of all media."""
    run_backup.enqueue(timezone.now().isoformat())
