"""Locks on files between processes, which the operating system releases when a process dies; and a lock for writers.

The second, `serialize_writes`, is between the threads of one process.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from django.db import connection
from django.utils.translation import gettext as _

from core.stop_flag import StopFlag

if sys.platform == "win32":
    import msvcrt

    def _lock_exclusive(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _lock_shared(file: IO[bytes], *, wait: bool = True) -> None:
        """Windows has no shared locks."""
else:
    import fcntl

    def _lock_exclusive(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lock_shared(file: IO[bytes], *, wait: bool = True) -> None:
        fcntl.flock(file, fcntl.LOCK_SH if wait else fcntl.LOCK_SH | fcntl.LOCK_NB)


_probe_lock = threading.Lock()  # is_locked() locks for a moment: two threads must not see each other's lock
_write_lock = threading.Lock()
_held: set[IO[bytes]] = set()  # files of exclusive_lock
_WRITE_TIMEOUT = 10  # seconds, as SQLite's own busy timeout


class AlreadyLocked(Exception):
    """Another process holds the lock; `str()` is a sentence for the owner."""


@contextmanager
def exclusive_lock(path: Path, *, timeout: float = 0, cancelled: StopFlag | None = None) -> Iterator[None]:
    """Hold an exclusive lock on the file while the block runs.

    Wait for it up to `timeout` seconds, then raise AlreadyLocked. If the event `cancelled` is set while waiting, the
    block runs without the lock.
    """
    deadline = time.monotonic() + timeout
    with path.open("a+b") as file:
        path.chmod(0o600)
        while not _try_lock(file):
            if cancelled is not None and cancelled.is_set():
                break
            if time.monotonic() >= deadline:
                raise AlreadyLocked(_("Another process is already at work here: it holds %(path)s.") % {"path": path})
            time.sleep(0.2)
        _held.add(file)
        try:
            yield
        finally:
            _held.discard(file)


def _close_held() -> None:
    """Close the files of locks in a fork: otherwise it would hold them, too, even when this process has died."""
    while _held:
        _held.pop().close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_close_held)


@contextmanager
def lock_any(paths: Sequence[Path], *, timeout: float) -> Iterator[None]:
    """Lock whichever file is free first while the block runs; raise AlreadyLocked after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    with ExitStack() as files:
        opened = [files.enter_context(_open(path)) for path in paths]
        while not any(_try_lock(file) for file in opened):
            if time.monotonic() >= deadline:
                raise AlreadyLocked(
                    _("Another process is already at work here: it holds %(path)s.") % {"path": paths[0]}
                )
            time.sleep(0.05)
        yield


def _try_lock(file: IO[bytes]) -> bool:
    try:
        _lock_exclusive(file)
    except OSError:
        return False
    return True


@contextmanager
def serialize_writes() -> Iterator[None]:
    """Run the block in one thread at a time if the database is SQLite.

    SQLite lets one transaction write at a time; the others poll, and an unlucky one may wait for a second while others
    overtake it. With other databases, or after ten seconds of waiting, the block runs without the lock.
    """
    taken = connection.vendor == "sqlite" and _write_lock.acquire(timeout=_WRITE_TIMEOUT)
    try:
        yield
    finally:
        if taken:
            _write_lock.release()


class SharedLock:
    """A shared lock on a file, held until `close()` or until the object is garbage collected."""

    file: IO[bytes] | None = None

    def __init__(self, path: Path) -> None:
        self.file = _open(path)
        _lock_shared(self.file)

    def close(self) -> None:
        if self.file:
            self.file.close()

    __del__ = close


def shared_lock(path: Path) -> SharedLock:
    """Lock the file together with others that hold a shared lock, until `close()`."""
    return SharedLock(path)


def try_shared_lock(path: Path) -> IO[bytes] | None:
    """An open file that holds a shared lock until it is closed; None if a process holds the file alone."""
    file = _open(path)
    try:
        _lock_shared(file, wait=False)
    except BlockingIOError:
        file.close()
        return None
    return file


def is_locked(path: Path) -> bool:
    """Whether any process holds a lock on the file at this moment."""
    with _probe_lock, _open(path) as file:
        return not _try_lock(file)


def _open(path: Path) -> IO[bytes]:
    return open(path, "a+b", opener=lambda name, flags: os.open(name, flags, 0o600))
