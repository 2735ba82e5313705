"""Verify that a backup, as a folder or as the zip downloaded from the desk, is unchanged since it was made."""

import shutil
import zipfile
from pathlib import Path

from django.conf import settings

from server.backups import database
from server.backups.files import (
    MANIFEST,
    MEDIA,
    PART,
    SQLITE,
    UNREADABLE,
    BackupFailed,
    check_space,
    chunks,
    make_folder,
    sha256,
    write_file,
)
from server.backups.manifests import Backup, latest, list_backups, read_manifest, read_sums

CHECKING = f"checking{PART}"  # folder in the data folder, for the database of a zip


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
    for name, why in damaged_files(backup).items():
        raise BackupFailed(f"{name} {why}")
    if SQLITE in backup.sums:
        verify_rows(backup)
    return backup.sums


def damaged_files(backup) -> dict[str, str]:
    """Read every file. Returns {name: what is wrong with it}, the database and the key first."""
    found = {}
    for name in sorted(backup.sums, key=lambda name: (name.startswith(f"{MEDIA}/"), name)):
        try:
            with backup.open(name) as file:
                if sha256(file) != backup.sums[name]:
                    found[name] = "is damaged: it is not what was written when the backup was made"
        except UNREADABLE as error:
            found[name] = f"cannot be read: {error}"
    return found


def verify_rows(backup):
    """Compare row counts. SQLite can only open a file, so the database of a zip is unpacked into the data folder."""
    if isinstance(backup, Backup):
        compare_rows(backup, backup.path / SQLITE)
        return
    place = Path(settings.LONGRUN_DATA, CHECKING)
    shutil.rmtree(place, ignore_errors=True)  # of a process that was killed
    try:
        make_folder(place)
        check_space(backup.zip.getinfo(SQLITE).file_size, place)
        with backup.open(SQLITE) as packed:
            write_file(place / SQLITE, chunks(packed))
        compare_rows(backup, place / SQLITE)
    except OSError as error:
        raise BackupFailed(f"{place} could not be written: {error}") from error
    finally:
        shutil.rmtree(place, ignore_errors=True)


def compare_rows(backup, file: Path):
    """Compare the row counts of an SQLite file with those in the manifest. Raises BackupFailed."""
    found, wanted = database.count_rows(file), backup.manifest["tables"]
    if found != wanted:
        differing = sorted(name for name in found.keys() | wanted.keys() if found.get(name) != wanted.get(name))
        raise BackupFailed(f"its database does not have the rows it had: {', '.join(differing[:5])}")
