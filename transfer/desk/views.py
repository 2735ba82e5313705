"""The desk's pages for bringing another blog: upload, summary with choices, progress, receipt, undo."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from blog.desk.access import at_the_desk
from core.jobs import is_queued
from transfer import jobs, uploads
from transfer.desk.forms import ReadingForm, StartForm, lacks_address
from transfer.desk.received_files import EXPORT, MEDIA, receive_whole, upload_attributes
from transfer.desk.requests import DeskRequest
from transfer.importing import receipt
from transfer.importing.assign_thread import waiting_threads
from transfer.importing.link_cards import posts_without_cards
from transfer.importing.media_sources import is_archive
from transfer.importing.recognition import clues_of, is_json_export
from transfer.importing.run import digest_of
from transfer.importing.systems import SYSTEMS, recognized
from transfer.models import ImportRun, MediaFile
from transfer.models.import_run import Result
from transfer.records import KINDS
from transfer.templatetags.transfer import STATUSES

State = ImportRun.State
LINES = 100


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request: DeskRequest) -> HttpResponse:
    """The upload form, and the imports so far. Without scripts the form sends the whole file."""
    if request.method == "POST":
        run = receive_whole(request, EXPORT, lambda key: begin(key, request.user))
        return redirect("desk_import", pk=run.pk) if run else redirect("desk_imports")
    context = {
        "runs": ImportRun.objects.all()[:50],
        "systems": [system.label for system in SYSTEMS.values()],
        "accept": ",".join(EXPORT.endings),
        "upload": upload_attributes(EXPORT, what="export"),
    }
    return render(request, "desk/import/list.html", context)


def begin(key: str, user: User) -> ImportRun:
    """The run of a complete upload, which is examined first. Raises uploads.Refused for a JSON export of Longrun."""
    found = ImportRun.objects.filter(upload=key).first()
    if found:
        return found
    paths = uploads.files(key)
    if any(is_json_export(clues_of(path)) for path in paths):
        uploads.delete_upload(key)
        raise uploads.Refused(str(RESTORED_AS_A_WHOLE))
    source = ", ".join(path.name for path in paths)
    system = recognized(paths)
    run = ImportRun.objects.create(
        system=system or next(iter(SYSTEMS)),
        source=source,
        digest=digest_of(paths),
        upload=key,
        by=user,
        state=State.EXAMINING,
        options={"media": "skip"},
    )
    jobs.examine_run.enqueue(run.pk)
    return run


def add_media_upload(run: ImportRun, key: str) -> None:
    """Remember a complete upload of the old blog's files. Raises uploads.Refused for what is no archive."""
    if not all(map(is_archive, uploads.files(key))):
        uploads.delete_upload(key)
        raise uploads.Refused(_("This is no whole zip or tar archive. Upload it again."))
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().get(pk=run.pk)
        keys = run.options.get("media_uploads", [])
        if key not in keys:
            run.options = run.options | {"media_uploads": [*keys, key], "media": "uploads"}
            run.save(update_fields=["options"])


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: DeskRequest, pk: int) -> HttpResponse:
    """One import: what it would do and the choices, how far it is, what became of everything."""
    run = get_object_or_404(ImportRun, pk=pk)
    if request.method == "POST":
        act(request, run)
        return redirect("desk_import", pk=run.pk)
    is_begun = run.state not in (State.EXAMINING, State.WAITING, State.UNDONE) and run.lines.exists()
    figures = receipt.totals(run) if is_begun else run.summary.get("totals", {})
    table = [(kind, row) for kind in KINDS if (row := figures.get(kind)) and any(row.values())]
    context = {
        "run": run,
        "system": SYSTEMS[run.system].label if run.system in SYSTEMS else run.system,
        "summary": run.summary,
        "states": in_words(run.summary.get("states", [])),
        "is_begun": is_begun,
        "results": [(value, label) for value, label in Result.choices if any(row.get(value) for _kind, row in table)],
        "table": table,
        "waiting_files": MediaFile.objects.filter(origin=run.origin, media=None).count() if run.origin else 0,
        "without_cards": posts_without_cards(run).count() if run.state == State.DONE else 0,
        "are_cards_made": is_queued(jobs.make_link_cards),
        "waiting_threads": len(waiting_threads(run.origin)),
        "has_file": bool(run.upload and uploads.files(run.upload)),
    }
    return render(request, "desk/import/run.html", context | choices(run, request.user))


def choices(run: ImportRun, user: User) -> dict[str, Any]:
    """The forms of an import that has not begun."""
    if run.system not in SYSTEMS or not can_be_read(run):
        return {}
    start = StartForm(run, user) if run.state != State.FAILED else None
    return {
        "reading": ReadingForm(run),
        "lacks_address": SYSTEMS[run.system].asks_address and lacks_address(run) and run.state != State.FAILED,
        "start": start,
        "upload": upload_attributes(MEDIA, what="media", run=run),
        "accept": ",".join(MEDIA.endings),
    }


def can_be_read(run: ImportRun) -> bool:
    """Whether its file may be read in another way: nothing of it is here."""
    is_new = run.state in (State.WAITING, State.UNDONE) or run.state == State.FAILED and not run.lines.exists()
    return is_new and bool(run.upload and uploads.files(run.upload))


