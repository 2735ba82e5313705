"""Counts that are kept in memory and written some seconds later, many in one transaction."""

import logging
import threading
from collections import Counter
from multiprocessing.util import Finalize

from django.db import connection

logger = logging.getLogger(__name__)


class WriteBehindCounter:
    """Counts of one web process. `write_rows(Counter)` stores them, `seconds` after the first of them was counted.

    A killed process loses those seconds; one that ends in order writes first. What cannot be written, because the
    database is busy or away, is kept for the next time. With `most` keys in memory no new one is taken.
    """

    def __init__(self, write_rows, *, seconds=10, most=20_000):
        self.write_rows, self.seconds, self.most = write_rows, seconds, most
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.counts, self.timer = Counter(), None
        # The web server's worker is a child that `multiprocessing` started, for which `atexit` does nothing.
        Finalize(None, self.write, exitpriority=0)

    def forget(self):
        """Drop what was counted."""
        with self.lock:
            if self.timer:
                self.timer.cancel()
            self.counts, self.timer = Counter(), None

    def add(self, key):
        with self.lock:
            if key in self.counts or len(self.counts) < self.most:
                self.counts[key] += 1
            if self.counts:
                self.write_soon()

    def write_soon(self):
        if self.timer is None:
            self.timer = threading.Timer(self.seconds, self.write_in_thread)
            self.timer.daemon = True  # the end of the process does not wait for it, and writes itself
            self.timer.start()

    def write_in_thread(self):
        try:
            self.write()
        finally:
            connection.close()  # the thread's own

    def write(self):
        with self.writing:
            with self.lock:
                counts, self.counts, self.timer = self.counts, Counter(), None
            if not counts:
                return
            try:
                self.write_rows(counts)
            except Exception:
                logger.exception("counts could not be written and are kept")
                with self.lock:
                    self.counts.update(counts)
                    self.write_soon()
