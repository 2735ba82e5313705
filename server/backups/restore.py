"""A backup becomes a data folder again. Everything is checked before the first byte is written."""

import shutil
from pathlib import Path

from server.backups.files import (
    MEDIA,
    PART,
    POSTGRES,
    SECRET_KEY,
    SQLITE,
    BackupFailed,
    chunks,
    make_folder,
    room_for,
)
from server.backups.files import write as write_file
from server.backups.verify import check
from server.sqlite_copies import sync

COMING = f"restoring{PART}"  # the folder in which it is built: a killed restore leaves this and nothing else


def restore(backup, into: Path) -> list[str]:
    """Bring it back into an empty folder; the names of what lies there now. Raises BackupFailed."""
    refuse_what_is_used(into)
    sums = check(backup)
    coming = into / COMING
    try:
        make_folder(into)
        room_for(backup.manifest["bytes"], into)
        shutil.rmtree(coming, ignore_errors=True)
        make_folder(coming)
        try:
            for name, wanted in sums.items():
                write(backup, name, coming / name, wanted)
            settle(coming, into)
        finally:
            shutil.rmtree(coming, ignore_errors=True)
        sync(into)
    except OSError as error:
        raise BackupFailed(f"{into} could not be written: {error}") from error
    return sorted(path.name for path in into.iterdir())


def refuse_what_is_used(into):
    if into.exists() and not into.is_dir():
        raise BackupFailed(f"{into} is a file")
    there = sorted(path.name for path in into.glob("*") if path.name != COMING) if into.exists() else []
    if there:
        raise BackupFailed(
            f"{into} is not empty ({', '.join(there[:3])}): a backup comes back into a folder of its own"
        )


def write(backup, name, path, wanted):
    make_folder(path.parent)
    with backup.open(name) as file:
        found = write_file(path, chunks(file))
    if found != wanted:
        raise BackupFailed(f"{name} changed while it was read")
    sync(path.parent)


def settle(coming, into):
    """The database comes last: without it nobody takes the folder for a blog."""
    for name in (MEDIA, SECRET_KEY, POSTGRES, SQLITE):
        if (coming / name).exists():
            (coming / name).replace(into / name)
