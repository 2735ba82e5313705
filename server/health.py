"""Health checks for monitors and load balancers: `/health/live/` and `/health/ready/`."""

import logging
import os
import shutil
from datetime import timedelta

from django.conf import settings
from django.db import Error
from django.db.models import Max
from django.http import HttpResponse
from django.utils import timezone

from core.models import ScheduledTask

logger = logging.getLogger(__name__)

SILENT = timedelta(minutes=10)  # the worker runs scheduled tasks each minute
MIN_FREE = 50 * 2**20  # bytes
MIN_INODES = 20


class LiveMiddleware:
    """Answers `/health/live/` before other middleware asks the database for the blog's language."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return live(request) if request.path == "/health/live/" else self.get_response(request)


def live(request):
    """200 as soon as Django runs; it asks nothing else."""
    return text_response("ok\n")


def ready(request):
    """200 if the blog can do all that it is for; else 503. Each line names a part and "ok" or what is wrong."""
    parts = {"database": database_state(), "disk": disk_state()}
    if parts["database"] == "ok":
        parts["worker"] = worker_state()
    is_ready = set(parts.values()) == {"ok"}
    request.is_expected_error = True  # monitors ask often: the log would have an error for each time
    tell_change(", ".join(f"{name} {state}" for name, state in parts.items() if state != "ok"))
    return text_response("".join(f"{name}: {state}\n" for name, state in parts.items()), 200 if is_ready else 503)


_told = ""  # what was wrong when it was asked last


def tell_change(wrong):
    """Write a line when something else is wrong than before."""
    global _told
    if wrong != _told:
        _told = wrong
        logger.warning("%s", f"not ready: {wrong}" if wrong else "ready again")


def text_response(text, status=200):
    return HttpResponse(text, status=status, content_type="text/plain", headers={"Cache-Control": "no-store"})


def database_state():
    try:
        ScheduledTask.objects.filter(pk=0).update(last_error="")  # changes no row, but begins to write
    except Error:
        return "cannot be written"
    return "ok"


def disk_state():
    try:
        is_full = shutil.disk_usage(settings.LONGRUN_DATA).free < MIN_FREE or has_no_inodes(settings.LONGRUN_DATA)
    except OSError:
        return "gone"
    try:
        os.utime(
            settings.LONGRUN_DATA
        )  # after an error of the disk a kernel refuses to write, and may not tell it else
    except OSError:
        return "read-only"
    return "full" if is_full else "ok"


def has_no_inodes(folder):
    """Whether hardly another file can be made there. Some file systems have no number of inodes and say 0."""
    if os.name == "nt":
        return False
    found = os.statvfs(folder)
    return bool(found.f_files) and found.f_favail < MIN_INODES


def worker_state():
    last = last_heartbeat()
    return "ok" if last and timezone.now() - last < SILENT else "silent"


def last_heartbeat():
    """When the worker last ran a scheduled task; None if it never has."""
    return ScheduledTask.objects.aggregate(last=Max("last_run"))["last"]