def in_words(states: Iterable[tuple[str, str, int]]) -> list[tuple[str, list[tuple[str, int]]]]:
    """[(kind, [(status, number), …]), …] of a summary, in the order in which people ask: what is public first."""
    order = list(STATUSES)
    found: dict[str, list[tuple[str, int]]] = {}
    for kind, status, number in states:
        found.setdefault(kind, []).append((status, number))
    for counted in found.values():
        counted.sort(key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    return sorted(found.items(), reverse=True)


def act(request: DeskRequest, run: ImportRun) -> None:
    """What a button of the page asks for."""
    action = request.POST.get("action")
    if action == "cancel":
        stopped = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.CANCELLED)
        messages.success(
            request, _("Stopped. It goes on where it stopped when you wish.") if stopped else _("It is not running.")
        )
    elif action == "cards":
        queue_cards(request, run)
    elif action in BEFORE and not can_be_read(run):
        messages.error(request, CHANGED if run.upload and uploads.files(run.upload) else FILE_DELETED)
    elif action == "read":
        reading = ReadingForm(run, request.POST)
        if is_valid(reading, request):
            reading.apply(run)
            begin_job(request, run, action, system=run.system, options=run.options)
    elif action == "start":
        start = StartForm(run, request.user, request.POST)
        if is_valid(start, request):
            begin_job(request, run, action, options=run.options | start.options())
    elif action == "media":
        receive_whole(request, MEDIA, lambda key: add_media_upload(run, key))
    elif action == "forget_media":
        for key in run.options.get("media_uploads", []):
            uploads.delete_upload(key)
        options = run.options | {"media_uploads": [], "media": "skip"}
        ImportRun.objects.filter(pk=run.pk).update(options=options)
    else:
        begin_job(request, run, action)


def queue_cards(request: DeskRequest, run: ImportRun) -> None:
    """Let the worker make the cards of links, unless it is at it or there is nothing to do: two presses are one."""
    if run.state != State.DONE or is_queued(jobs.make_link_cards) or not posts_without_cards(run).exists():
        messages.error(request, CHANGED)
        return
    jobs.make_link_cards.enqueue(run.pk)
    messages.success(request, _("The pages are asked one after the other. The cards then appear in the posts."))


def is_valid(form: forms.Form, request: DeskRequest) -> bool:
    """Whether the form is valid; its errors become messages."""
    for field, errors in form.errors.items():
        for error in errors:
            messages.error(request, f"{form[field].label}: {error}")
    return not form.errors


def begin_job(request: DeskRequest, run: ImportRun, action: str | None, **facts: Any) -> None:
    """Bring the run into the action's state and enqueue its job, if its state allows it: two presses are one."""
    if action in ACTIONS:
        before, after, job = ACTIONS[action]
        allowed = ImportRun.objects.filter(pk=run.pk, state__in=before)
        if allowed.update(state=after, error="", started_at=timezone.now(), **facts):
            job.enqueue(run.pk)
            return
    messages.error(request, CHANGED)


BEFORE = ("read", "start", "media", "forget_media")  # actions of an import that has not begun
CHANGED = gettext_lazy("This was changed meanwhile. Look at it once more.")
FILE_DELETED = gettext_lazy("The uploaded file was deleted. Upload it again to import it.")
RESTORED_AS_A_WHOLE = gettext_lazy(
    "This is a JSON export of Longrun. It becomes a new blog as a whole, with accounts and settings: on the server, "
    "manage.py restore_from does that. To add its posts to this blog, export them there as text files."
)
ACTIONS = {
    "read": ([State.WAITING, State.UNDONE, State.FAILED], State.EXAMINING, jobs.examine_run),
    "start": ([State.WAITING, State.UNDONE], State.RUNNING, jobs.bring_run),
    "resume": ([State.CANCELLED, State.FAILED], State.RUNNING, jobs.bring_run),
    "undo": ([State.DONE, State.CANCELLED, State.FAILED], State.UNDOING, jobs.undo_run),
}


@at_the_desk("blog.change_settings")
@require_safe
def import_progress(request: DeskRequest, pk: int) -> HttpResponse:
    """How far an import is, for the script that shows it."""
    run = get_object_or_404(ImportRun, pk=pk)
    return JsonResponse(
        {"state": run.state, "phase": run.phase, "done": run.position, "total": run.total, "active": run.is_active}
    )


@at_the_desk("blog.change_settings")
@require_safe
def import_receipt(request: DeskRequest, pk: int) -> HttpResponse:
    """The receipt: searchable lines, or all of them as JSON."""
    run = get_object_or_404(ImportRun, pk=pk)
    if request.GET.get("as") == "json":
        response = HttpResponse(content_type="application/json")
        receipt.write_json(run, response)
        response["Content-Disposition"] = content_disposition_header(True, f"receipt-{run.pk}.json")
        return response
    result, kind, words = (request.GET.get(name, "") for name in ("result", "kind", "q"))
    lines = run.lines.all()
    lines = lines.filter(result=result) if result in Result.values else lines
    lines = lines.filter(kind=kind) if kind in KINDS else lines
    words = words.replace("\x00", "")[:200]
    if words:
        lines = (
            lines.filter(title__icontains=words) | lines.filter(reason__icontains=words) | lines.filter(reference=words)
        )
    page = Paginator(lines, LINES).get_page(request.GET.get("page"))
    context = {"run": run, "page": page, "result": result, "kind": kind, "q": words, "kinds": KINDS}
    return render(request, "desk/import/receipt.html", context | {"results": Result.choices})
