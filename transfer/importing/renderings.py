"""Converts and renders the texts of a chunk in a child process while the chunk before it is stored, so that an import
uses two cores. Whatever the child does not do, the import does itself when it stores it."""

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from blog.markup.render_process import MEMORY, languages, rendered_from
from blog.models import Post
from blog.models.post import new_guid
from blog.models.rendering import LONG
from comments.models.comment import render_html
from core.child_process import Busy, Child, LimitExceeded
from core.languages import canonical
from transfer.importing import posts
from transfer.importing.comments import comment_text
from transfer.importing.items import POSTS
from transfer.importing.plan import reference_of
from transfer.importing.posts import language_of
from transfer.importing.session import Session
from transfer.importing.texts import OWN_FORMAT, OWN_SOURCE, Facts, is_extended
from transfer.records import Item

SECONDS = 600  # of CPU time for a chunk
TEXT_META = (OWN_SOURCE, OWN_FORMAT, "footnotes", "enclosure")  # what a conversion reads


@dataclass
class Batch:
    """The texts of a chunk on their way. Items are known by their id()."""

    items: list[Item]
    posts: dict[int, tuple[Item, str, dict[str, Any]]] = field(default_factory=dict)  # (item, guid, options)
    made: dict[int, tuple[Post, list[str]]] = field(default_factory=dict)
    comments: dict[tuple[str, str], str] = field(default_factory=dict)  # {(text, source format): HTML, "" before}
    child: "TextChild | None" = None


class TextChild:
    """The child process of an import. Raises Busy if there is no turn."""

    def __init__(self, session: Session):
        self.child = Child("transfer.importing.text_child.answer", seconds=SECONDS, memory=MEMORY)
        self.close = self.child.close
        self.facts: dict[str, Any] | None = vars(facts_of(session))

    def send(self, batch: Batch) -> None:
        posts = [(text_fields(item), options) for item, _guid, options in batch.posts.values()]
        texts = {"posts": posts, "comments": list(batch.comments), "facts": self.facts, "longest": LONG}
        self.child.send(texts | languages())
        self.facts = None

    def receive(self) -> dict[str, Any]:
        """The answer of `text_child`. Raises LimitExceeded if the child has died."""
        answer: dict[str, Any] = self.child.receive()
        return answer


class Renderings:
    def __init__(self, session: Session):
        self.session = session
        self.child: TextChild | None = None
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
        guid = item.guid or new_guid()
        language = canonical(language_of(item))
        options = Post(guid=guid, language=language, extended_markdown=is_extended(item)).render_options
        del options["source_format"]
        texts = dict.fromkeys((comment_text(record, self.session) for record in item.comments), "")
        batch.posts[id(item)] = item, guid, options
        batch.comments |= texts

    def send(self, batch: Batch) -> None:
        if not batch.posts:
            return
        try:
            self.child = self.child or TextChild(self.session)
        except Busy:
            return
        batch.child = self.child
        self.child.send(batch)

    def receive(self, batch: Batch) -> None:
        if batch.child is None:
            return
        try:
            answer = batch.child.receive()
        except LimitExceeded:
            self.close()  # the next batch gets a new one
            return
        for (item, guid, options), answered in zip(batch.posts.values(), answer["posts"], strict=True):
            with suppress(Exception):  # it is told when the item is stored, and fails there again
                batch.made[id(item)] = self.make(item, guid, options, *answered)
        batch.comments = dict(zip(batch.comments, answer["comments"], strict=True))

    def make(
        self,
        item: Item,
        guid: str,
        options: dict[str, Any],
        source: str,
        source_format: str,
        losses: list[str],
        rendered: dict[str, Any] | None,
    ) -> tuple[Post, list[str]]:
        """The item's post and notes, with what the child has made of its text."""
        self.session.texts.ready = {id(item): (source, source_format, losses)}
        post, notes = posts.post_of(item, self.session, guid)
        post.normalize()
        if rendered is not None:
            post.accept(rendered_from(rendered), {"source_format": source_format} | options)
        return post, notes

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


def facts_of(session: Session) -> Facts:
    plan = session.plan
    return Facts(
        origin=session.origin,
        origins=list(dict.fromkeys(url for url in (plan.channel.url, plan.channel.home) if url)),
        language=plan.channel.language,
        attachments=[
            [number, each.url, each.alt, each.caption, each.title, each.link, each.parent]
            for number, each in plan.attachments.items()
        ],
        media=[
            (plan.attachments[number].url, media.get_absolute_url())
            for number, media in session.media.items()
            if number in plan.attachments
        ],
        paths=session.paths,
        numbers={str(number): entry.path for number, entry in plan.entries.items() if entry.path},
        reusable={str(number): text for number, text in plan.reusable.items()},
    )


def text_fields(item: Item) -> dict[str, Any]:
    """The fields of an item that its conversion reads."""
    meta = [pair for pair in item.meta if pair[0] in TEXT_META]
    return {"number": item.number, "content": item.content, "content_format": item.content_format, "meta": meta}
