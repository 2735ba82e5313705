"""Verify that a backup, as a folder or as the zip downloaded from the desk, is unchanged since it was made."""

import tempfile
import zipfile
from pathlib import Path

from server.backups import database
from server.backups.files import MANIFEST, SQLITE, UNREADABLE, BackupFailed, chunks, sha256, write_file
from server.backups.manifests import Backup, latest, list_backups, read_manifest, read_sums


class ZippedBackup:
    """A backup downloaded from the desk: a zip whose files have the names that they have in a data folder."""

    def __init__(self, path: Path):
        try:
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise BackupFailed(f"{path} is not a readable zip file: {error}") from error
        self.name = path.name
        self.manifest = read_manifest(self)
        self.sums = read_sums(self)

    def open(self, name):
        return self.zip.open(name)


def find(said: str):
    """A backup by name, folder or zip file; "last" is the newest one. Raises BackupFailed."""
    if said == "last" and (newest := latest()):
        return newest
    for backup in list_backups():
        if said == backup.name:
            return backup
    path = Path(said)
    if path.is_file():
        return ZippedBackup(path)
    if (path / MANIFEST).is_file():
        return Backup(path.resolve())
    names = ", ".join(backup.name for backup in list_backups()[:5]) or "none"
    raise BackupFailed(f"there is no backup {said!r}. The newest ones: {names}")


def verify_backup(backup) -> dict[str, str]:
    """Compare the hash of every file and the row counts of the database. Returns {name: hash}. Raises BackupFailed."""
    sums = backup.sums
    for name, wanted in sums.items():
        try:
            with backup.open(name) as file:
                found = sha256(file)
        except UNREADABLE as error:
            raise BackupFailed(f"{name} cannot be read: {error}") from error
        if found != wanted:
            raise BackupFailed(f"{name} is damaged: it is not what was written when the backup was made")
    if SQLITE in sums:
        verify_rows(backup)
    return sums


def verify_rows(backup):
    """Compare row counts. SQLite can only open a file, so the database is copied to a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="longrun-check-") as place:
        file = Path(place, SQLITE)
        with backup.open(SQLITE) as packed:
            write_file(file, chunks(packed))
        found = database.count_rows(file)
    wanted = backup.manifest["tables"]
    if found != wanted:
        differing = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
        raise BackupFailed(f"its database does not have the rows it had: {', '.join(differing[:5])}")
