"""CSV files as spreadsheets and newsletter services write them: rows with their line, in any usual encoding."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from transfer.wordpress.errors import Refused
from transfer.wordpress.files import Source, sources

ENDINGS = (".csv", ".tsv", ".txt")
SEPARATORS = ",;\t|"
LONGEST_ROW = 1000  # lines of one row; a quote that never closes would take the rest of the file
LARGEST_CELL = 1 << 20  # characters
SIGNATURE = "sep="  # Excel's first line, which names the separator


@dataclass
class Row:
    """`cells` is None for a row that cannot be read; `reason` says why."""

    line: int
    cells: list[str] | None
    reason: str = ""


def tables(paths: Sequence[str | Path]) -> Iterator[Source]:
    return sources(paths, endings=ENDINGS, kind="CSV")


def lines_of(source: Source) -> Iterator[str]:
    """The lines with their newline, however the file ends its lines."""
    rest = ""
    for piece in source.pieces():
        lines = (rest + piece).split("\n")
        rest = lines.pop()
        for line in lines:
            yield line + "\n"
        if len(rest) > LARGEST_CELL:
            raise Refused("This file has a line of more than a million characters.", file=source.name)
    if rest:
        yield rest


class Feed:
    """Numbered lines, of which some can be given back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines, self.number = lines, 0
        self.taken: list[str] = []  # since the last `begin`

    def begin(self) -> None:
        self.taken = []

    def __iter__(self) -> "Feed":
        return self

    def __next__(self) -> str:
        if len(self.taken) >= LONGEST_ROW:
            raise csv.Error("a quote is opened and not closed")
        line = next(self.lines)
        self.number += 1
        self.taken.append(line)
        return line

    def give_back(self) -> None:
        """All lines but the first of this row are read once more."""
        self.number -= len(self.taken) - 1
        self.lines = itertools.chain(self.taken[1:], self.lines)


def separator_of(header: str) -> str:
    """The separator that makes the most columns of the header."""
    return max(SEPARATORS, key=header.count)


def rows(source: Source) -> Iterator[Row]:
    """The header first, then every row that is not blank. One with a broken quote, or with another number of cells than
    the header, has no cells: its columns cannot be told apart."""
    feed = Feed(lines_of(source))
    separator, width = "", 0
    csv.field_size_limit(LARGEST_CELL)
    while True:
        feed.begin()
        start = feed.number + 1
        if not separator:
            first = next(feed, "")
            if first.lower().startswith(SIGNATURE) and len(first.strip()) == len(SIGNATURE) + 1:
                separator = first.strip()[-1]
                continue
            if first and not first.strip():
                continue
            separator = separator_of(first)
            feed.lines, feed.number = itertools.chain([first] if first else [], feed.lines), start - 1
            feed.begin()
        try:
            cells = next(csv.reader(feed, delimiter=separator, strict=True), None)
        except csv.Error as error:
            feed.give_back()
            yield Row(start, None, f"This line is no line of a CSV file ({error}).")
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        width = width or len(cells)
        if len(cells) != width:
            yield Row(start, None, f"This line has {len(cells)} columns, the first one {width}.")
        else:
            yield Row(start, [cell.strip() for cell in cells])
