"""Reads backups of Remark42: a first line about users and posts, then a comment in each line.

The format is that of backend/app/migrator/native.go and backend/app/store/comment.go.
"""

import html
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from transfer.comment_threads import Threads, thread_number
from transfer.date_values import in_utc
from transfer.records import THREAD, Channel, Comment, Item, Loss, Notice, Record, number_of_id
from transfer.remark42.json_lines import Line, lines_of
from transfer.wordpress.errors import Refused
from transfer.wordpress.values import without_controls

Row = dict[str, Any]


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files. Raises Refused for what is no backup of Remark42."""
    yield from Backup(paths).records()


def parsed(line: str) -> Row | None:
    try:
        found = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def text(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None or isinstance(value, dict | list) else without_controls(str(value))


def part(row: Row, name: str) -> Row:
    value = row.get(name)
    return value if isinstance(value, dict) else {}


class Backup:
    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.paths = paths
        self.threads = Threads()
        self.others: list[Record] = []
        self.site = ""

    def records(self) -> Iterator[Record]:
        file = ""
        for line in lines_of(self.paths):
            row = parsed(line.text)
            if line.file != file:
                file = line.file
                if row is None or not ("locator" in row or "version" in row):
                    reason = "This is no backup of Remark42, which has JSON in each line and begins with “version”."
                    raise Refused(reason, line.number, file)
                if "locator" not in row:
                    self.others += notices(row)
                    continue
            self.add(row, line)
        if not file:
            raise Refused("This file is empty.", file=Path(self.paths[0]).name if self.paths else "")
        site = re.sub(r"[^\w.-]+", "-", self.site.lower()).strip("-.")[:100]
        yield Channel(url=f"https://{site or 'site'}.remark42.invalid", generator="Remark42")
        yield from self.others
        yield from self.threads

    def add(self, row: Row | None, line: Line) -> None:
        if row is None:
            reason = "This line is no JSON object, or is far too long."
            self.others.append(Loss("comments", reason=reason, line=line.number, file=line.file))
            return
        url = text(part(row, "locator"), "url")
        self.site = self.site or text(part(row, "locator"), "site")
        link = html.unescape(url)
        known = self.threads.items.get(url)
        if known is None:
            item = Item(kind=THREAD, number=thread_number(url), title=text(row, "title").strip(), link=link, guid=url)
            item.line, item.file = line.number, line.file
            self.threads.add(url, item)
        elif not known.title:
            known.title = text(row, "title").strip()
        self.threads.add_comment(url, comment(row, line.number))


def notices(head: Row) -> Iterator[Notice]:
    if head.get("version") not in (0, 1):
        yield Notice(reason=f"The backup says version {text(head, 'version')}; it was read as version 1.", line=1)
    users = [user for user in head.get("users") or [] if isinstance(user, dict)]
    blocked = sum(part(user, "blocked").get("status") is True for user in users)
    if blocked:
        yield Notice(reason=f"{blocked} people are blocked at Remark42. They are not blocked here.", line=1)
    closed = sum(isinstance(post, dict) and post.get("read_only") is True for post in head.get("posts") or [])
    if closed:
        yield Notice(reason=f"{closed} posts are closed for comments at Remark42. They are not closed here.", line=1)


def comment(row: Row, line: int) -> Comment:
    user, identifier, parent = part(row, "user"), text(row, "id"), text(row, "pid")
    source, shown = html.unescape(text(row, "orig")), text(row, "text").strip()
    # Remark42 cleans what somebody typed as if it were HTML: a tag that was written in code is missing in it.
    is_markdown = bool(source.strip()) and shown.count("&lt;") <= source.count("<")
    return Comment(
        number=number_of_id("remark42", identifier or f"line {line}"),
        parent=number_of_id("remark42", parent) if parent else 0,
        author=html.unescape(text(user, "name")).strip(),
        email=text(user, "email").strip(),
        date_gmt=in_utc(row.get("time")),
        content=source if is_markdown else shown,
        approved=state(row),
        meta=facts_of(row),
        line=line,
        identifier=identifier,
        login=text(user, "id"),
        source_format="markdown" if is_markdown else "html",
    )


def state(row: Row) -> str:
    """Remark42 shows what blocked people wrote as deleted. It has no queue: everything else is public there."""
    if row.get("delete") not in (None, False) or part(row, "user").get("block") not in (None, False):
        return "deleted"
    return "1"


def facts_of(row: Row) -> list[tuple[str, str]]:
    votes = list(part(row, "votes").values())
    found = {
        "score": text(row, "score"),
        "votes up": str(votes.count(True)),
        "votes down": str(votes.count(False)),
        "pinned": "true" if row.get("pin") is True else "",
        "edited": text(part(row, "edit"), "time"),
        "edit summary": text(part(row, "edit"), "summary"),
        "user": text(part(row, "user"), "id"),
    }
    return [(name, value) for name, value in found.items() if value not in ("", "0")]
