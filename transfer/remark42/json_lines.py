"""The lines of a backup of Remark42: JSON, packed with gzip or not."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transfer.wordpress.files import sources

LONGEST = 4 << 20  # characters of one line


@dataclass
class Line:
    number: int
    text: str  # "" for one that is too long
    file: str


def lines_of(paths: Sequence[str | Path]) -> Iterator[Line]:
    """Every line that is not empty. Raises Refused for what cannot be opened or is no text."""
    for source in sources(paths):
        rest, number, is_long = "", 0, False
        for piece in source.pieces():
            first, *others = piece.split("\n")
            rest += first
            for following in others:
                number += 1
                if rest.strip() or is_long:
                    yield Line(number, "" if is_long else rest, source.name)
                rest, is_long = following, False
            if len(rest) > LONGEST:
                rest, is_long = "", True
        if rest.strip() or is_long:
            yield Line(number + 1, "" if is_long else rest, source.name)
