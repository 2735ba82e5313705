"""How far a command is: a line a second."""

import time
from collections.abc import Mapping

from django.core.management.base import OutputWrapper


class Progress:
    """Prints progress and rows per second to `out`: at most once a second, and when a kind is finished."""

    def __init__(self, out: OutputWrapper, totals: Mapping[str, int]) -> None:
        self.out, self.totals = out, totals
        self.done = dict.fromkeys(totals, 0)
        self.started = self.kind_started = self.said = time.monotonic()

    def __call__(self, kind: str, count: int) -> None:
        now = time.monotonic()
        self.done[kind] += count
        finished = self.done[kind] == self.totals[kind]
        if finished or now - self.said >= 1:
            rate = self.done[kind] / max(now - self.kind_started, 0.001)
            self.out.write(f"{kind}: {self.done[kind]:,} of {self.totals[kind]:,}, {rate:,.0f} a second", str)
            self.said = now
        if finished:
            self.kind_started = now

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.started

    @property
    def summary(self) -> str:
        return " and ".join(f"{done:,} {kind}" for kind, done in self.done.items())
