"""Single flight: of the threads that need the same result at once, one computes it and the others wait for it."""

import threading
import time
from collections.abc import Callable, Hashable
from typing import TypeVar

from django.db import connection

WAIT_SECONDS = 2  # then a waiting thread computes its own result

T = TypeVar("T")


class Computation:
    """A result that one thread is computing."""

    def __init__(self) -> None:
        self.thread, self.done = threading.get_ident(), threading.Event()


class SingleFlight:
    """The computations under way in this process, at most one for each key."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.under_way: dict[Hashable, Computation] = {}

    def run(self, key: Hashable, find: Callable[[], T | None], compute: Callable[[], T]) -> T:
        """The result of `compute()`, which stores it where `find()` finds it; None there means not found.

        If another thread is computing it, wait for that one, and after two seconds compute it here as well. A thread
        that holds a database transaction never waits: the other one may need its locks. If the other thread fails,
        the next one takes its place.
        """
        deadline = time.monotonic() + WAIT_SECONDS
        while other := self._begin(key):
            if other.thread == threading.get_ident() or connection.in_atomic_block:
                return compute()
            if not other.done.wait(max(0, deadline - time.monotonic())):
                return compute()
            if (found := find()) is not None:
                return found
        try:
            found = find()  # another thread may have finished just before this one began
            return compute() if found is None else found
        finally:
            self._end(key)

    def _begin(self, key: Hashable) -> Computation | None:
        """Another thread's computation; or None, and this thread's computation has begun."""
        with self.lock:
            other = self.under_way.get(key)
            if other is None:
                self.under_way[key] = Computation()
            return other

    def _end(self, key: Hashable) -> None:
        with self.lock:
            computation = self.under_way.pop(key)
        computation.done.set()
