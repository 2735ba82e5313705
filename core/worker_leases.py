"""The leases of workers: how several of them, on several machines, share the jobs of one blog.

A worker has a row (`core.models.Worker`), which it renews every few seconds. What it claims (a job, a scheduled task)
carries its name. Whoever sees that a row has not been renewed for LEASE_SECONDS deletes it; then everything that this
worker had claimed is free again. The observer measures that time by its own monotonic clock, from when it first saw the
row as it is: clocks of two machines differ, and clocks are set.

A worker that cannot renew its lease must not go on with what it has claimed: after GIVE_UP_SECONDS, before anybody may
take it over, its process ends.

On one machine nobody has to wait: a worker holds a lock on a file in the data folder, which the system releases when
the process dies. With SQLite there is one machine, and the file alone decides.
"""

import logging
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.file_locks import exclusive_lock, is_locked
from core.models import Worker

logger = logging.getLogger(__name__)

LEASE_SECONDS = 60.0
RENEW_SECONDS = 10.0
GIVE_UP_SECONDS = 45.0  # without a renewal; less than LEASE_SECONDS by more than a renewal takes


class Lease:
    """The lease of this process."""

    def __init__(self) -> None:
        self.name = f"{socket.gethostname()[:100]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.renewed = time.monotonic()
        self.is_registered = False
        self.lock, self.working, self.file = threading.Lock(), 0, ExitStack()
        self.seen: dict[str, tuple[datetime, float]] = {}  # worker → (renewed_at, since when it has been seen so)
        self.looked = 0.0

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock on this worker's file, and longer, until the process ends, if it still works then.

        The file of a worker that was killed is deleted with its row.
        """
        path = lock_file(self.name)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        self.file.enter_context(exclusive_lock(path))
        try:
            yield
        finally:
            if not self.working:
                self.file.close()
                path.unlink(missing_ok=True)

    def register(self) -> None:
        began = time.monotonic()
        Worker.objects.get_or_create(name=self.name)
        self.renewed, self.is_registered = began, True

    def renew(self) -> None:
        """Renew the lease, or end the process if it has been taken over."""
        began = time.monotonic()
        if Worker.objects.filter(name=self.name).update(renewed_at=timezone.now()):
            self.renewed = began
        elif self.working and connection.vendor != "sqlite":
            self.end("its lease was taken over")
        else:
            self.register()

    def watch(self, ended: threading.Event) -> None:
        """End the process if it works on something that another worker may take over soon. In a thread of its own,
        since a renewal may wait long for an unreachable database."""
        while not ended.wait(1):
            if self.working and not self.is_valid():
                self.end(f"its lease could not be renewed for {GIVE_UP_SECONDS:.0f} s")

    def is_valid(self) -> bool:
        """Whether nobody else may believe that this worker has died."""
        is_recent = time.monotonic() - self.renewed < GIVE_UP_SECONDS
        return self.is_registered and (is_recent or connection.vendor == "sqlite")

    def end(self, reason: str) -> None:
        logger.error("this worker ends in the middle of its work, because %s; another one takes it over", reason)
        logging.shutdown()
        os.kill(os.getpid(), signal.SIGKILL)  # no thread can be told to leave its work

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """The block works on something that this worker has claimed."""
        with self.lock:
            self.working += 1
        try:
            yield
        finally:
            with self.lock:
                self.working -= 1

    def release(self) -> None:
        Worker.objects.filter(name=self.name).delete()

    def find_dead(self) -> list[Worker]:
        """The workers whose lease has ended."""
        now = time.monotonic()
        if now - self.looked > LEASE_SECONDS / 2:
            self.seen.clear()  # the database was unreachable or this process was stopped: they may not have been
        self.looked = now
        before, self.seen = self.seen, {}
        dead = []
        for row in Worker.objects.exclude(name=self.name):
            renewed_at, since = before.get(row.name, (None, now))
            if renewed_at != row.renewed_at:
                since = now
            self.seen[row.name] = (row.renewed_at, since)
            if has_died(row.name) or (connection.vendor != "sqlite" and now - since >= LEASE_SECONDS):
                dead.append(row)
        return dead


def lock_file(name: str) -> Path:
    folder: Path = settings.LONGRUN_DATA / "workers"
    return folder / f"{name}.lock"


def has_died(name: str) -> bool:
    """Whether a worker has certainly died. One whose file is not here runs on another machine, unless with SQLite."""
    path = lock_file(name)
    return not is_locked(path) if path.exists() else connection.vendor == "sqlite"


def delete_dead(dead: Worker) -> bool:
    """Delete the row of a dead worker, in a transaction that frees what it had claimed; False if it is alive."""
    deleted, _rows = Worker.objects.filter(pk=dead.pk, renewed_at=dead.renewed_at).delete()
    with suppress(OSError):
        lock_file(dead.name).unlink(missing_ok=True)
    return bool(deleted)


def alive() -> list[Worker]:
    """The workers that have renewed their lease in time, as far as this machine's clock can tell."""
    recent = Worker.objects.filter(renewed_at__gt=timezone.now() - timedelta(seconds=LEASE_SECONDS))
    return [row for row in recent if not has_died(row.name)]
