"""Backups: the whole blog as it was at one moment, made while it is served, and brought back into an empty folder.

    LONGRUN_DATA/backups/
        2026-11-23-041847/      one backup; the name is its moment in UTC
            manifest.json       when it was made and checked, how many rows each table has, the hash of the list
            SHA256SUMS          the hash of every file, as `sha256sum` writes it
            longrun.sqlite3     (longrun.dump on PostgreSQL) and secret_key
        media/ab/ab12…          every file of the media once, however many backups hold it, called by its hash
        lock, failed            who is at work; why the last try came to nothing

A backup is made in a folder whose name ends in ".part" and gets its own name when everything in it is checked and on
the disk: whatever kills it, a folder with a date for a name is whole. Media are shared by name rather than by hard
links, so that a damaged file of the blog cannot damage its backup, and any tool may carry the folder elsewhere.
"""

from server.backups.create import Interrupted, create_backup
from server.backups.files import BackupFailed
from server.backups.manifests import Backup, is_running, last_failure, latest, list_backups
from server.backups.restore import restore
from server.backups.verify import find, verify_backup
from server.backups.zip_download import stream

__all__ = [
    "Backup",
    "BackupFailed",
    "Interrupted",
    "list_backups",
    "verify_backup",
    "last_failure",
    "find",
    "latest",
    "create_backup",
    "restore",
    "stream",
    "is_running",
]
