"""Reads exports of Commento and Commento++: JSON of version 1 with comments and those who wrote them.

The format is that of api/domain_export.go, api/comment.go and api/commenter.go. The export says of no comment that it
was deleted: such a one is anonymous and has the text "[deleted]".
"""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transfer.comment_threads import Threads, thread_number
from transfer.date_values import in_utc
from transfer.records import THREAD, Channel, Comment, Item, Notice, Record, number_of_id
from transfer.wordpress.errors import Refused
from transfer.wordpress.files import sources
from transfer.wordpress.values import without_controls

LARGEST = 400 << 20  # characters of one JSON document, which is read as a whole
Row = dict[str, Any]
STATES = {"approved": "1"}  # "unapproved" and "flagged" wait
ANONYMOUS, DELETED, NOTHING = "anonymous", "[deleted]", "undefined"


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files. Raises Refused for what is no export of Commento."""
    for name, content in documents(paths):
        yield from Export(document_of(content, name), name).records()


def documents(paths: Sequence[str | Path]) -> Iterator[tuple[str, str]]:
    """(name, text) of each file."""
    for source in sources(paths):
        pieces, size = [], 0
        for piece in source.pieces():
            size += len(piece)
            if size > LARGEST:
                raise Refused("This file is larger than 400 MB.", file=source.name)
            pieces.append(piece)
        yield source.name, "".join(pieces)


def document_of(content: str, name: str) -> Row:
    try:
        found = json.loads(content, strict=False)
    except json.JSONDecodeError as error:
        raise Refused(f"This file is no complete JSON ({error.msg}).", error.lineno, name)
    except (RecursionError, ValueError):
        raise Refused("This file is no JSON that can be read.", file=name)
    if not isinstance(found, dict) or not isinstance(found.get("comments"), list) or "commenters" not in found:
        raise Refused("This is no export of Commento: it has no lists of comments and commenters.", file=name)
    if found.get("version") != 1:
        raise Refused(f"This export has the version {text(found, 'version')}; version 1 is known here.", file=name)
    return found


def text(row: Row, name: str) -> str:
    value = row.get(name)
    found = "" if value is None or isinstance(value, dict | list) else without_controls(str(value))
    return "" if found == NOTHING else found


class Export:
    def __init__(self, document: Row, name: str) -> None:
        self.name = name
        self.rows = [row for row in document["comments"] if isinstance(row, dict)]
        self.strange = len(document["comments"]) - len(self.rows)
        people = document["commenters"] if isinstance(document["commenters"], list) else []
        self.people = {text(row, "commenterHex"): row for row in people if isinstance(row, dict)}

    def records(self) -> Iterator[Record]:
        domain = next((text(row, "domain") for row in self.rows if text(row, "domain")), "")
        site = re.sub(r"[^\w.-]+", "-", domain.lower()).strip("-.")[:100]
        yield Channel(url=f"https://{site or 'site'}.commento.invalid", generator="Commento", file=self.name)
        if self.strange:
            yield Notice(reason=f"{self.strange} of the comments are no JSON objects.", file=self.name)
        threads = Threads()
        for at, row in enumerate(self.rows):
            key = json.dumps([text(row, "domain"), text(row, "url")])
            if key not in threads.items:
                threads.add(key, self.thread(row))
            threads.add_comment(key, self.comment(row, at))
        yield from threads

    def thread(self, row: Row) -> Item:
        path = text(row, "url")
        link = f"https://{text(row, 'domain')}/{path.removeprefix('/')}"
        item = Item(kind=THREAD, number=thread_number(link), link=link, guid=link)
        item.file = self.name
        return item

    def comment(self, row: Row, at: int) -> Comment:
        identifier, parent = text(row, "commentHex"), text(row, "parentHex")
        person = self.people.get(text(row, "commenterHex"), {})
        is_account = text(person, "provider") not in ("", "anon")
        source = text(row, "markdown")
        is_deleted = row.get("deleted") is True or source == DELETED and text(row, "commenterHex") == ANONYMOUS
        score = text(row, "score")
        return Comment(
            number=number_of_id("commento", identifier or f"{self.name} {at}"),
            parent=number_of_id("commento", parent) if parent not in ("", "root") else 0,
            author=text(person, "name").strip(),
            email=text(person, "email").strip(),
            url=text(person, "link").strip(),
            date_gmt=in_utc(row.get("creationDate")),
            content="" if is_deleted and source == DELETED else source or text(row, "html"),
            approved="deleted" if is_deleted else STATES.get(text(row, "state"), "0"),
            meta=[("score", score)] if score not in ("", "0") else [],
            identifier=identifier,
            login=text(person, "email").strip() if is_account else "",
            source_format="markdown" if source else "html",
        )
