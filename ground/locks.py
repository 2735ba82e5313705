"""A file that one process at a time may hold; the system lets it go when the process dies, in whatever way."""

import time
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

try:
    import fcntl
except ImportError:
    import msvcrt

    def _hold(file):
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
else:

    def _hold(file):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


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


def _is_free(file) -> bool:
    try:
        _hold(file)
    except OSError:
        return False
    return True
