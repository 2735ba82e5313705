"""The desk's page for taking the blog away: exports to download, and the mirror folder."""

import secrets

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from blog.desk.access import at_the_desk
from core.models import SettingsChange
from transfer import jobs
from transfer.desk.requests import DeskRequest
from transfer.exporting import downloads
from transfer.mirror import folder
from transfer.models import ExportFile, MirrorSettings

State = ExportFile.State


@at_the_desk("core.manage_backups")
@require_http_methods(["GET", "HEAD", "POST"])
def export_list(request: DeskRequest) -> HttpResponse:
    """Begin an export; the exports of the last day, and the mirror."""
    if request.method == "POST":
        begin(request, request.POST.get("format"))
        return redirect("desk_exports")
    exports = ExportFile.objects.select_related("by").filter(created_at__gte=timezone.now() - downloads.KEPT)
    context = {
        "exports": exports,
        "formats": ExportFile.Format.choices,
        "active": any(export.is_active for export in exports),
        "mirror": MirrorSettings.load(),
        "mirror_folder": folder.root(),
    }
    return render(request, "desk/export/list.html", context)


def begin(request: DeskRequest, chosen: str | None) -> None:
    if chosen not in ExportFile.Format.values:
        messages.error(request, _("Choose what to export."))
    elif ExportFile.objects.filter(format=chosen, state=State.RUNNING).exists():
        messages.success(request, _("This export is being written already."))
    else:
        export = ExportFile.objects.create(format=chosen, key=secrets.token_hex(16), by=request.user)
        jobs.write_export.enqueue(export.pk)


@at_the_desk("core.manage_backups")
@require_safe
def export_progress(request: DeskRequest) -> HttpResponse:
    """How far the exports are, for the script that shows it."""
    rows = ExportFile.objects.filter(state=State.RUNNING)
    return JsonResponse({"exports": [{"id": row.pk, "percent": row.percent} for row in rows]})


@at_the_desk("core.manage_backups")
@require_GET
@reauthentication_required  # type: ignore[untyped-decorator]  # of allauth, which brings no types
def export_download(request: DeskRequest, pk: int) -> HttpResponseBase:
    """The file. It has drafts and email addresses, so the download asks for reauthentication."""
    fresh = ExportFile.objects.filter(created_at__gte=timezone.now() - downloads.KEPT)
    export = get_object_or_404(fresh, pk=pk, state=State.DONE)
    try:
        file = downloads.file_of(export).open("rb")
    except OSError:
        raise Http404 from None
    response = FileResponse(file, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, downloads.download_name(export))
    return response


@at_the_desk("core.manage_backups")
@require_POST
def export_delete(request: DeskRequest, pk: int) -> HttpResponse:
    downloads.delete_export(get_object_or_404(ExportFile, pk=pk))
    messages.success(request, _("The export was deleted."))
    return redirect("desk_exports")


@at_the_desk("core.manage_backups")
@require_POST
def mirror(request: DeskRequest) -> HttpResponse:
    """Switch the mirror on or off. Where it is, only the machine's environment says."""
    is_on = "is_on" in request.POST
    before = MirrorSettings.load()
    after = {"is_on": is_on, "with_private": is_on and "with_private" in request.POST}
    with transaction.atomic():
        MirrorSettings.objects.update_or_create(pk=1, defaults=after)
        names = {field.name: field.verbose_name for field in MirrorSettings._meta.concrete_fields}
        values = [(names[name], in_words(getattr(before, name)), in_words(value)) for name, value in after.items()]
        SettingsChange.record(request.user, SettingsChange.Area.BLOG, values)
    if is_on:
        messages.success(request, _("The mirror is on. The worker writes it within a minute."))
    else:
        messages.success(request, _("The mirror is off. The folder stays as it is: delete it if you do not need it."))
    return redirect("desk_exports")


def in_words(value: bool) -> str:
    return _("on") if value else _("off")
