"""Processes of this blog that have outlived their `serve`: they are found at the next start, and ended (Linux).

The children of `serve` end with it (`forked_process.end_with_parent`). One that does not would stay on the port, and
an old version would answer in turn with the new one.
"""

import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from config import folders

PROCESSES = Path("/proc")
PREFIX = "longrun "  # how forked_process names children
SECONDS = 5  # for the system to end a killed process


def end_orphans(say):
    """Kill what a `serve` of this data folder has left behind."""
    orphans = find()
    for process in orphans:
        say(f"The {process.name} of a killed Longrun was still there (process {process.pid}); it is ended.")
        with suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + SECONDS
    while any(process.is_alive() for process in orphans) and time.monotonic() < deadline:
        time.sleep(0.02)


def find():
    """The children of `serve` on this data folder whose `serve` is gone."""
    if not PROCESSES.is_dir():
        return []
    found = [Process(int(path.name)) for path in PROCESSES.iterdir() if path.name.isdecimal()]
    return [process for process in found if process.is_ours() and process.is_orphan()]


class Process:
    """A process as /proc describes it; what cannot be read is empty."""

    def __init__(self, pid):
        self.pid, self.place = pid, PROCESSES / str(pid)

    def read(self, name):
        try:
            return (self.place / name).read_bytes()
        except OSError:
            return b""

    @property
    def name(self):
        return self.read("comm").decode(errors="replace").strip().removeprefix(PREFIX)

    @property
    def parent(self):
        """The parent process. Its number is the second word after the name, which may hold spaces."""
        words = self.read("stat").rpartition(b")")[2].split()
        return Process(int(words[1]) if len(words) > 1 else 0)

    def is_child_of_serve(self):
        return self.read("comm").startswith(PREFIX.encode())

    def is_alive(self):
        return self.read("stat").rpartition(b")")[2].split()[:1] not in ([], [b"Z"])

    def is_ours(self):
        """Whether this is a child of a `serve` by this user on this data folder."""
        return self.is_child_of_serve() and self.is_alive() and self.data_folder() == settings.LONGRUN_DATA.resolve()

    def data_folder(self):
        variables = dict(entry.partition(b"=")[::2] for entry in self.read("environ").split(b"\0"))
        try:
            here = (self.place / "cwd").resolve(strict=True)
        except OSError:
            return None
        named = variables.get(b"LONGRUN_DATA", b"").decode(errors="replace")
        return (here / (Path(named) if named else folders.default_data_folder()).expanduser()).resolve()

    def is_orphan(self):
        """Whether its `serve` is gone: a forked process has the command line of its parent, which others do not."""
        first = self
        while (above := first.parent).is_child_of_serve():
            first = above
        return above.read("cmdline") != self.read("cmdline")
