"""Notice that the system's clock is set back, by an owner or a time server."""

import time

SECONDS = 60.0  # a smaller step back holds nothing up for long


class ClockWatch:
    """Compares the clock with the monotonic one, which nobody sets."""

    def __init__(self) -> None:
        self.ahead = self.difference()

    def difference(self) -> float:
        return time.time() - time.monotonic()

    def was_set_back(self) -> bool:
        """Whether it was set back since this was asked last, by more than SECONDS."""
        before, self.ahead = self.ahead, self.difference()
        return before - self.ahead > SECONDS
