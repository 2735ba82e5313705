"""A flag by which a signal handler asks a process to stop."""

import time

POLL_SECONDS = 0.1  # seconds


class StopFlag:
    """Like `threading.Event`, but safe to set in a signal handler: `set()` takes no lock.

    A handler runs between two instructions of the main thread. If that thread holds the lock of an Event at that moment
    (it begins to wait, or handles an earlier signal), `Event.set()` deadlocks.
    """

    def __init__(self) -> None:
        self._is_set = False

    def set(self) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Block until the flag is set (polled) or `seconds` have passed; return whether it is set."""
        end = time.monotonic() + seconds
        while not self._is_set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, POLL_SECONDS))
        return self._is_set
