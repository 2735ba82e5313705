"""The desk's page of backups: list, make a new one, try whether the newest restores, download one."""

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from blog.desk.access import at_the_desk
from server import backups
from server.backups.schedule import request_backup, request_drill


@at_the_desk("core.manage_backups")
@require_http_methods(["GET", "HEAD", "POST"])
def backup_list(request):
    if request.method == "POST":
        request_backup()
        messages.success(request, _("The backup has been started. It appears here once it is complete and checked."))
        return redirect("desk_backups")
    context = {
        "backups": backups.list_backups(),
        "failure": backups.last_failure(),
        "under_way": backups.is_running(),
        "copies": backups.copies_elsewhere(),
        "drill": backups.last_drill(),
    }
    return render(request, "desk/backups.html", context)


@at_the_desk("core.manage_backups")
@require_POST
def start_drill(request):
    """Let the worker restore the newest backup into a scratch folder."""
    request_drill()
    messages.success(request, _("The newest backup is being restored for a test. The result appears here."))
    return redirect("desk_backups")


@at_the_desk("core.manage_backups")
@require_GET
@reauthentication_required
def download(request, name):
    """A backup contains drafts and email addresses, so the download asks for reauthentication."""
    backup = next((kept for kept in backups.list_backups() if kept.name == name), None)
    if backup is None:
        raise Http404
    response = StreamingHttpResponse(backups.stream(backup), content_type="application/zip")
    response["Content-Disposition"] = content_disposition_header(True, f"longrun-{name}.zip")
    return response
