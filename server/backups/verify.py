"""Whether a backup, in its folder or in the zip that the desk gives, is what was written when it was made."""

import tempfile
import zipfile
from pathlib import Path

from server.backups import database
from server.backups.files import MANIFEST, SQLITE, UNREADABLE, BackupFailed, chunks, sha256, write_file
from server.backups.manifests import Backup, latest, list_backups, read_manifest, read_sums


class ZippedBackup:
    """A backup as the desk gives it: one zip, whose files have the names that they have in a data folder."""

    def __init__(self, path: Path):
        try:
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile) as error:
            raise BackupFailed(f"{path} is no zip that can be read: {error}") from error
        self.name = path.name
        self.manifest = read_manifest(self)
        self.sums = read_sums(self)

    def open(self, name):
        return self.zip.open(name)


def find(said: str):
    """A backup by its name, its folder or its zip; "last" is the newest one. Raises BackupFailed."""
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
    """Read every file of it and compare, also the rows of the database; {name: hash}. Raises BackupFailed."""
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
    """SQLite wants a file of its own: one in a zip is unpacked for the moment."""
    with tempfile.TemporaryDirectory(prefix="longrun-check-") as place:
        file = Path(place, SQLITE)
        with backup.open(SQLITE) as packed:
            write_file(file, chunks(packed))
        found = database.count_rows(file)
    wanted = backup.manifest["tables"]
    if found != wanted:
        differing = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
        raise BackupFailed(f"its database has not the rows it had: {', '.join(differing[:5])}")
