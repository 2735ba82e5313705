"""Counters that are kept in memory and written to the database some seconds later, many in one transaction."""

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Hashable
from multiprocessing.util import Finalize
from typing import Any, TypeAlias

from django.db import connection

from core import read_only

logger = logging.getLogger(__name__)


Counts: TypeAlias = "Counter[Any]"


class WriteBehindCounter:
    """Counters of one web process. `write_rows(Counter)` stores them, `seconds` after the first of them was counted.

    A killed process loses what was not written; one that exits normally writes it first. If writing fails, because the
    database is locked or unreachable, or during an upgrade, the counts are kept and retried. At most `most` keys are
    kept; new ones beyond that are not counted.
    """

    def __init__(self, write_rows: Callable[[Counts], object], *, seconds: float = 10, most: int = 20_000) -> None:
        self.write_rows, self.seconds, self.most = write_rows, seconds, most
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.counts: Counts = Counter()
        self.timer: threading.Timer | None = None
        self.finalized_in = 0  # id of the process that writes at its exit

    def forget(self) -> None:
        """Discard the counts that are not written yet."""
        with self.lock:
            if self.timer:
                self.timer.cancel()
            self.counts, self.timer = Counter(), None

    def add(self, key: Hashable, count: int = 1) -> None:
        with self.lock:
            if self.finalized_in != os.getpid():
                # Not in __init__: a process may be forked after it. The web server's process is a child of
                # `multiprocessing`, where functions registered with `atexit` do not run.
                self.finalized_in = os.getpid()
                Finalize(None, self.write, exitpriority=0)
            if key in self.counts or len(self.counts) < self.most:
                self.counts[key] += count
            if self.counts:
                self.write_soon()

    def write_soon(self) -> None:
        if self.timer is None:
            self.timer = threading.Timer(self.seconds, self.write_in_thread)
            self.timer.daemon = True  # do not delay the exit of the process, which writes the counts by itself
            self.timer.start()

    def write_in_thread(self) -> None:
        try:
            self.write()
        finally:
            connection.close()  # the one of this thread

    def write(self) -> None:
        with self.writing:
            with self.lock:
                counts, self.counts, self.timer = self.counts, Counter(), None
            if not counts:
                return
            with read_only.writing() as allowed:
                if allowed and self.try_to_write(counts):
                    return
            with self.lock:
                self.counts.update(counts)
                self.write_soon()

    def try_to_write(self, counts: Counts) -> bool:
        try:
            self.write_rows(counts)
        except Exception:
            logger.exception("counts could not be written and are kept")
            return False
        return True
