"""Reads the database of Isso: threads with their comments, whose texts are Markdown."""

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from transfer.comment_threads import Threads, thread_number
from transfer.date_values import in_utc
from transfer.isso.sqlite_file import opened, rows
from transfer.records import THREAD, Channel, Comment, Item, Notice, Record, number_of_id
from transfer.wordpress.values import without_controls

# isso/db/comments.py: 1 is valid, 2 pending, 4 deleted, but kept for its answers. Everything else is held.
STATES = {1: "1", 2: "0", 4: "deleted"}
COLUMNS = ("id", "tid", "parent", "created", "modified", "mode", "remote_addr", "text", "author", "email", "website",
           "likes", "dislikes")  # fmt: skip
Row = dict[str, object]


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all databases. Raises Refused for what is no database of Isso."""
    for path in map(Path, paths):
        threads = Threads()
        with opened(path) as connection:
            yield Channel(url=f"https://{site_of(connection)}.isso.invalid", generator="Isso", file=path.name)
            for row in rows(connection, "threads", ("id", "uri", "title")):
                threads.add(text(row, "id"), thread(row, path.name))
            for row in rows(connection, "comments", COLUMNS):
                threads.add_comment(text(row, "tid"), comment(row))
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            reason = f"{log.name} has changes that are not in the database yet. Stop Isso before you copy it."
            yield Notice(reason=reason, file=path.name)
        yield from threads


def site_of(connection: sqlite3.Connection) -> str:
    """A name by which the same installation is known again: Isso has none, but a key of its own."""
    try:
        preferences = {row["key"]: text(row, "value") for row in rows(connection, "preferences", ("key", "value"))}
    except sqlite3.Error:  # none, in old versions
        preferences = {}
    key = preferences.get("session-key", "")
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12] if key else "comments"


def text(row: Row, name: str) -> str:
    value = row[name]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return "" if value is None else without_controls(str(value))


def thread(row: Row, file: str) -> Item:
    uri = text(row, "uri").strip()
    item = Item(kind=THREAD, number=thread_number(uri), title=text(row, "title").strip(), link=uri, guid=uri)
    item.file = file
    return item


def comment(row: Row) -> Comment:
    number, parent = text(row, "id"), text(row, "parent")
    votes = [(name, text(row, name)) for name in ("likes", "dislikes") if text(row, name) not in ("", "0")]
    changed = in_utc(row["modified"])
    return Comment(
        number=number_of_id("isso", number),
        parent=number_of_id("isso", parent) if parent else 0,
        author=text(row, "author").strip(),
        email=text(row, "email").strip(),
        url=text(row, "website").strip(),
        ip=text(row, "remote_addr").strip(),
        date_gmt=in_utc(row["created"]),
        content=text(row, "text"),
        approved=state(row["mode"]),
        meta=votes + ([("modified", changed.isoformat())] if changed else []),
        identifier=number,
        source_format="markdown",
    )


def state(mode: object) -> str:
    return STATES.get(mode, "0") if isinstance(mode, int) else "0"
