"""The desk's pages for bringing another blog: upload, summary, progress, receipt, files that did not come, undo."""

import secrets

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.desk.access import at_the_desk
from core.row_ids import row_id
from core.text import isolated
from transfer import jobs, uploads
from transfer.importing import media, receipt
from transfer.importing.run import digest_of
from transfer.models import ImportRun, MediaFile
from transfer.models.import_run import Result
from transfer.records import KINDS
from transfer.templatetags.transfer import STATUSES

State = ImportRun.State
LINES = 100


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_list(request):
    """The upload form, and the imports so far. Without scripts the form sends the whole file."""
    if request.method == "POST":
        upload = request.FILES.get("file")
        if upload is None:
            messages.error(request, _("Choose a file first."))
            return redirect("desk_imports")
        key = secrets.token_hex(16)
        try:
            uploads.store_whole(key, upload)
        except uploads.Refused as refusal:
            messages.error(request, str(refusal))
            return redirect("desk_imports")
        return redirect("desk_import", pk=begin(key, request.user).pk)
    context = {"runs": ImportRun.objects.all()[:50], "key": secrets.token_hex(16), "piece": uploads.PIECE}
    return render(request, "desk/import/list.html", context | {"largest": uploads.LARGEST})


def begin(key, user):
    """The run of a complete upload, which is examined first."""
    found = ImportRun.objects.filter(upload=key).first()
    if found:
        return found
    paths = uploads.files(key)
    source = ", ".join(path.name for path in paths)
    run = ImportRun.objects.create(
        source=source, digest=digest_of(paths), upload=key, by=user, state=State.EXAMINING, options={"media": "skip"}
    )
    jobs.examine_run.enqueue(run.pk)
    return run


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_piece(request):
    """GET: how many bytes of an upload are here. POST: one piece of it; the answer to the last one has the page."""
    sent = request.POST if request.method == "POST" else request.GET
    key, name = sent.get("key", ""), sent.get("name", "")
    try:
        if request.method != "POST":
            return JsonResponse({"received": uploads.received(key)})
        offset, size = row_id(sent.get("offset")), row_id(sent.get("size"))
        piece = request.FILES.get("piece")
        if offset is None or size is None or piece is None or piece.size > uploads.PIECE:
            return JsonResponse({"why": _("This is no piece of a file.")}, status=400)
        done = uploads.add_piece(key, name, offset, size, sent.get("sha256", ""), piece.read())
    except uploads.Refused as refusal:
        return JsonResponse({"why": str(refusal), "received": received(key)}, status=409)
    if done is None:
        return JsonResponse({"received": uploads.received(key)})
    run = begin(key, request.user)
    return JsonResponse({"received": size, "url": run_url(run)})


def received(key):
    try:
        return uploads.received(key)
    except uploads.Refused:
        return 0


def run_url(run):
    return redirect("desk_import", pk=run.pk).url


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request, pk):
    """One import: what it would do, how far it is, what became of everything."""
    run = get_object_or_404(ImportRun, pk=pk)
    if request.method == "POST":
        act(request, run)
        return redirect("desk_import", pk=run.pk)
    is_begun = run.state not in (State.EXAMINING, State.WAITING, State.UNDONE) and run.lines.exists()
    figures = receipt.totals(run) if is_begun else run.summary.get("totals", {})
    table = [(kind, row) for kind in KINDS if (row := figures.get(kind)) and any(row.values())]
    context = {
        "run": run,
        "summary": run.summary,
        "states": in_words(run.summary.get("states", [])),
        "is_begun": is_begun,
        "results": [(value, label) for value, label in Result.choices if any(row.get(value) for _kind, row in table)],
        "table": table,
        "waiting_files": MediaFile.objects.filter(origin=run.origin, media=None).count() if run.origin else 0,
        "has_file": bool(run.upload and uploads.files(run.upload)),
    }
    return render(request, "desk/import/run.html", context)


def in_words(states):
    """[(kind, [(status, number), …]), …] of a summary, in the order in which people ask: what is public first."""
    order = list(STATUSES)
    found = {}
    for kind, status, number in states:
        found.setdefault(kind, []).append((status, number))
    for counted in found.values():
        counted.sort(key=lambda each: order.index(each[0]) if each[0] in order else len(order))
    return sorted(found.items(), reverse=True)


def act(request, run):
    """What a button of the page asks for, if the run is in a state that allows it. Two presses are one."""
    action = request.POST.get("action")
    before, after, job = ACTIONS.get(action, ((), "", None))
    options = run.options
    if action == "start":
        wants = request.POST.get("media")
        options = options | {"media": wants if wants in ("skip", "download") else "skip"}
    changed = job and ImportRun.objects.filter(pk=run.pk, state__in=before).update(
        state=after, error="", options=options, started_at=timezone.now()
    )
    if action == "cancel":
        stopped = ImportRun.objects.filter(pk=run.pk, state=State.RUNNING).update(state=State.CANCELLED)
        messages.success(
            request, _("Stopped. It goes on where it stopped when you wish.") if stopped else _("It is not running.")
        )
    elif changed:
        job.enqueue(run.pk)
    else:
        messages.error(request, _("This was changed meanwhile. Look at it once more."))


ACTIONS = {
    "start": ([State.WAITING, State.UNDONE], State.RUNNING, jobs.bring_run),
    "resume": ([State.CANCELLED, State.FAILED], State.RUNNING, jobs.bring_run),
    "undo": ([State.DONE, State.CANCELLED, State.FAILED], State.UNDOING, jobs.undo_run),
}


@at_the_desk("blog.change_settings")
@require_safe
def import_progress(request, pk):
    """How far an import is, for the script that shows it."""
    run = get_object_or_404(ImportRun, pk=pk)
    return JsonResponse(
        {"state": run.state, "phase": run.phase, "done": run.position, "total": run.total, "active": run.is_active}
    )


@at_the_desk("blog.change_settings")
@require_safe
def import_receipt(request, pk):
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


@at_the_desk("blog.change_settings")
@require_safe
def import_files(request, pk):
    """The files of the old blog that are not here, each with its post and a slot to upload it."""
    run = get_object_or_404(ImportRun, pk=pk)
    rows = MediaFile.objects.filter(origin=run.origin, media=None).order_by("pk")
    page = Paginator(rows, LINES).get_page(request.GET.get("page"))
    return render(request, "desk/import/files.html", {"run": run, "page": page})


@at_the_desk("blog.change_settings")
@require_POST
def import_file(request, pk):
    """Upload a file that did not come."""
    row = get_object_or_404(MediaFile.objects.select_related("run"), pk=pk)
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, _("Choose a file first."))
    elif row.media_id:
        messages.success(request, _("“%s” is here already.") % isolated(media.file_name_of(row.url)))
    else:
        media.take(row, upload, request.user)
        if row.media_id:
            media.show_in_texts(row)
            messages.success(
                request, _("“%s” is here now, and the posts show it.") % isolated(media.file_name_of(row.url))
            )
        else:
            messages.error(request, row.reason)
    return redirect("desk_import_files", pk=row.run_id)
