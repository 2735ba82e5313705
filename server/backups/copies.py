"""Copy backups to BACKUP_TO, with the rotation that they have here; and fetch one from there.

Only what is not there yet is sent, and the manifest of a backup last: a copy that breaks off goes on from where it was,
and what is not complete is never taken for a backup.
"""

import hashlib
import json
import logging
from datetime import UTC, datetime

from django.conf import settings
from django.utils import timezone

from core.file_locks import AlreadyLocked, exclusive_lock
from server.backups import media_store
from server.backups.create import Interrupted
from server.backups.destination import IDENTITY, Destination, copies_address
from server.backups.encryption import OBJECTS, DamagedCopy, EncryptedCopies, open_copies
from server.backups.files import (
    MANIFEST,
    MEDIA,
    PART,
    SUMS,
    BackupFailed,
    check_space,
    file_hash,
    folder,
    make_folder,
    parse_sums,
    remove,
    write_file,
)
from server.backups.manifests import NAME, PATTERN, Backup, list_backups, lock
from server.backups.retention import select_kept
from server.sqlite_copies import sync

logger = logging.getLogger(__name__)

COPYING = "copying"  # the lock, and what begins the names of files that are under way


def send_backups(should_stop=lambda: False, *, had_copies=False) -> str:
    """Send the backups that are kept and not there yet, the newest first; then delete what is not kept there any more.
    Returns the name of the newest one there. Raises BackupFailed or Interrupted.

    `had_copies`: there were some, so that an empty folder is the place where a disk is not mounted.
    """
    make_folder(folder())
    try:
        with exclusive_lock(folder() / COPYING):
            destination = Destination(settings.BACKUP_TO)
            if had_copies and not destination.storage.is_remote and not destination.names():
                raise BackupFailed(
                    f"{destination.label} is empty, and copies were made there: is its disk mounted? If you emptied "
                    f"it, delete {folder() / 'copied.json'}"
                )
            copies = open_copies(destination, create=True)
            damaged = send_missing(copies, should_stop)
            rotate(copies)
    except AlreadyLocked:
        raise BackupFailed("another process is copying the backups") from None
    except OSError as error:  # of this disk: what the other one says is translated already
        raise BackupFailed(str(error)) from error
    if damaged:
        raise BackupFailed(
            f"{len(damaged):,} files of the backups here are damaged and were not copied, such as {damaged[0]}: "
            "`manage.py backup --verify` reads them all again"
        )
    return next(iter(copies.complete()), "")


def send_missing(copies, should_stop):
    """Returns the names of files that are damaged here."""
    here = {backup.name: backup for backup in list_backups() if not backup.problem}
    kept = kept_names({*here, *copies.complete()})
    damaged = []
    for name in sorted(kept - set(copies.complete()), reverse=True):
        damaged += send_backup(copies, here[name], should_stop)
    return damaged


def kept_names(names):
    moments = {datetime.strptime(name, NAME).replace(tzinfo=UTC): name for name in names}
    return {moments[moment] for moment in select_kept(moments, timezone.now())}


def send_backup(copies, backup, should_stop):
    """Returns the names of files that are damaged here. With a damaged database the backup is not sent."""
    damaged = []
    for digest in dict.fromkeys(found for name, found in backup.sums.items() if name.startswith(f"{MEDIA}/")):
        if should_stop():
            raise Interrupted
        if not send_file(copies, copies.media(digest), media_store.stored_path(digest), digest):
            damaged.append(f"{MEDIA}/{digest[:2]}/{digest}")
    for name, digest in backup.sums.items():
        if name.startswith(f"{MEDIA}/"):
            continue
        if should_stop():
            raise Interrupted
        if not send_file(copies, copies.stored(f"{backup.name}/{name}"), backup.path / name, digest):
            return [*damaged, f"{backup.name}/{name}"]
    if isinstance(copies, EncryptedCopies):
        copies.send(f"{backup.name}/{IDENTITY}", copies.sealed, len(copies.sealed))
        send_objects(copies, backup)
    for name in (SUMS, MANIFEST):
        copies.put(copies.stored(f"{backup.name}/{name}"), backup.path / name)
    return damaged


def send_file(copies, stored, path, digest):
    """Send a file unless it is there. Returns whether it is whole here."""
    try:
        if copies.has(stored, path.stat().st_size):
            return True
        if file_hash(path) != digest:
            return False
    except FileNotFoundError:
        return False
    copies.put(stored, path)
    return True


def send_objects(copies, backup):
    """Which encrypted file is which of the backup's media, for restoring it with the program age alone."""
    part = folder() / f"{OBJECTS}{PART}"
    part.unlink(missing_ok=True)  # of a run that was killed
    media = {name: found for name, found in backup.sums.items() if name.startswith(f"{MEDIA}/")}
    try:
        write_file(part, ["".join(f"{copies.media(found)}  {name}\n" for name, found in media.items()).encode()])
        copies.put(copies.stored(f"{backup.name}/{OBJECTS}"), part)
    finally:
        part.unlink(missing_ok=True)


