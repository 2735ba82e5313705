"""A file that one process at a time may hold; the system lets it go when the process dies, in whatever way.

And the turn of those who write, which one thread of a process holds.
"""

import os
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

from django.db import connection
from django.utils.translation import gettext as _

try:
    import fcntl
except ImportError:
    import msvcrt

    def _hold(file):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _hold_together(file):
        """Windows has no lock for several."""
else:

    def _hold(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _hold_together(file):
        fcntl.flock(file, fcntl.LOCK_SH)


_asking = threading.Lock()  # who asks holds the file for a moment: two threads must not take each other for a third
_writing = threading.Lock()
_PATIENCE = 10  # seconds, as with SQLite itself


class Taken(Exception):
    """Another process holds the file; `str()` is a sentence for the owner."""


@contextmanager
def only_one(path: Path, *, patience: float = 0, unless=None):
    """Hold the file as long as the block runs; waits up to `patience` seconds for it, then raises `Taken`.

    When the event `unless` is set meanwhile, nobody wants it any more: the block runs without it.
    """
    deadline = time.monotonic() + patience
    with path.open("a+b") as file:
        path.chmod(0o600)
        while not _is_free(file):
            if unless is not None and unless.is_set():
                break
            if time.monotonic() >= deadline:
                raise Taken(_("Another process is already at work here: it holds %(path)s.") % {"path": path})
            time.sleep(0.2)
        yield


@contextmanager
def one_of(paths: list[Path], *, patience: float):
    """Hold one of the files, whichever is free first, as long as the block runs; raises `Taken` after `patience`."""
    deadline = time.monotonic() + patience
    with ExitStack() as files:
        opened = [files.enter_context(_opened(path)) for path in paths]
        while not any(_is_free(file) for file in opened):
            if time.monotonic() >= deadline:
                raise Taken(_("Another process is already at work here: it holds %(path)s.") % {"path": paths[0]})
            time.sleep(0.05)
        yield


def _is_free(file) -> bool:
    try:
        _hold(file)
    except OSError:
        return False
    return True


@contextmanager
def in_turn():
    """One thread of this process after the other, where the database is SQLite.

    There one transaction alone may write, and those who wait for it sleep and look again: some for a second, while
    others pass. Elsewhere, or after ten seconds, the block runs beside others.
    """
    taken = connection.vendor == "sqlite" and _writing.acquire(timeout=_PATIENCE)
    try:
        yield
    finally:
        if taken:
            _writing.release()


class Held:
    """A file that is held until it is closed, or until nobody knows it any more."""

    file = None

    def __init__(self, path):
        self.file = _opened(path)
        _hold_together(self.file)

    def close(self):
        if self.file:
            self.file.close()

    __del__ = close


def hold_together(path: Path) -> Held:
    """Hold the file beside others who hold it, until `close()`."""
    return Held(path)


def is_held(path: Path) -> bool:
    """Whether anybody holds the file at this moment."""
    with _asking, _opened(path) as file:
        return not _is_free(file)


def _opened(path):
    return open(path, "a+b", opener=lambda name, flags: os.open(name, flags, 0o600))
