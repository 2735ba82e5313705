"""The HTML of a chunk's texts, rendered in a child process while the chunk before it is stored, so that an import uses
two cores. Whatever the child does not render, the import renders itself when it stores it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from blog.markup.render_process import Busy, NotRendered, RenderChild
from blog.models import Post
from blog.models.rendering import LONG
from comments.models.comment import render_html
from transfer.importing import posts
from transfer.importing.comments import text_of
from transfer.importing.items import POSTS
from transfer.importing.plan import reference_of
from transfer.importing.session import Session
from transfer.records import Item


@dataclass
class Batch:
    """The posts of a chunk as the file describes them, and the texts of its comments."""

    items: list[Item]
    made: dict[int, tuple[Post, list[str]]] = field(default_factory=dict)  # by the item's id()
    options: dict[int, dict[str, Any]] = field(default_factory=dict)  # of those that the child renders
    comments: dict[tuple[str, str], str] = field(default_factory=dict)  # {(text, source format): HTML, "" before}
    child: RenderChild | None = None


class Renderings:
    def __init__(self, session: Session):
        self.session = session
        self.child: RenderChild | None = None
        self.batch = Batch([])  # of the chunk that is stored now

    def ahead(self, chunks: Iterable[list[Item]]) -> Iterator[list[Item]]:
        """The same chunks, each with the HTML of its texts; close it to end the child process.

        The first one is not sent to the child: there is nothing to store meanwhile.
        """
        before: Batch | None = None
        try:
            for items in chunks:
                batch = self.prepare(items)
                if before is not None:
                    self.receive(before)
                    self.send(batch)
                    self.batch = before
                    yield before.items
                before = batch
            if before is not None:
                self.receive(before)
                self.batch = before
                yield before.items
        finally:
            self.close()

    def prepare(self, items: list[Item]) -> Batch:
        """What is to be rendered of the items that no earlier run stored."""
        batch, session = Batch(items), self.session
        if session.dry or cores() < 2:
            return batch
        for kind, kinds in POSTS.items():
            mine = {reference_of(item)[:300]: item for item in items if item.kind == kind}
            known = session.known(kinds, mine)
            for reference, item in mine.items():
                if reference not in known:
                    with suppress(Exception):  # it is told when the item is stored, and fails there again
                        self.add(item, batch)
        return batch

    def add(self, item: Item, batch: Batch) -> None:
        post, notes = posts.post_of(item, self.session)
        post.normalize()
        options, texts = post.render_options, dict.fromkeys(map(text_of, item.comments), "")
        batch.made[id(item)] = post, notes
        if len(post.source) <= LONG:
            batch.options[id(item)] = options
        batch.comments |= texts

    def send(self, batch: Batch) -> None:
        if not batch.options and not batch.comments:
            return
        try:
            self.child = self.child or RenderChild()
        except Busy:
            return
        batch.child = self.child
        self.child.send([(batch.made[key][0].source, options) for key, options in batch.options.items()],
                        list(batch.comments))  # fmt: skip

    def receive(self, batch: Batch) -> None:
        if batch.child is None:
            return
        try:
            rendered, comments = batch.child.receive()
        except NotRendered:
            self.close()  # the next batch gets a new one
            return
        for (key, options), done in zip(batch.options.items(), rendered, strict=True):
            batch.made[key][0].accept(done, options)
        batch.comments = dict(zip(batch.comments, comments, strict=True))

    def close(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None

    def post_of(self, item: Item) -> tuple[Post, list[str]]:
        """As `posts.post_of`, with what was rendered; once for an item."""
        return self.batch.made.pop(id(item), None) or posts.post_of(item, self.session)

    def comment_html(self, text: str, source_format: str) -> str:
        return self.batch.comments.get((text, source_format)) or render_html(text, source_format)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
