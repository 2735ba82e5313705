"""Receives files in pieces: an export, or a copy of the old blog's files."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from core.row_ids import row_id
from transfer import uploads
from transfer.desk import old_files, views
from transfer.desk.received_files import EXPORT, MEDIA
from transfer.desk.requests import DeskRequest
from transfer.models import ImportRun


def receive_export(request: DeskRequest, key: str) -> str:
    return redirect("desk_import", pk=views.begin(key, request.user).pk).url


def receive_media(request: DeskRequest, key: str) -> str:
    run = get_object_or_404(ImportRun, pk=row_id(request.POST.get("run")) or 0)
    views.add_media_upload(run, key)
    return redirect("desk_import", pk=run.pk).url


def receive_old_files(request: DeskRequest, key: str) -> str:
    old_files.begin(request.user, key)
    return redirect("desk_import_files").url


# {what is sent: (its purpose, the function that takes it when it is complete and returns the next page)}
RECEIVERS = {
    "export": (EXPORT, receive_export),
    "media": (MEDIA, receive_media),
    "files": (MEDIA, receive_old_files),
}


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_chunk(request: DeskRequest) -> HttpResponse:
    """GET: how many bytes of an upload are here. POST: one piece of it; the answer to the last one has the page."""
    sent = request.POST if request.method == "POST" else request.GET
    key, name = sent.get("key", ""), sent.get("name", "")
    purpose, receive = RECEIVERS.get(sent.get("what", ""), RECEIVERS["export"])
    try:
        if request.method != "POST":
            return JsonResponse({"received": uploads.received(key)})
        offset, size = row_id(sent.get("offset")), row_id(sent.get("size"))
        piece = request.FILES.get("piece")
        if offset is None or size is None or piece is None or (piece.size or 0) > uploads.PIECE:
            return JsonResponse({"why": _("This is no piece of a file.")}, status=400)
        done = uploads.add_piece(key, name, offset, size, sent.get("sha256", ""), piece.read(), purpose)
        if done is None:
            return JsonResponse({"received": uploads.received(key)})
        return JsonResponse({"received": size, "url": receive(request, key)})
    except uploads.Refused as refusal:
        answer = {"why": str(refusal), "received": received(key), "final": not refusal.passing}
        return JsonResponse(answer, status=409)


def received(key: str) -> int:
    try:
        return uploads.received(key)
    except uploads.Refused:
        return 0
