"""Opens the SQLite database of Isso, which may come from anybody: read-only, two tables alone, within limits.

The tables are those of isso/db/threads.py and isso/db/comments.py: threads (id, uri, title) and comments (tid, id,
parent, created, modified, mode, remote_addr, text, author, email, website, likes, dislikes, …).
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from transfer.wordpress.errors import Refused

LARGEST = 1 << 30  # bytes of a database
LONGEST_VALUE = 4 << 20  # bytes of a text
SECONDS = 300  # for reading it once
NEEDED = {"threads": {"id", "uri"}, "comments": {"id", "tid", "text", "created", "mode"}}
MAGIC = b"SQLite format 3\0"
NO_ISSO = "This is an SQLite database, but not that of Isso: it has no tables “threads” and “comments”."
DAMAGED = "This database is damaged (%s). “sqlite3 comments.db .recover” may repair it."


@contextmanager
def opened(path: Path) -> Iterator[sqlite3.Connection]:
    """A checked connection. Raises Refused for what is no database of Isso, also while it is read."""
    refuse_others(path)
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path.resolve()))}?mode=ro&immutable=1", uri=True)) as connection:
            limit(connection)
            check(connection, path.name)
            yield connection
    except sqlite3.Error as error:
        raise Refused(DAMAGED % error, file=path.name)


def refuse_others(path: Path) -> None:
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC))
        size = path.stat().st_size
    except FileNotFoundError:
        raise Refused("There is no such file.", file=path.name)
    except OSError:
        raise Refused("This file cannot be opened.", file=path.name)
    if head != MAGIC:
        raise Refused("This is no SQLite database, as Isso keeps its comments in (comments.db).", file=path.name)
    if size > LARGEST:
        raise Refused("This file is larger than 1 GB.", file=path.name)


def limit(connection: sqlite3.Connection) -> None:
    """Nothing in the file may run: no view, virtual table, function or trigger, and no query for ever."""
    connection.text_factory = lambda value: value.decode("utf-8", "replace")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.setlimit(sqlite3.SQLITE_LIMIT_COLUMN, 100)
    for pragma in ("trusted_schema = OFF", "cell_size_check = ON", "mmap_size = 0", "query_only = ON"):
        connection.execute(f"PRAGMA {pragma}")
    until = time.monotonic() + SECONDS
    connection.set_progress_handler(lambda: time.monotonic() > until, 100_000)


def check(connection: sqlite3.Connection, name: str) -> None:
    found = {
        table
        for table, sql in connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'")
        if isinstance(sql, str) and sql.lstrip().upper().startswith("CREATE TABLE")
    }
    if not all(table in found and columns <= set(columns_of(connection, table)) for table, columns in NEEDED.items()):
        raise Refused(NO_ISSO, file=name)
    for table in NEEDED:
        said = connection.execute(f"PRAGMA quick_check({table})").fetchone()
        if said is None or said[0] != "ok":
            raise Refused(DAMAGED % (said[0] if said else table), file=name)
    readable = found & {*NEEDED, "preferences"}

    def allow(action: int, first: str | None, second: str | None, *_others: str | None) -> int:
        is_fine = (
            action == sqlite3.SQLITE_SELECT
            or action == sqlite3.SQLITE_READ and first in readable
            or action == sqlite3.SQLITE_FUNCTION and second == "count"
        )  # fmt: skip
        return sqlite3.SQLITE_OK if is_fine else sqlite3.SQLITE_DENY

    connection.set_authorizer(allow)


def columns_of(connection: sqlite3.Connection, table: str) -> list[str]:
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]  # the name is one of NEEDED


def rows(connection: sqlite3.Connection, table: str, columns: Sequence[str]) -> Iterator[dict[str, object]]:
    """The rows of a table in their order; a column that this version of Isso does not have is None."""
    here = [name for name in columns if name in available(connection, table)]
    for values in connection.execute(f"SELECT {', '.join(here)} FROM {table}"):  # names of this module and its callers
        yield dict.fromkeys(columns) | dict(zip(here, values, strict=True))


def available(connection: sqlite3.Connection, table: str) -> list[str]:
    return [column[0] for column in connection.execute(f"SELECT * FROM {table} LIMIT 0").description]
