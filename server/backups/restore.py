"""Restore a backup into a data folder. Everything is verified before the first byte is written."""

import shutil
from pathlib import Path

from server.backups.files import (
    MEDIA,
    PART,
    POSTGRES,
    SECRET_KEY,
    SQLITE,
    BackupFailed,
    check_space,
    chunks,
    make_folder,
    write_file,
)
from server.backups.verify import verify_backup
from server.sqlite_copies import sync

TEMP_FOLDER = f"restoring{PART}"  # the folder in which it is built: a killed restore leaves this and nothing else


def restore(backup, into: Path) -> list[str]:
    """Restore into an empty folder. Returns the sorted names of what it then contains. Raises BackupFailed."""
    check_target_is_empty(into)
    sums = verify_backup(backup)
    temporary = into / TEMP_FOLDER
    try:
        make_folder(into)
        check_space(backup.manifest["bytes"], into)
        shutil.rmtree(temporary, ignore_errors=True)
        make_folder(temporary)
        try:
            for name, wanted in sums.items():
                extract(backup, name, temporary / name, wanted)
            move_into_place(temporary, into)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)
        sync(into)
    except OSError as error:
        raise BackupFailed(f"{into} could not be written: {error}") from error
    return sorted(path.name for path in into.iterdir())


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


def move_into_place(temporary, into):
    """Move the database last: without it the folder does not look like a blog."""
    for name in (MEDIA, SECRET_KEY, POSTGRES, SQLITE):
        if (temporary / name).exists():
            (temporary / name).replace(into / name)
