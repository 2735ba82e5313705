"""Where a code span ends: at the next run of as many backticks as it begins with (CommonMark 0.31, 6.1)."""

import re

TICKS = re.compile(r"`+")


class CodeSpans:
    """The runs of backticks of one text. `closing` is asked from the start of the text to its end: linear time."""

    def __init__(self, text: str) -> None:
        self.places: dict[int, list[int]] = {}  # length of a run → its indexes, in descending order
        for run in reversed(list(TICKS.finditer(text))):
            self.places.setdefault(len(run[0]), []).append(run.start())

    def closing(self, length: int, place: int) -> int | None:
        """The index of the first run of this length at or behind `place`; None without one."""
        places = self.places.get(length, [])
        while places and places[-1] < place:
            places.pop()
        return places[-1] if places else None
