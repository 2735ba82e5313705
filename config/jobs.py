"""What the worker does for the whole house: a backup every night, and whenever the owner asks for one."""

from datetime import datetime

from django.utils import timezone

from config import backups, weekly  # noqa: F401  (the weekly letter announces itself)
from ground import jobs
from ground.jobs import daily, job


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
