"""Restore a backup into a data folder. Everything is verified before the first byte is written.

What is missing or damaged is left out and named, unless it is the database: one lost picture is no reason to be without
the blog. Nothing is written outside the folder.
"""

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from server.backups.files import (
    APPS,
    MEDIA,
    PART,
    POSTGRES,
    SECRET_KEY,
    SQLITE,
    TEMPLATES,
    BackupFailed,
    check_space,
    chunks,
    make_folder,
    write_file,
)
from server.backups.manifests import Backup
from server.backups.verify import compare_rows, damaged_files
from server.sqlite_copies import open_immutable, sync

TEMP_FOLDER = f"restoring{PART}"  # the folder in which it is built: a killed restore leaves this and nothing else
RECEIPT = "not_restored.txt"


@dataclass(frozen=True)
class Restored:
    """What a folder contains after a restore; `missing`: {name of a file: why it was left out}."""

    names: list[str]
    missing: dict[str, str]


def restore(backup, into: Path, *, strict=False) -> Restored:
    """Restore into an empty folder. With `strict` a backup that is not complete is refused. Raises BackupFailed."""
    check_target_is_empty(into)
    missing = damaged_files(backup)
    for name, why in missing.items():
        if strict or name in (SQLITE, POSTGRES):
            raise BackupFailed(f"{name} {why}")
    if SQLITE in backup.sums and isinstance(backup, Backup):
        compare_rows(backup, backup.path / SQLITE)
    was_there = into.exists()
    try:
        build(backup, into, missing)
    except BackupFailed:
        if not was_there:
            into.rmdir()
        raise
    except OSError as error:
        raise BackupFailed(f"{into} could not be written: {error}") from error
    return Restored(sorted(path.name for path in into.iterdir()), missing)


def build(backup, into, missing):
    """Write all files into a temporary folder of the target, then move them to their places."""
    temporary = into / TEMP_FOLDER
    make_folder(into)
    try:
        check_space(backup.manifest["bytes"], into)
        shutil.rmtree(temporary, ignore_errors=True)
        make_folder(temporary)
        for name, wanted in backup.sums.items():
            if name not in missing:
                extract(backup, name, temporary / name, wanted)
        if SQLITE in backup.sums and not isinstance(backup, Backup):  # a zip: SQLite can only open a file
            compare_rows(backup, temporary / SQLITE)
        if missing:
            write_file(temporary / RECEIPT, [receipt(missing, temporary / SQLITE).encode()])
        move_into_place(temporary, into)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    sync(into)


def check_target_is_empty(into):
    if into.exists() and not into.is_dir():
        raise BackupFailed(f"{into} is a file")
    there = sorted(path.name for path in into.glob("*") if path.name != TEMP_FOLDER) if into.exists() else []
    if there:
        raise BackupFailed(f"{into} is not empty ({', '.join(there[:3])}): restore into an empty folder")


def extract(backup, name, path, wanted):
    make_folder(path.parent)
    with backup.open(name) as file:
        found = write_file(path, chunks(file))
    if found != wanted:
        raise BackupFailed(f"{name} changed while it was read")
    sync(path.parent)


def receipt(missing, file):
    """A line for each file that was left out: its name in the data folder, what it is at the desk, and why."""
    titles = media_titles(file) if file.exists() else {}
    lines = []
    for name, why in missing.items():
        title = titles.get(PurePosixPath(name).parent.name)
        lines.append(f"{name}{f' (“{title}”)' if title else ''} {why}\n")
    return "".join(lines)


def media_titles(file):
    """{name of the folder of a media file: its title at the desk}."""
    try:
        with closing(open_immutable(file)) as rows:
            return dict(rows.execute("SELECT name, title FROM blog_media"))
    except sqlite3.Error:  # a backup of another version
        return {}


def move_into_place(temporary, into):
    """Move the database last: without it the folder does not look like a blog."""
    for name in (MEDIA, TEMPLATES, APPS, SECRET_KEY, RECEIPT, POSTGRES, SQLITE):
        if (temporary / name).exists():
            (temporary / name).replace(into / name)
