"""The daily backup with its copies, and the monthly restore drill, and those on request from the desk: the worker does
them."""

from datetime import datetime

from django.utils import timezone

from core import jobs
from core.file_locks import AlreadyLocked
from core.jobs import daily, job
from server.backups import drill
from server.backups.copy_record import copy_backups
from server.backups.create import Interrupted, create_backup
from server.backups.manifests import latest

COPY_SECONDS = 60  # then other jobs have a turn, and an upgrade, which waits for jobs


@job(queue="long")
def run_backup(asked):
    """Make a backup unless one was made after `asked` (ISO 8601), so that several requests make one backup; then copy.

    A copy that fails is tried again with the job, which then makes no second backup.
    """
    newest = latest()
    try:
        if not newest or newest.made <= datetime.fromisoformat(asked):
            create_backup(should_stop=jobs.is_stopping)
        copy_backups(jobs.is_stopping, seconds=COPY_SECONDS)
    except Interrupted:
        raise jobs.Requeue from None


@daily
def run_daily_backup():
    request_backup()


def request_backup():
    """Queue a backup for the worker: copying all media takes too long for a request."""
    run_backup.enqueue(timezone.now().isoformat())


@job(queue="long")
def run_restore_drill(asked):
    """Restore the newest backup into a scratch folder, unless that was done after `asked` (ISO 8601)."""
    last = drill.last_drill()
    if last and last.when > datetime.fromisoformat(asked):
        return
    try:
        drill.run_drill()
    except AlreadyLocked:  # the command is doing it
        raise jobs.Requeue(60) from None


@daily
def run_monthly_drill():
    if drill.is_due():
        request_drill()


def request_drill():
    """Queue a restore drill for the worker: it reads and writes as much as the blog has."""
    run_restore_drill.enqueue(timezone.now().isoformat())
