"""Imports, exports and the mirror run in the worker, so that no request waits for them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.models import Post
from core.file_locks import AlreadyLocked
from core.jobs import Requeue, daily, is_queued, is_stopping, job, minutely
from core.site import site_locale
from transfer import uploads
from transfer.exporting import downloads
from transfer.importing import old_files
from transfer.importing import run as importing
from transfer.importing.assign_thread import bring_comments, release
from transfer.importing.link_cards import make_cards
from transfer.importing.summary import examine as summary_of
from transfer.importing.undo_import import undo_import
from transfer.markdown_conversion import STEPS
from transfer.mirror import folder, write
from transfer.models import ExportFile, ImportRef, ImportRun, MarkdownConversion, MediaFetch, UrlCheck, UrlMiss
from transfer.models.long_task import LongTask
from transfer.url_check import check as ask
from transfer.url_check import paths_in
from transfer.wordpress.errors import Refused

MOST_URLS = 200_000  # that one check asks for
AT_ONCE = 20  # addresses between two looks at whether it was stopped
KEEP_UPLOADS = timedelta(days=30)
State = ImportRun.State


@job(queue="long")
def examine_run(number: int) -> None:
    """Read an uploaded file and write its summary."""
    run = ImportRun.objects.filter(pk=number, state=State.EXAMINING).first()
    if run is None:
        return
    with site_locale():
        try:
            former = {name: value for name, value in run.summary.items() if name == "former"}
            run.summary = summary_of(run, uploads.files(run.upload)) | former
        except Refused as refusal:
            fail(run, str(refusal))
            return
        except Exception as trouble:
            fail(run, f"{type(trouble).__name__}: {trouble}")
            raise
    run.state = State.WAITING
    run.save(update_fields=["summary", "state", "origin", "in_file", "notices"])


@contextmanager
def failure_recorded(task: LongTask) -> Iterator[None]:
    """Let the task's page say that it failed, and why, if the block raises an error; the error is raised on."""
    try:
        yield
    except Requeue:
        raise
    except Exception as error:
        task.end(LongTask.State.FAILED, f"{type(error).__name__}: {error}")
        raise


def fail(run: ImportRun, trouble: str) -> None:
    run.state, run.error = State.FAILED, trouble
    run.save(update_fields=["state", "error"])


@job(queue="long")
def bring_run(number: int) -> None:
    """Import an uploaded file, or go on with it."""
    run = ImportRun.objects.filter(pk=number, state=State.RUNNING).first()
    if run is None:
        return

    def should_stop() -> bool:
        return is_stopping() or not ImportRun.objects.filter(pk=number, state=State.RUNNING).exists()

    paths = uploads.files(run.upload)
    if not paths:
        with site_locale():
            fail(run, _("The uploaded file is not here any more. Upload it again."))
        return
    try:
        importing.run_import(run, paths, should_stop=should_stop)
    except importing.Cancelled:
        if is_stopping():
            ImportRun.objects.filter(pk=number).update(state=State.RUNNING)
            raise Requeue
    except Refused:
        pass  # the run says why


@job(queue="long")
def bring_thread(number: int) -> None:
    """Bring the comments of a thread that was assigned to a post by hand."""
    ref = ImportRef.objects.filter(pk=number).exclude(thing=None).select_related("run").first()
    if ref is None:
        return
    try:
        with site_locale():
            bring_comments(ref, Post.objects.get(pk=ref.thing or 0))
    except Post.DoesNotExist:
        release(ref)
    except Exception:
        release(ref)
        raise


@job(queue="long")
def undo_run(number: int) -> None:
    run = ImportRun.objects.filter(pk=number, state=State.UNDOING).first()
    if run is not None:
        with site_locale():
            undo_import(run)


@job(queue="long")
def make_link_cards(number: int) -> None:
    """Make the cards of links in the posts of an import. Safe to stop and to run twice."""
    run = ImportRun.objects.filter(pk=number, state=State.DONE).first()
    if run is not None:
        with site_locale():
            make_cards(run)


