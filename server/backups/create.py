"""Make a backup: the media, the database of one moment, what came to the media meanwhile; checked, then named."""

import json
import logging
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.file_locks import AlreadyLocked, exclusive_lock
from server.backups import database, media_store
from server.backups.files import (
    FORMAT,
    MANIFEST,
    MEDIA,
    PART,
    SECRET_KEY,
    SUMS,
    BackupFailed,
    chunks,
    file_hash,
    folder,
    format_sums,
    is_valid_name,
    make_folder,
    remove,
    write_file,
)
from server.backups.manifests import NAME, Backup, list_backups, lock
from server.backups.retention import select_kept
from server.sqlite_copies import sync

logger = logging.getLogger(__name__)


class Interrupted(Exception):
    """Whoever asked for the backup wants to stop; nothing came of it, and nothing is lost."""


def create_backup(should_stop=lambda: False) -> Backup:
    """A new backup, checked; the old ones that rotation lets go are gone. Raises BackupFailed or Interrupted."""
    try:
        make_folder(folder())
        with exclusive_lock(lock()):
            delete_partial_backups()
            backup = write_backup(should_stop)
            delete_old_backups()
    except AlreadyLocked:
        raise BackupFailed("another backup is being made") from None
    except (BackupFailed, OSError) as error:
        record_failure(error)
        raise BackupFailed(f"no backup was made: {error}") from error
    (folder() / "failed").unlink(missing_ok=True)
    return backup


def write_backup(should_stop):
    moment = unused_moment()
    part = folder() / (moment.strftime(NAME) + PART)
    make_folder(part)
    try:
        write_contents(part, moment, should_stop)
        final = part.with_name(moment.strftime(NAME))
        part.replace(final)
        sync(folder())
    finally:
        if part.exists():  # it failed, perhaps because the disk is full
            remove(part)
    return Backup(final)


def write_contents(part, moment, should_stop):
    # The media stand on both sides of the database: whatever a row of it names was there before or is there after.
    media = keep_media({}, should_stop)
    file, tables = database.dump(part)
    media = keep_media(media, should_stop)
    sums = {file.name: file_hash(file)} | secret_key(part) | {name: found for name, (_seen, found) in media.items()}
    size = file.stat().st_size + sum(seen[0] for seen, _found in media.values())
    about = {
        "format": FORMAT,
        "made": moment.isoformat(),
        "checked": timezone.now().isoformat(timespec="seconds"),
        "bytes": size,
        "files": len(media),
        "list": write_file(part / SUMS, [format_sums(sums)]),
        "tables": tables,
    }
    write_file(part / MANIFEST, [json.dumps(about, indent=1).encode()])
    sync(part)


def keep_media(known, should_stop):
    """{name in a backup: (what the file looked like, hash)}: what looks as in `known` is not read again."""
    root, found = Path(settings.MEDIA_ROOT), {}
    for path in media_files(root):
        if should_stop():
            raise Interrupted
        name = f"{MEDIA}/{path.relative_to(root).as_posix()}"
        if not is_valid_name(name):
            raise BackupFailed(f"{path} has a name that no list of files can hold: give it another one")
        try:
            facts = path.stat()
            seen = (facts.st_size, facts.st_mtime_ns)
            found[name] = known[name] if known.get(name, [()])[0] == seen else (seen, media_store.add_file(path))
        except FileNotFoundError:  # deleted while we looked
            continue
    sync_store()
    return known | found


def media_files(root):
    """Every file below the folder that has its place: what begins with a dot is still being uploaded.

    A folder may be a link to another disk; a link to a file is nobody's upload.
    """
    for where, folders, files in os.walk(root, onerror=raise_unreadable, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        check_symlink_loop(Path(where))
        for path in (Path(where, name) for name in sorted(files)):
            if path.is_symlink() and not path.exists():
                raise BackupFailed(f"{path} leads to {path.readlink()}, which is not there: is its disk mounted?")
            if not path.is_symlink():
                yield path


def raise_unreadable(error):
    if not isinstance(error, FileNotFoundError):  # deleted while we looked, or nothing was uploaded yet
        raise BackupFailed(f"{error.filename} cannot be read: {error.strerror}") from error


def check_symlink_loop(folder):
    if folder.is_symlink() and folder.parent.resolve().is_relative_to(folder.resolve()):
        raise BackupFailed(f"{folder} leads to a folder that it lies in: remove that link")


def sync_store():
    """The names of the folders in it; those of the files are written through one by one."""
    place = folder() / MEDIA
    if place.exists():
        sync(place)
        sync(folder())


def secret_key(part):
    """Without it the links in letters that were sent, and the readers' signed cookies, would be worth nothing."""
    key = settings.LONGRUN_DATA / SECRET_KEY
    if not key.exists():  # it stands in the environment
        return {}
    with key.open("rb") as file:
        return {SECRET_KEY: write_file(part / SECRET_KEY, chunks(file))}


def unused_moment():
    """Now, to the second: a second later than the last one, if that was made within the same."""
    now = datetime.now(UTC).replace(microsecond=0)
    while (folder() / now.strftime(NAME)).exists():
        now += timedelta(seconds=1)
    return now


def delete_partial_backups():
    """What killed runs have left."""
    for part in folder().glob(f"*{PART}"):
        if part.is_dir():
            remove(part)


def delete_old_backups():
    kept = list_backups()
    stay = select_kept([backup.made for backup in kept], timezone.now())
    for backup in kept:
        if backup.made not in stay:
            remove(backup.path)
    delete_unused_media(backup for backup in kept if backup.made in stay)


def delete_unused_media(backups):
    """What no backup names. One whose list cannot be read may name anything: then nothing is forgotten."""
    try:
        wanted = {found for backup in backups for found in backup.sums.values()}
    except BackupFailed as damage:
        logger.warning("an old backup is damaged, so no media are let go: %s", damage)
    else:
        media_store.delete_all_but(wanted)


def record_failure(error):
    """For the desk. Where even this cannot be written, the log and the caller have it."""
    logger.error("no backup was made: %s", error)
    said = {"when": timezone.now().isoformat(timespec="seconds"), "why": str(error)}
    try:
        (folder() / "failed").write_text(json.dumps(said), encoding="utf-8")
    except OSError as trouble:
        logger.error("that could not be written down either: %s", trouble)
