"""The media of all backups: each file once, named by its SHA-256. A file under its final name is complete."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from core.media_storage import MediaStorage, media_storage
from server.backups import media_record
from server.backups.files import (
    HASH,
    MEDIA,
    PART,
    BackupFailed,
    check_space,
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


def add_file(name: str) -> str:
    """Store a file of the storage of media unless an undamaged copy is stored already. Returns its hash.

    Raises BackupFailed."""
    storage = media_storage()
    if storage.is_remote:
        return download(name, storage)
    for _try in range(TRIES):
        found = hash_of(storage.read(name))
        kept = stored_path(found)
        if kept.exists() and file_hash(kept) == found:
            return found
        make_folder(kept.parent)
        check_space(storage.facts(name).size, kept.parent)
        part = kept.with_name(kept.name + PART)
        part.unlink(missing_ok=True)  # of a run that was killed
        if write_file(part, storage.read(name)) == found:
            part.replace(kept)
            sync(kept.parent)
            return found
        part.unlink()
    raise BackupFailed(f"{name} changes all the time")


def download(name: str, storage: MediaStorage) -> str:
    """The same for a file that comes over the network: it is read once."""
    place = folder() / MEDIA
    make_folder(place)
    check_space(storage.facts(name).size, place)
    part = place / f"download{PART}"
    part.unlink(missing_ok=True)  # of a run that was killed
    found = write_file(part, storage.read(name))
    kept = stored_path(found)
    if kept.exists() and file_hash(kept) == found:
        part.unlink()
        return found
    make_folder(kept.parent)
    part.replace(kept)
    sync(kept.parent)
    return found


def hash_of(pieces: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for data in pieces:
        digest.update(data)
    return digest.hexdigest()


def delete_all_but(wanted: set[str]):
    """Delete files whose hash is not in `wanted`, and what killed runs left."""
    for kept in (folder() / MEDIA).glob("*/*"):
        if HASH.fullmatch(kept.name.removesuffix(PART)) and kept.name not in wanted:
            kept.unlink()
