"""A backup every day, and one at the press of a button: both made by the worker."""

from datetime import datetime

from django.utils import timezone

from core import jobs
from core.jobs import daily, job
from server.backups.create import Interrupted, make
from server.backups.manifests import last


@job(queue="long")
def back_up(asked):
    """Make a backup, unless one was made since it was `asked` for (ISO 8601)."""
    newest = last()
    if newest and newest.made > datetime.fromisoformat(asked):
        return
    try:
        make(stopping=jobs.is_stopping)
    except Interrupted:
        raise jobs.Requeue from None


@daily
def back_up_every_day():
    ask_for_a_backup()


def ask_for_a_backup():
    """Leave it to the worker: nobody waits for a copy of all media."""
    back_up.enqueue(timezone.now().isoformat())
