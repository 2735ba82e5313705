"""What the doctor found when the worker last asked it, which is daily, or the page "How is it?": for the dashboard."""

import json
import logging

from django.conf import settings
from django.utils.translation import gettext_lazy

logger = logging.getLogger(__name__)

FILE = "doctor_findings"  # in the data folder
LABELS = {
    "database": gettext_lazy("Database"),
    "migrations": gettext_lazy("Migrations"),
    "versions": gettext_lazy("Versions"),
    "names": gettext_lazy("Variables"),
    "address": gettext_lazy("Address"),
    "hosts": gettext_lazy("Other host names"),
    "proxies": gettext_lazy("Proxies"),
    "debug": gettext_lazy("Debug mode"),
    "static": gettext_lazy("Static files"),
    "folder": gettext_lazy("Data folder"),
    "space": gettext_lazy("Disk"),
    "capacity": gettext_lazy("Connections"),
    "media_files": gettext_lazy("Media files"),
    "backup": gettext_lazy("Newest backup"),
    "copies": gettext_lazy("Copies of backups"),
    "drill": gettext_lazy("Restore drill"),
    "owner": gettext_lazy("Owner"),
    "worker": gettext_lazy("Worker"),
    "schedule": gettext_lazy("Scheduled tasks"),
    "queue": gettext_lazy("Queue"),
    "clock": gettext_lazy("Clock"),
    "time": gettext_lazy("Other clocks"),
    "logins": gettext_lazy("Logins"),
    "emails": gettext_lazy("Emails"),
    "redis": gettext_lazy("Redis"),
    "mail": gettext_lazy("Mail server"),
}
OWN_LINES = {"database", "backup", "emails"}  # the dashboard says these in lines of their own


def record(findings):
    """Write the names of the problems among `findings` to the data folder."""
    said = json.dumps([finding.name for finding in findings if not finding.is_well])
    try:
        (settings.LONGRUN_DATA / FILE).write_text(said, encoding="utf-8")
    except OSError as error:
        logger.warning("what the doctor found could not be written: %s", error)


def last_problems():
    """The labels of the problems that were last found, without those in OWN_LINES."""
    try:
        names = json.loads((settings.LONGRUN_DATA / FILE).read_text(encoding="utf-8"))
        return [LABELS[name] for name in names if name in LABELS and name not in OWN_LINES]
    except (OSError, ValueError, TypeError):
        return []