def rotate(copies):
    """Delete backups that are not kept, manifest first, and media that no backup there lists."""
    complete = copies.complete()
    kept = kept_names(complete)
    gone = [name for name in copies.names if PATTERN.fullmatch(name.partition("/")[0])]
    gone = [name for name in gone if name.partition("/")[0] not in kept]
    manifest = copies.stored(MANIFEST)
    copies.delete(sorted(gone, key=lambda name: not name.endswith(f"/{manifest}")))
    here = {backup.name: backup for backup in list_backups()}
    try:
        wanted = {copies.media(found) for name in kept for found in sums_of(copies, name, here.get(name)).values()}
    except BackupFailed as damage:
        logger.warning("a copy of a backup cannot be read, so no media are deleted there: %s", damage)
    else:
        copies.delete([name for name in copies.names if name.startswith(f"{MEDIA}/") and name not in wanted])


def sums_of(copies, name, backup):
    """{name: hash} of a backup there, which is also here, or was once."""
    if backup is not None and not backup.problem:
        return backup.sums
    manifest, text = (copies.read(copies.stored(f"{name}/{each}")) for each in (MANIFEST, SUMS))
    check_list(name, manifest, text)
    return parse_sums(text)


def check_list(name, manifest, text):
    try:
        wanted = json.loads(manifest)["list"]
    except (ValueError, KeyError, TypeError) as error:
        raise BackupFailed(f"{MANIFEST} of {name} cannot be read: {error!r}") from error
    if hashlib.sha256(text).hexdigest() != wanted:
        raise BackupFailed(f"{SUMS} of {name} is not the list that was written when it was made")


def fetch_backup(said, address="", say=lambda line: None) -> Backup:
    """Fetch a backup from `address` (default: BACKUP_TO) into the folder of backups here, each file compared by hash.
    `said`: its name, or "last". Raises BackupFailed. What has been fetched is not fetched again by the next call.

    A media file that is missing there or damaged is left out; `restore` names it.
    """
    copies = open_copies(Destination(copies_address(address), "the address"))
    complete = copies.complete()
    name = complete[0] if said == "last" and complete else said
    if name not in complete:
        raise BackupFailed(
            f"there is no backup {said!r} at {copies.destination.label}. The newest ones: "
            f"{', '.join(complete[:5]) or 'none'}"
        )
    make_folder(folder())
    try:
        with exclusive_lock(lock()):
            return fetch_files(copies, name, say)
    except AlreadyLocked:
        raise BackupFailed("a backup is being made") from None
    except OSError as error:
        raise BackupFailed(f"it could not be fetched: {error}") from error


def fetch_files(copies, name, say):
    part, final = folder() / f"{name}{PART}", folder() / name
    if part.exists():  # of a run that was killed
        remove(part)
    make_folder(part)
    for each in (MANIFEST, SUMS):
        fetch_file(copies, copies.stored(f"{name}/{each}"), part / each)
    backup = Backup(part)
    check_space(backup.manifest["bytes"], folder())
    for each, digest in backup.sums.items():
        if not each.startswith(f"{MEDIA}/"):
            make_folder((part / each).parent)
            stored = copies.stored(f"{name}/{each}")
            if fetch_file(copies, stored, part / each) != digest:
                raise BackupFailed(f"{stored} at {copies.destination.label} is damaged: take an older backup")
    media = dict.fromkeys(found for each, found in backup.sums.items() if each.startswith(f"{MEDIA}/"))
    for number, digest in enumerate(media, 1):
        fetch_media(copies, digest)
        if number % 100 == 0:
            say(f"{number:,} of {len(media):,} files")
    former = folder() / f"{name}.former{PART}"
    if final.exists():
        final.replace(former)
    part.replace(final)
    sync(folder())
    if former.exists():
        remove(former)
    return Backup(final)


def fetch_media(copies, digest):
    kept, stored = media_store.stored_path(digest), copies.media(digest)
    if stored not in copies.names or (kept.exists() and file_hash(kept) == digest):
        return
    make_folder(kept.parent)
    part = kept.with_name(kept.name + PART)
    try:
        found = fetch_file(copies, stored, part)
    except DamagedCopy:
        found = None
    if found == digest:
        part.replace(kept)
        sync(kept.parent)
    else:
        logger.warning("%s at %s is damaged", stored, copies.destination.label)
        part.unlink(missing_ok=True)


def fetch_file(copies, stored, path):
    """Write it to a file of this machine. Returns its SHA-256."""
    path.unlink(missing_ok=True)  # of a run that was killed
    write_file(path, [])
    with path.open("wb") as file:
        copies.read_into(stored, file)
    sync(path)
    return file_hash(path)
