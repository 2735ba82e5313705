"""The daily backup, and one on request from the desk: the worker makes both."""

from datetime import datetime

from django.utils import timezone

from core import jobs
from core.jobs import daily, job
from server.backups.create import Interrupted, create_backup
from server.backups.manifests import latest


@job(queue="long")
def run_backup(asked):
    """Make a backup unless one was made after `asked` (ISO 8601), so that several requests make one backup."""
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
    """Queue a backup for the worker: copying all media takes too long for a request."""
    run_backup.enqueue(timezone.now().isoformat())
