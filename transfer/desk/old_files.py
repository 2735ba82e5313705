"""The desk's page of the files that posts still show from an old blog: how many, where, and ways to bring them here."""

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from blog.desk.access import at_the_desk
from core.text import isolated
from transfer import jobs, uploads
from transfer.desk.received_files import MEDIA, receive_whole, upload_attributes
from transfer.desk.requests import DeskRequest
from transfer.importing import media, old_files
from transfer.importing.media_sources import is_archive
from transfer.importing.media_spellings import file_name_of
from transfer.models import ImportRun, MediaFetch, MediaFile

PER_PAGE = 50


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_files(request: DeskRequest) -> HttpResponse:
    """The files that posts show from an old blog, then those that are not here and that no post shows."""
    if request.method == "POST":
        act(request)
        return redirect("desk_import_files")
    shown = old_files.shown_files()
    waiting = old_files.waiting_files(shown)
    context = {
        "page": Paginator([*shown, *waiting], PER_PAGE).get_page(request.GET.get("page")),
        "shown": len(shown),
        "posts": len({post.pk for file in shown for post in file.posts}),
        "unshown": len(waiting),
        "fetch": MediaFetch.objects.first(),
        "upload": upload_attributes(MEDIA, what="files"),
        "accept": ",".join(MEDIA.endings),
    }
    return render(request, "desk/import/files.html", context)


def act(request: DeskRequest) -> None:
    action = request.POST.get("action")
    if action == "stop":
        MediaFetch.objects.filter(state=MediaFetch.State.RUNNING).update(state=MediaFetch.State.CANCELLED)
        messages.success(request, _("Stopped."))
    elif action == "archive":
        receive_whole(request, MEDIA, lambda key: begin(request.user, key))
    elif action == "fetch":
        begin(request.user)


def begin(user: User, upload: str = "") -> MediaFetch:
    """Fetch everything that is not here, from the old host or an uploaded archive; one fetch at a time.

    Raises uploads.Refused for an upload that is no archive, and while another fetch runs.
    """
    if upload and not all(map(is_archive, uploads.files(upload))):
        uploads.delete_upload(upload)
        raise uploads.Refused(_("This is no whole zip or tar archive. Upload it again."))
    with transaction.atomic():
        running = MediaFetch.objects.select_for_update().filter(state=MediaFetch.State.RUNNING)
        if found := running.filter(upload=upload).first():
            return found
        running.update(state=MediaFetch.State.CANCELLED)
        MediaFile.objects.filter(media=None).update(tries=0)
        fetch = MediaFetch.objects.create(upload=upload, by=user)
        jobs.fetch_old_files.enqueue(fetch.pk)
    return fetch


@at_the_desk("blog.change_settings")
@require_safe
def import_files_progress(request: DeskRequest) -> HttpResponse:
    fetch = MediaFetch.objects.first()
    if fetch is None:
        return JsonResponse({"active": False})
    return JsonResponse(
        {"phase": str(fetch.pk), "done": fetch.position, "total": fetch.total, "active": fetch.is_active}
    )


@at_the_desk("blog.change_settings")
@require_POST
def import_file(request: DeskRequest) -> HttpResponse:
    """Upload one file of an old blog; its address is in `url`."""
    url, upload = request.POST.get("url", "")[:1000].replace("\x00", ""), request.FILES.get("file")
    run = old_files.run_of(url)
    if run is None:
        messages.error(request, _("This is no file of a blog that was imported."))
    elif upload is None:
        messages.error(request, _("Choose a file first."))
    else:
        take_upload(request, run, url, upload)
    return redirect("desk_import_files")


def take_upload(request: DeskRequest, run: ImportRun, url: str, upload: UploadedFile[bytes]) -> None:
    row = MediaFile.objects.filter(origin=run.origin, url=url).first() or old_files.row_of_url(run, url)
    if not row.media_id:
        media.take(row, upload, request.user)
    if not row.media_id:
        messages.error(request, row.reason)
        return
    changed = media.show_in_texts(row)
    said = _("“%s” is here now, and the posts show it.") if changed else _("“%s” is here now.")
    messages.success(request, said % isolated(file_name_of(row.url)))
