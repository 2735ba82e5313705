"""Checks of what the worker does: whether it runs, its schedule and its queues; and the clock, by the newest rows."""

from datetime import timedelta

from django.db.models import Max
from django.utils import timezone

from blog.models import Media, Revision
from comments.models import ModerationAction
from core import jobs, worker_leases
from core.models import Email, ScheduledTask, SettingsChange
from server.doctor.problem import Problem
from server.health import SILENT, last_heartbeat
from server.setup import owner_exists

STUCK = {"default": timedelta(minutes=15), "long": timedelta(hours=12)}  # an import of a large blog takes hours
TOLERANCE = timedelta(minutes=2)

# Rows whose time is that of this machine when they were written; imports do not write these.
WRITTEN_NOW = [
    (ScheduledTask, "last_run"),
    (Email, "created_at"),
    (Media, "created_at"),
    (Revision, "created_at"),
    (ModerationAction, "created_at"),
    (SettingsChange, "created_at"),
]


def owner():
    if owner_exists():
        return "the blog has one"
    raise Problem("nobody yet.", "`manage.py setup_link` prints the link to set the blog up.")


def worker():
    at_work = worker_leases.alive()
    if not at_work:
        raise Problem("no worker is running: emails, announcements and backups wait.", "`manage.py serve` starts one.")
    if (last := last_heartbeat()) and timezone.now() - last > SILENT:
        raise Problem(
            f"it is running, and has done nothing since {last:%Y-%m-%d %H:%M} UTC.",
            "If it was started just now, wait a minute. Else restart Longrun; the log says what it did last.",
        )
    return f"{len(at_work)} at work" if len(at_work) > 1 else "at work"


def schedule():
    failed = ScheduledTask.objects.exclude(last_error="").values_list("name", "last_error")
    if told := [f"{name} ({error.strip().splitlines()[-1]})" for name, error in failed]:
        raise Problem(
            f"the last run failed: {'; '.join(told)}.", "The log has the traceback. It is tried again by itself."
        )
    return f"{ScheduledTask.objects.count()} entries, none failed"


def queue():
    """Whether jobs wait longer than they should."""
    waiting = jobs.waiting_jobs()
    now = timezone.now()
    late = {
        name: (count, since)
        for name, (count, since) in waiting.items()
        if now - since > STUCK.get(name, STUCK["default"])
    }
    if late:
        told = ", ".join(
            f"{count} in “{name}” since {since:%Y-%m-%d %H:%M} UTC" for name, (count, since) in late.items()
        )
        raise Problem(
            f"jobs wait too long: {told}.",
            "Restart Longrun, and read in the log which job the worker began last and did not end.",
        )
    return f"{sum(count for count, _since in waiting.values()):,} jobs wait"


def clock():
    """A clock that was set back: rows were written later than now."""
    newest = [
        (last, model._meta.verbose_name)
        for model, field in WRITTEN_NOW
        if (last := model.objects.aggregate(last=Max(field))["last"])
    ]
    now = timezone.now()
    if newest and max(newest)[0] > now + TOLERANCE:
        last, kind = max(newest)
        raise Problem(
            f"this machine says {now:%Y-%m-%d %H:%M} UTC, and a row ({kind}) was written at {last:%Y-%m-%d %H:%M}: "
            "the clock is wrong, or it was.",
            "Set the clock (`timedatectl set-ntp true`). If it is right now, this passes when that time is reached.",
        )
    return f"{now:%Y-%m-%d %H:%M} UTC"
