"""Exports as files to download from the desk: the worker writes them into LONGRUN_DATA/exports/KEY, for a day."""

import shutil
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from blog.models import Media, Post
from comments.models import Comment
from transfer.exporting.files import write_parts
from transfer.exporting.json_export import json_parts
from transfer.exporting.markdown import write_folder
from transfer.exporting.wordpress import wxr_parts
from transfer.models import ExportFile

KEPT = timedelta(days=1)
REPORT_EVERY = 0.5  # seconds between two updates of the row
ENDINGS = {"wordpress": "xml", "markdown": "zip", "json": "json"}

State = ExportFile.State


class Interrupted(Exception):
    """The worker is stopping."""


class Deleted(Exception):
    """Somebody has deleted the export while it was written."""


def folder_of(export: ExportFile) -> Path:
    return Path(settings.LONGRUN_DATA, "exports", export.key)


def file_of(export: ExportFile) -> Path:
    return folder_of(export) / f"export.{ENDINGS[export.format]}"


def download_name(export: ExportFile) -> str:
    host = urlsplit(settings.LONGRUN_URL).hostname or "blog"
    day = timezone.localtime(export.created_at)
    return f"{host}-{export.format}-{day:%Y-%m-%d}.{ENDINGS[export.format]}"


def build(export: ExportFile, should_stop: Callable[[], bool]) -> None:
    """Write the file; the row says how far it is. Raises OSError, Interrupted, Deleted; what is half stays hidden."""
    folder = folder_of(export)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    export.total = Post.objects.count() + Comment.objects.count() + Media.objects.count()
    progress = Progress(export, should_stop)
    file = file_of(export)
    if export.format == ExportFile.Format.WORDPRESS:
        write_parts(file, wxr_parts(progress))
    elif export.format == ExportFile.Format.JSON:
        write_parts(file, json_parts(progress))
    else:
        write_zip(file, progress)
    export.state, export.size = State.DONE, file.stat().st_size
    export.save(update_fields=["state", "size"])


class Progress:
    """Called with each part that is written: counts, and tells the row now and then."""

    def __init__(self, export: ExportFile, should_stop: Callable[[], bool]) -> None:
        self.export, self.should_stop = export, should_stop
        self.done, self.reported_at = 0, 0.0

    def __call__(self, kind: str, number: int) -> None:
        self.done += number
        if time.monotonic() - self.reported_at < REPORT_EVERY:
            return
        self.reported_at = time.monotonic()
        if self.should_stop():
            raise Interrupted
        rows = ExportFile.objects.filter(pk=self.export.pk)
        if not rows.update(position=self.done, total=self.export.total):
            raise Deleted


def write_zip(file: Path, progress: Progress) -> None:
    """The folder of text files in one zip; what is compressed already is stored."""
    folder, part = file.with_name("text"), file.with_name(f"{file.name}.part")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        write_folder(folder, progress)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
            part.chmod(0o600)
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    name = path.relative_to(folder).as_posix()
                    is_media = name.startswith("static/")
                    packed.write(path, name, zipfile.ZIP_STORED if is_media else zipfile.ZIP_DEFLATED)
                    progress("packed", 0)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def delete_export(export: ExportFile) -> None:
    export.delete()
    shutil.rmtree(folder_of(export), ignore_errors=True)


def delete_old() -> None:
    """Delete exports after a day, and folders that have no row."""
    for export in ExportFile.objects.filter(created_at__lt=timezone.now() - KEPT):
        delete_export(export)
    folders = {path.name: path for path in Path(settings.LONGRUN_DATA, "exports").glob("*")}
    if folders:
        for name in set(folders) - set(ExportFile.objects.values_list("key", flat=True)):
            shutil.rmtree(folders[name], ignore_errors=True)
