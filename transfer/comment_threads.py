"""The threads of a comment system, gathered from files in which comments stand apart from them. No Django here."""

import json
from collections.abc import Iterator
from dataclasses import MISSING, asdict, fields, replace
from datetime import datetime
from tempfile import SpooledTemporaryFile
from typing import Any

from transfer import records
from transfer.records import Comment, Item, number_of_id

IN_MEMORY = 32 << 20  # bytes of comments; more are kept in a temporary file
LONGEST_ID = 300  # characters of a foreign id
DEFAULTS = {field.name: [] if field.default is MISSING else field.default for field in fields(Comment)}
DATES = ("date", "date_gmt")


def as_facts(comment: Comment) -> dict[str, Any]:
    """The comment as JSON has it, without what is not set."""
    facts = {name: value for name, value in asdict(comment).items() if value != DEFAULTS[name]}
    return facts | {name: facts[name].isoformat() for name in DATES if name in facts}


def from_facts(facts: dict[str, Any]) -> Comment:
    """The comment of what `as_facts` gave."""
    found = facts | {name: datetime.fromisoformat(facts[name]) for name in DATES if name in facts}
    return Comment(**found | {"meta": [(name, value) for name, value in facts.get("meta", [])]})


def thread_number(address: str) -> int | None:
    """None where the address itself can be the foreign id of its thread; a number made of a longer one."""
    return None if 0 < len(address) <= LONGEST_ID else number_of_id("thread", address)


class Threads:
    """Threads in the order in which they were added, and their comments in that of the files.

    A thread that is added a second time is an item without comments, for the receipt.
    """

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.repeated: list[Item] = []
        self.places: dict[str, list[int]] = {}
        self.spool = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed when all is read)
        self.end = 0

    def add(self, key: str, item: Item) -> None:
        if key in self.items:
            self.repeated.append(item)
        else:
            self.items[key] = item

    def add_comment(self, key: str, comment: Comment) -> None:
        """A comment of the thread `key`, which may be added later or never."""
        line = json.dumps(as_facts(comment)).encode() + b"\n"
        self.places.setdefault(key, []).append(self.end)
        self.spool.seek(self.end)
        self.spool.write(line)
        self.end += len(line)

    def __iter__(self) -> Iterator[Item]:
        for key, item in self.items.items():
            yield replace(item, comments=self.comments(key))
        yield from self.repeated
        lost = [comment for key in self.places if key not in self.items for comment in self.comments(key)]
        if lost:
            yield Item(kind=records.THREAD, guid="comments without a thread", status=records.MISSING, comments=lost)
        self.spool.close()

    def comments(self, key: str) -> list[Comment]:
        found = []
        for place in self.places.get(key, ()):
            self.spool.seek(place)
            found.append(from_facts(json.loads(self.spool.readline())))
        return found
