"""Counts the rows of lists of subscribers by their lines and quotes, without a CSV parser.

The receipt is checked against it. It shares with the reader how a file is opened and cut into lines, and nothing else.
"""

import re
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path

from transfer.records import KINDS
from transfer.subscribers.tables import LONGEST_ROW, SEPARATORS, lines_of, tables
from transfer.wordpress.files import Source

ADDRESS = re.compile(
    r"""(?i)["\s]*(?:e[-_ ]?mail(?:[-_ ]?ad[dr]resse?)?|address|adresse?[-_ ]e-?mail|(?:direcci[oó]n de )?correo """
    r"""electr[oó]nico|indirizzo e-?mail)["\s]*"""
)
OF_A_POST = re.compile(r"(?i)(?:^|[^a-z])post[-_ ]?id(?:[^a-z]|$)")


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS."""
    found = dict.fromkeys(KINDS, 0)
    for source in tables(paths):
        found["subscribers"] += count_rows(source)
    return found


def count_rows(source: Source) -> int:
    """The rows below the header; 0 for a table without a column of addresses."""
    lines = Ahead(line.removesuffix("\n") for line in lines_of(source))
    mark = ""
    while (line := lines.peek(0)) is not None:
        if re.fullmatch(r"(?i)sep=.", line.strip()):
            mark = line.strip()[-1]
        elif line.strip():
            break
        lines.drop(1)
    if line is None:
        return 0
    mark = mark or max(SEPARATORS, key=line.count)
    if OF_A_POST.search(line) or not any(ADDRESS.fullmatch(cell) for cell in line.split(mark)):
        return 0
    return count_below(lines, re.escape(mark))


def table_rows(source: Source) -> Iterator[list[str]]:
    """The cells of each row of a table with commas, the header first; none for a row whose quotes are broken."""
    lines, quotes = Ahead(line.removesuffix("\n") for line in lines_of(source)), Quotes(",")
    while lines.peek(0) is not None:
        row = "\n".join(lines.drop(quotes.length_of_row(lines)))
        if not re.fullmatch(r'(?:\s*|"\s*")(?:,(?:\s*|"\s*"))*', row):
            yield quotes.cells(row)


def count_below(lines: "Ahead", mark: str) -> int:
    """Rows without the first one. A row goes on in the next line while a cell is open that begins with a quote."""
    blank = re.compile(rf'(?:\s*|"\s*")(?:{mark}(?:\s*|"\s*"))*')
    quotes = Quotes(mark)
    number = 0
    while lines.peek(0) is not None:
        row = lines.drop(quotes.length_of_row(lines))
        number += not blank.fullmatch("\n".join(row))
    return max(0, number - 1)


class Ahead:
    """Lines of which some can be looked at before they are dropped."""

    def __init__(self, lines: Iterator[str]) -> None:
        self.lines = lines
        self.seen: deque[str] = deque()

    def peek(self, number: int) -> str | None:
        while len(self.seen) <= number:
            if (line := next(self.lines, None)) is None:
                return None
            self.seen.append(line)
        return self.seen[number]

    def drop(self, number: int) -> list[str]:
        return [self.seen.popleft() for _each in range(number)]


class Quotes:
    """Whether cells are closed: a quote closes one before a separator or the end of the line, "" is one inside."""

    def __init__(self, mark: str) -> None:
        self.cell = re.compile(rf'"(?:[^"]|"")*"(?={mark}|$)|[^"{mark}][^{mark}]*|(?={mark}|$)')
        self.close = re.compile(rf'(?:[^"]|"")*"(?={mark}|$)')

    def length_of_row(self, lines: Ahead) -> int:
        """How many lines the next row has: 1 if a quote in it never closes well."""
        is_open, is_bad = self.state(lines.peek(0) or "", 0)
        for length in range(1, LONGEST_ROW):
            if is_bad or not is_open:
                return 1 if is_bad else length
            if (line := lines.peek(length)) is None:
                return 1
            close = self.close.match(line)
            if close and close.end() < len(line):
                is_open, is_bad = self.state(line, close.end() + 1)
            elif close:
                is_open = False
            else:
                is_bad = has_lone_quote(line)
        return 1 if is_bad or is_open else LONGEST_ROW

    def state(self, line: str, at: int) -> tuple[bool, bool]:
        """(whether the last cell is open, whether a cell is closed in its middle) of the cells from `at` on."""
        while match := self.cell.match(line, at):
            if match.end() >= len(line):
                return False, False
            at = match.end() + 1
        return True, has_lone_quote(line[at + 1 :])

    def cells(self, row: str) -> list[str]:
        """The cells of a whole row, without their quotes; none if a quote in it is broken."""
        found, at = [], 0
        while match := self.cell.match(row, at):
            quoted = match[0].startswith('"')
            found.append((match[0][1:-1].replace('""', '"') if quoted else match[0]).strip())
            if match.end() >= len(row):
                return found
            at = match.end() + 1
        return []


def has_lone_quote(text: str) -> bool:
    return '"' in text.replace('""', "")
