"""The desk's page "How is it?": what the doctor finds, for owners."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from server.doctor.findings import examine
from server.doctor.last_findings import LABELS, record
from server.slow_pages import slowest_pages

# What changes from day to day stands first.
FIRST = ["worker", "queue", "space", "emails", "mail", "backup", "copies", "drill", "database"]


@at_the_desk("core.manage_backups")
@require_safe
def status_page(request):
    """Other servers are asked for a few seconds at most; the database is not read whole, the worker has done that."""
    findings = examine(thoroughly=False)
    record(findings)
    ordered = sorted(findings, key=lambda finding: FIRST.index(finding.name) if finding.name in FIRST else 99)
    labelled = [(LABELS.get(finding.name, finding.name), finding) for finding in ordered]
    context = {
        "problems": [(label, finding) for label, finding in labelled if not finding.is_well],
        "well": [(label, finding) for label, finding in labelled if finding.is_well],
        "slowest": slowest_pages(),
    }
    return render(request, "desk/status.html", context)
