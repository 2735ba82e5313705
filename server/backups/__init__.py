"""Backups: a consistent snapshot of the whole blog, made while it is served, and restored into an empty folder.

    LONGRUN_DATA/backups/
        2026-11-23-041847/      one backup; the name is the time in UTC
            manifest.json       when it was made and verified, the rows of each table, the hash of SHA256SUMS
            SHA256SUMS          the hash of every file, as `sha256sum` writes it
            longrun.sqlite3     (longrun.dump on PostgreSQL) and secret_key
            templates, apps     of the owner, as they lie in the data folder
        media/ab/ab12…          each media file once, named by its hash, shared by all backups
        media_record            facts of the media files at the last backup: what has not changed is not read again
        lock, failed            the lock while a backup is made; when and why the last attempt failed
        copying, copied.json    the lock while backups are copied elsewhere (BACKUP_TO); what came of that

A backup is made in a folder whose name ends in ".part", which is renamed when everything in it is verified and synced
to disk: if the process is killed, every folder named by a date is still complete. Media are stored as copies rather
than hard links, so that a damaged file of the blog cannot damage its backup, and any tool can copy the folder.
"""

from server.backups.copies import fetch_backup
from server.backups.copy_record import Copied, copies_elsewhere, copy_backups
from server.backups.create import Interrupted, create_backup
from server.backups.drill import last_drill, run_drill, run_drill_of_copy
from server.backups.files import BackupFailed, folder
from server.backups.manifests import Backup, is_running, last_failure, latest, list_backups
from server.backups.restore import restore
from server.backups.verify import damaged_files, find, verify_backup, verify_rows
from server.backups.zip_download import stream

__all__ = [
    "Backup",
    "BackupFailed",
    "Copied",
    "copies_elsewhere",
    "copy_backups",
    "fetch_backup",
    "Interrupted",
    "list_backups",
    "damaged_files",
    "verify_backup",
    "verify_rows",
    "last_failure",
    "find",
    "folder",
    "latest",
    "last_drill",
    "run_drill",
    "run_drill_of_copy",
    "create_backup",
    "restore",
    "stream",
    "is_running",
]
