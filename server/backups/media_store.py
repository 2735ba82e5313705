"""The media of all backups, each file once, called by its hash. What is there under its name is whole."""

from pathlib import Path

from server.backups.files import (
    HASH,
    MEDIA,
    PART,
    BackupFailed,
    check_space,
    chunks,
    file_hash,
    folder,
    make_folder,
    write_file,
)
from server.sqlite_copies import sync

TRIES = 3  # a file that is being replaced while we read it


def stored_path(found: str, place: Path | None = None) -> Path:
    """Where it is kept; `place` is the folder of backups, if it is not our own."""
    return (place or folder()) / MEDIA / found[:2] / found


def add_file(source: Path) -> str:
    """Keep this file, unless it is kept already and unharmed; its hash."""
    for _try in range(TRIES):
        found = file_hash(source)
        kept = stored_path(found)
        if kept.exists() and file_hash(kept) == found:
            return found
        make_folder(kept.parent)
        check_space(source.stat().st_size, kept.parent)
        part = kept.with_name(kept.name + PART)
        part.unlink(missing_ok=True)  # of a run that was killed
        with source.open("rb") as file:
            copied = write_file(part, chunks(file))
        if copied == found:
            part.replace(kept)
            sync(kept.parent)
            return found
        part.unlink()
    raise BackupFailed(f"{source} changes all the time")


def delete_all_but(wanted: set[str]):
    """Remove what no backup names any more, and what killed runs left."""
    for kept in (folder() / MEDIA).glob("*/*"):
        if HASH.fullmatch(kept.name.removesuffix(PART)) and kept.name not in wanted:
            kept.unlink()
