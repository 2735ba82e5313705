"""The media of all backups: each file once, named by its SHA-256. A file under its final name is complete."""

from pathlib import Path

from server.backups import media_record
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

TRIES = 3  # a file may be replaced while it is read


def stored_path(found: str, place: Path | None = None) -> Path:
    """Where the file with this hash is stored; `place` is another folder of backups than this blog's."""
    return (place or folder()) / MEDIA / found[:2] / found


def stored_facts(found: str):
    """The facts of the stored file with this hash, to compare; None if there is none."""
    try:
        return media_record.file_facts(stored_path(found))
    except FileNotFoundError:
        return None


def add_file(source: Path) -> str:
    """Store a file unless an undamaged copy is stored already. Returns its hash. Raises BackupFailed."""
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
    """Delete files whose hash is not in `wanted`, and what killed runs left."""
    for kept in (folder() / MEDIA).glob("*/*"):
        if HASH.fullmatch(kept.name.removesuffix(PART)) and kept.name not in wanted:
            kept.unlink()
