"""How a process is asked to stop."""

import time

PULSE = 0.1  # seconds


class StopFlag:
    """What `threading.Event` offers, safe in a signal handler: `set()` takes no lock.

    A handler runs between two instructions of the main thread. If that thread holds the lock of an Event just then,
    because it begins to wait or handles an earlier signal, `Event.set()` waits for it for ever.
    """

    def __init__(self):
        self._is_set = False

    def set(self):
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, seconds: float) -> bool:
        """Return when it is set, at most a pulse later, or after so many seconds; whether it is set."""
        end = time.monotonic() + seconds
        while not self._is_set and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, PULSE))
        return self._is_set
