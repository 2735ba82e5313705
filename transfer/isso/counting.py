"""Counts what is in databases of Isso, by asking SQLite for the numbers.

The receipt is checked against it. It shares with the reader how a file is opened, and nothing else.
"""

from collections.abc import Sequence
from pathlib import Path

from transfer.isso.sqlite_file import opened
from transfer.records import KINDS


def count_elements(paths: Sequence[str | Path]) -> dict[str, int]:
    """{kind: number of elements in all files}, for every kind of KINDS: threads are other items."""
    found = dict.fromkeys(KINDS, 0)
    for path in map(Path, paths):
        with opened(path) as connection:
            found["other"] += connection.execute("SELECT count(*) FROM threads").fetchone()[0]
            found["comments"] += connection.execute("SELECT count(*) FROM comments").fetchone()[0]
    return found
