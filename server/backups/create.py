"""Make a backup: copy the media, snapshot the database, copy media added since; verify, then rename the folder."""

import json
import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from core.file_locks import AlreadyLocked, exclusive_lock
from core.media_storage import Unreadable, media_storage
from server.backups import database, media_record, media_store
from server.backups.custom_files import write_custom_files
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
from server.backups.manifests import NAME, Backup, is_without_library, latest, list_backups, lock
from server.backups.retention import select_kept
from server.sqlite_copies import sync

logger = logging.getLogger(__name__)


class Interrupted(Exception):
    """`should_stop` asked to stop: no backup was made, and the existing ones are unchanged."""


def create_backup(should_stop=lambda: False, *, read_all=False, without_media=False) -> Backup:
    """Make and verify a backup, then delete the old ones by `retention`. Raises BackupFailed or Interrupted.

    With `read_all` every media file and its stored copy are read, also those that have not changed since the last one.
    `without_media`: also if the media library has files and none of them is there.
    """
    try:
        make_folder(folder())
        with exclusive_lock(lock()):
            delete_partial_backups()
            backup = write_backup(should_stop, read_all, without_media)
            delete_old_backups()
    except AlreadyLocked:
        raise BackupFailed("another backup is being made") from None
    except (BackupFailed, OSError) as error:
        record_failure(error)
        raise BackupFailed(f"no backup was made: {error}") from error
    (folder() / "failed").unlink(missing_ok=True)
    return backup


def write_backup(should_stop, read_all, without_media):
    known, read = ({}, None) if read_all else media_record.load_record()
    read, moment = read or timezone.now(), unused_moment()
    part = folder() / (moment.strftime(NAME) + PART)
    make_folder(part)
    try:
        media = write_contents(part, moment, known, should_stop, without_media)
        final = part.with_name(moment.strftime(NAME))
        part.replace(final)
        sync(folder())
        media_record.save_record(media, read)
    finally:
        if part.exists():  # it failed, perhaps because the disk is full
            remove(part)
    return Backup(final)


def write_contents(part, moment, known, should_stop, without_media):
    """Returns what is known of the media files now."""
    # Copy media before and after the database: a file that a row names was there before the snapshot or is there after.
    media = keep_media(known, should_stop)
    file, tables = database.dump(part)
    media |= keep_media(media, should_stop)
    if not without_media:
        check_library(tables, media)
    own, own_size, left_out = write_custom_files(part)
    if left_out:
        logger.warning("not in the backup, since they are links, or have odd names: %s", ", ".join(left_out))
    sums = {file.name: file_hash(file)} | secret_key(part) | own | {name: kept.found for name, kept in media.items()}
    size = file.stat().st_size + own_size + sum(kept.size for kept in media.values())
    about = {
        "format": FORMAT if own else 1,  # an earlier Longrun still reads what it knows
        "made": moment.isoformat(),
        "checked": timezone.now().isoformat(timespec="seconds"),
        "bytes": size,
        "files": len(media),
        "custom_files": len(own),
        "left_out": left_out,
        "list": write_file(part / SUMS, [format_sums(sums)]),
        "tables": tables,
    }
    write_file(part / MANIFEST, [json.dumps(about, indent=1).encode()])
    sync(part)
    return media


def check_library(tables, media):
    """A backup without the media would take the place of those that have them. Raises BackupFailed.

    It is made if the newest one has none either: that one was asked for (`without_media`), or a drill has named it.
    """
    newest = latest()
    if not is_without_library(tables, media) or (newest and lacks_library(newest)):
        return
    storage = media_storage()
    raise BackupFailed(
        f"the media library has {tables['blog_media']:,} files, and none of them is at "
        f"{storage.endpoint_url if storage.is_remote else storage.location}: is their disk mounted? Earlier backups "
        "are kept. If the files are lost for good, `manage.py backup --without-media` goes on without them"
    )


def lacks_library(backup):
    try:
        return is_without_library(backup.manifest["tables"], backup.sums)
    except BackupFailed:  # it is damaged
        return False


def keep_media(known, should_stop):
    """Store all media files. Returns {name in the backup: KnownFile}. Raises BackupFailed or Interrupted."""
    found = {}
    try:
        for stored, facts in media_storage().files():
            if should_stop():
                raise Interrupted
            name = f"{MEDIA}/{stored}"
            if not is_valid_name(name):
                raise BackupFailed(f"{stored} has a name that no list of files can hold: give it another one")
            try:
                found[name] = keep_file(stored, facts.signs, known.get(name))
            except FileNotFoundError:  # deleted since it was listed
                continue
    except Unreadable as trouble:
        raise BackupFailed(str(trouble)) from trouble
    sync_store()
    return found


def keep_file(name, facts, known):
    """Store a file. It is not read if neither it nor its stored copy has changed since they were `known`."""
    if known and known.settled and known.facts == facts and media_store.stored_facts(known.found) == known.stored:
        return known
    settled = media_record.is_settled(facts)  # before it is read: what changes it from now on changes its facts
    found = media_store.add_file(name)
    return media_record.KnownFile(facts, found, media_store.stored_facts(found), settled)


def sync_store():
    """Sync the directories of the media store; files and their own directories are synced as they are written."""
    place = folder() / MEDIA
    if place.exists():
        sync(place)
        sync(folder())


def secret_key(part):
    """Back the key up too: without it links in emails already sent, and readers' signed cookies, become invalid."""
    key = settings.LONGRUN_DATA / SECRET_KEY
    if not key.exists():  # it is set in the environment
        return {}
    with key.open("rb") as file:
        return {SECRET_KEY: write_file(part / SECRET_KEY, chunks(file))}


def unused_moment():
    """Now, in whole seconds; later if a backup of that second exists already."""
    now = datetime.now(UTC).replace(microsecond=0)
    while (folder() / now.strftime(NAME)).exists():
        now += timedelta(seconds=1)
    return now


def delete_partial_backups():
    """Delete what killed runs have left."""
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
    """Delete media that no backup lists. If the list of one backup cannot be read, delete nothing: it may list any."""
    try:
        wanted = {found for backup in backups for found in backup.sums.values()}
    except BackupFailed as damage:
        logger.warning("an old backup is damaged, so no media are let go: %s", damage)
    else:
        media_store.delete_all_but(wanted)


def record_failure(error):
    """Save the failure for the desk. If it cannot be written, it is still logged and raised."""
    logger.error("no backup was made: %s", error)
    said = {"when": timezone.now().isoformat(timespec="seconds"), "why": str(error)}
    try:
        (folder() / "failed").write_text(json.dumps(said), encoding="utf-8")
    except OSError as trouble:
        logger.error("that could not be written down either: %s", trouble)
