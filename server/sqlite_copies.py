"""Copies of an SQLite database: complete, verified and synced to disk before they get their name."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

KEEP = 3
BUSY_SECONDS = 60  # how long to wait for other processes that have the database open


class CopyFailed(Exception):
    """No copy was made; the message says why. An older copy under the same name is unchanged."""


def copy(database: Path, target: Path):
    """Write a snapshot of `database` to `target`, also while others write to it. Raises CopyFailed.

    VACUUM INTO gives a consistent snapshot but neither syncs nor cleans up after itself: so the copy has another name
    until it is verified and synced, and a power cut leaves the old copy or the new one.
    """
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_space(database, target.parent)
        try:
            vacuum(database, part)
            verify(part)
            sync(part)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        sync(target.parent)
    except (OSError, sqlite3.Error) as error:
        raise CopyFailed(f"{target} could not be written: {error}") from error


def check_space(database, folder):
    check_room([(database.stat().st_size, folder)])


def check_room(copies):
    """Raises CopyFailed unless there is room for all `copies`: (bytes, folder), which may share a disk or not."""
    disks = {}
    for size, folder in copies:
        needed, _folder = disks.get(folder.stat().st_dev, (0, folder))
        disks[folder.stat().st_dev] = needed + size, folder
    for needed, folder in disks.values():
        free = shutil.disk_usage(folder).free
        if free < needed + needed // 10:
            raise CopyFailed(f"the disk of {folder} has {free // 2**20} MB left and a copy needs {needed // 2**20} MB")


def checkpoint(database):
    """Write what is in the journal into the database and empty the journal; False if another process reads from it."""
    with closing(sqlite3.connect(database, timeout=BUSY_SECONDS)) as rows:
        busy, _pages, _written = rows.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def vacuum(database, part):
    part.unlink(missing_ok=True)  # of a run that was killed
    os.close(os.open(part, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(sqlite3.connect(database)) as source:
        source.execute("VACUUM INTO ?", (str(part),))


def verify(file):
    """Check every page, index and foreign key of a finished copy. Raises CopyFailed."""
    with closing(open_immutable(file)) as made:
        (answer,) = made.execute("PRAGMA integrity_check").fetchone()
        astray = made.execute("PRAGMA foreign_key_check").fetchone()
    if answer != "ok":
        raise CopyFailed(f"the copy was not whole: {answer}")
    if astray:
        raise CopyFailed(f"a row of {astray[0]} points at one of {astray[2]} that is not there")


def open_immutable(file):
    """Open a database that nobody writes to, without creating journal files."""
    return sqlite3.connect(f"{file.absolute().as_uri()}?immutable=1", uri=True)


def sync(path):
    """fsync a file, or a folder (for the names of its files); Windows cannot sync folders."""
    if path.is_dir() and os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def delete_old_copies(folder, pattern, count=KEEP):
    """Delete all but the newest `count` files of `folder` that match the glob pattern."""
    newest_first = sorted(folder.glob(pattern), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    for old in newest_first[count:]:
        old.unlink()