@job(queue="long")
def fetch_old_files(number: int) -> None:
    """Bring the files that are still at the old blog."""
    fetch = MediaFetch.objects.filter(pk=number, state=MediaFetch.State.RUNNING).first()
    if fetch is None:
        return
    owner = fetch.by or get_user_model().objects.owners().order_by("pk").first()
    shown = old_files.shown_files()

    def progress(done: int, total: int) -> bool:
        fetch.advance(done, total)
        return not (is_stopping() or fetch.is_cancelled())

    with site_locale(), failure_recorded(fetch):
        try:
            get = old_files.source_of(fetch, shown)
        except ValueError as trouble:
            fetch.end(MediaFetch.State.FAILED, str(trouble))
            return
        files = [*shown, *old_files.waiting_files(shown)]
        came = old_files.fetch_files(files, get, owner, progress, done=fetch.position)
    MediaFetch.objects.filter(pk=number).update(brought=F("brought") + came)
    if is_stopping():
        raise Requeue
    fetch.end(MediaFetch.State.DONE)
    if fetch.upload:
        uploads.delete_upload(fetch.upload)


@job(queue="long")
def convert_texts(number: int) -> None:
    """Try, turn or undo the texts of a conversion into Markdown, from where it stopped."""
    conversion = MarkdownConversion.objects.filter(pk=number, state=MarkdownConversion.State.RUNNING).first()
    if conversion is None:
        return
    with site_locale(), failure_recorded(conversion):
        for done, total in STEPS[conversion.step](conversion):
            conversion.advance(done, total)
            if is_stopping():
                raise Requeue
            if conversion.is_cancelled():
                return
        conversion.end(MarkdownConversion.State.DONE)


@job(queue="long")
def ask_old_urls(number: int) -> None:
    """Ask this blog for the addresses of the old one, from where it stopped."""
    check = UrlCheck.objects.filter(pk=number, state=UrlCheck.State.RUNNING).first()
    if check is None:
        return
    with site_locale(), failure_recorded(check):
        try:
            paths = [path for file in uploads.files(check.upload) for path in paths_in(file)][:MOST_URLS]
        except Refused as refusal:
            check.end(UrlCheck.State.FAILED, str(refusal))
            return
        for start in range(check.position, len(paths), AT_ONCE):
            if is_stopping():
                raise Requeue
            if check.is_cancelled():
                return
            answers = [ask(path) for path in paths[start : start + AT_ONCE]]
            with transaction.atomic():
                UrlMiss.objects.bulk_create(
                    UrlMiss(check_run=check, path=each.path[:2048], status=each.status, target=each.target[:2048])
                    for each in answers
                    if not each.is_fine
                )
                check.redirects += sum(bool(each.target) for each in answers)
                check.save(update_fields=["redirects"])
                check.advance(start + len(answers), len(paths))
        check.end(UrlCheck.State.DONE)


@daily
def delete_old_uploads() -> None:
    """Delete uploaded files 30 days after they came: they hold every address of the old blog."""
    folder = Path(settings.LONGRUN_DATA, "imports")
    running = ImportRun.objects.filter(state=State.RUNNING)
    kept = {key for run in running for key in (run.upload, *run.options.get("media_uploads", []))}
    for upload in folder.glob("*"):
        old = upload.stat().st_mtime < (timezone.now() - KEEP_UPLOADS).timestamp()
        if old and upload.name not in kept and uploads.KEY.fullmatch(upload.name):
            uploads.delete_upload(upload.name)


@job(queue="long")
def write_export(number: int) -> None:
    """Write an export that somebody asked for at the desk."""
    export = ExportFile.objects.filter(pk=number, state=ExportFile.State.RUNNING).first()
    if export is None:
        return
    with site_locale():
        try:
            downloads.build(export, is_stopping)
        except downloads.Interrupted:
            raise Requeue
        except downloads.Deleted:
            downloads.delete_export(export)
        except Exception as error:
            export.state, export.error = ExportFile.State.FAILED, f"{_('The export could not be written.')} {error}"
            export.save(update_fields=["state", "error"])
            raise


@minutely
def delete_old_exports() -> None:
    downloads.delete_old()


@job(queue="long")
def write_mirror() -> None:
    """Write the mirror, if something has changed since."""
    if not write.is_due():
        return
    with site_locale():
        try:
            write.write_mirror(is_stopping)
        except folder.Interrupted:
            raise Requeue
        except AlreadyLocked:
            pass  # a command writes it at this moment
        except OSError as error:
            write.failed(error)


@minutely
def update_mirror() -> None:
    """Ask for a writing of the mirror when something may have changed."""
    if write.is_due() and not is_queued(write_mirror):
        write_mirror.enqueue()
