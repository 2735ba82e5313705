"""The desk's page "How is it?": what the doctor finds, for owners."""

from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from server.doctor.findings import examine
from server.slow_pages import slowest_pages

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
# What changes from day to day stands first.
FIRST = ["worker", "queue", "space", "emails", "mail", "backup", "copies", "drill", "database"]


@at_the_desk("core.manage_backups")
@require_safe
def status_page(request):
    """Other servers are asked for a few seconds at most; the database is not read whole, the worker has done that."""
    findings = {finding.name: finding for finding in examine(thoroughly=False)}
    ordered = sorted(findings.values(), key=lambda finding: FIRST.index(finding.name) if finding.name in FIRST else 99)
    labelled = [(LABELS.get(finding.name, finding.name), finding) for finding in ordered]
    context = {
        "problems": [(label, finding) for label, finding in labelled if not finding.is_well],
        "well": [(label, finding) for label, finding in labelled if finding.is_well],
        "slowest": slowest_pages(),
    }
    return render(request, "desk/status.html", context)
