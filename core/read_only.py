"""Read-only times: nothing is written to the database that an upgrade would lose.

An upgrade migrates a copy of the database and then puts it in the place of the old one. What was written in between
would be lost, so it is not accepted: forms answer 503 and keep their text, jobs and counters wait. Each writer shares a
lock on the file `writing.lock`, which an upgrade holds alone; the system releases it, however a process ends.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from core.file_locks import AlreadyLocked, exclusive_lock, try_shared_lock

# An upgrade is decided: the next start of `serve` brings the other database.
SWITCH = "upgrade/switch.json"
UNPROVEN = "upgrade/unproven.json"  # it has brought it, and the new version has not answered yet
LOCK = "writing.lock"


@contextmanager
def writing() -> Iterator[bool]:
    """Yields whether the database may be written to now; if so, no read-only time begins while the block runs."""
    if os.name == "nt":  # has no shared locks, and no upgrades
        yield True
        return
    folder = Path(settings.LONGRUN_DATA)
    try:
        lock = try_shared_lock(folder / LOCK)
    except OSError:  # the disk is read-only or gone: the database will say so
        yield not is_decided(folder)
        return
    try:
        yield lock is not None and not is_decided(folder)
    finally:
        if lock:
            lock.close()


def is_decided(folder: Path) -> bool:
    """Whether another version is about to take over, or has and does not answer yet."""
    return any((folder / name).exists() for name in (SWITCH, UNPROVEN))


@contextmanager
def read_only(timeout: float) -> Iterator[None]:
    """No other process writes while the block runs. Waits up to `timeout` seconds for those that do; then raises
    AlreadyLocked."""
    with exclusive_lock(Path(settings.LONGRUN_DATA) / LOCK, timeout=timeout):
        yield


__all__ = ["AlreadyLocked", "SWITCH", "UNPROVEN", "read_only", "writing"]
