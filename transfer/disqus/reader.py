"""Reads exports of Disqus: its threads with their comments (which it calls posts).

The format: disqus.com/api/schemas/1.0/disqus.xsd and the help page “Comments Export”. A post names its thread and
parent by `dsq:id`, in older files by the text of their `<id>`.
"""

import html
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from transfer.comment_threads import Threads
from transfer.date_values import in_utc
from transfer.disqus.elements import DAMAGED, Broken, Element, elements
from transfer.records import THREAD, Channel, Comment, Item, Loss, Notice, Record, number_of_id
from transfer.wordpress.files import sources

KEPT = ("likes", "dislikes", "points", "userScore", "isHighlighted", "isFlagged", "isEdited")
KINDS = {"post": "comments", "thread": "other", "category": "other"}
# Disqus leads links through its own host: https://disq.us/url?url=ADDRESS:HASH&cuid=…
LINK = re.compile(r"""(?<=href=["'])https?://disq\.us/(?:url\?|p/)[^"']*""", re.IGNORECASE)
LINK_HASH = re.compile(r":[\w-]{20,40}$")


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files. Raises Refused for what is no export of Disqus."""
    yield from Export(paths).records()


class Export:
    def __init__(self, paths: Sequence[str | Path]) -> None:
        self.paths = paths
        self.threads = Threads()
        self.others: list[Record] = []
        self.forum = ""
        self.hosts: Counter[str] = Counter()
        self.hidden: set[str] = set()  # keys of threads that were deleted
        self.thread_ids: dict[str, str] = {}  # {text of <id>: key}
        self.post_ids: dict[str, int] = {}  # {text of <id>: number}

    def records(self) -> Iterator[Record]:
        for source in sources(self.paths):
            for element in elements(source.pieces(), source.name):
                self.add(element, source.name)
            self.others += source.notices
        yield Channel(url=f"https://{self.forum or 'forum'}.disqus.com", generator="Disqus")
        if len(self.hosts) > 1:
            found = ", ".join(f"{host} ({number})" for host, number in self.hosts.most_common(10))
            yield Notice(
                reason=f"The threads have addresses at several hosts; their paths are looked for here: {found}."
            )
        yield from self.others
        yield from self.threads

    def add(self, element: Element, file: str) -> None:
        try:
            facts = element.facts()
        except Broken as broken:
            self.others.append(Loss(KINDS[element.name], reason=str(broken), line=element.line, file=file))
            return
        self.forum = self.forum or re.sub(r"[^\w-]", "", facts.get("forum", "")).lower()
        if element.name == "post":
            self.add_post(facts, element.line)
        elif element.name == "thread":
            self.add_thread(facts, element.line, file)
        else:
            number = number_of_id("disqus", "category", facts.get("@id", ""), facts.get("title", ""))
            item = Item(kind="category of Disqus", number=number, title=facts.get("title", "").strip())
            item.line, item.file = element.line, file
            self.others.append(item)

    def add_thread(self, facts: dict[str, str], line: int, file: str) -> None:
        own, identifier = facts.get("@id", ""), facts.get("id", "").strip()
        key = own or f"id {identifier}"
        link = facts.get("link", "").strip()
        if identifier:
            self.thread_ids.setdefault(identifier, key)
        is_kept = truth(facts, "isDeleted", "lost" if DAMAGED in facts else "false") == "false"
        if not is_kept:
            self.hidden.add(key)
        if host := host_of(link):
            self.hosts[host] += 1
        meta = [("closed", "true")] if truth(facts, "isClosed") == "true" else []
        item = Item(
            kind=THREAD,
            number=number(own) or number_of_id("disqus", "thread", key),
            title=html.unescape(facts.get("title", "")).strip(),
            link=link,
            guid=identifier,
            date_gmt=in_utc(facts.get("createdAt", "")),
            status="trash" if key in self.hidden else "publish",
            meta=meta,
        )
        item.line, item.file = line, file
        self.threads.add(key, item)

    def add_post(self, facts: dict[str, str], line: int) -> None:
        own, identifier = facts.get("@id", ""), facts.get("id", "").strip()
        key = facts.get("thread@id", "") or self.thread_ids.get(facts.get("thread", "").strip(), "")
        found = number(own) or number_of_id("disqus", "post", own or identifier or f"line {line}")
        if identifier:
            self.post_ids.setdefault(identifier, found)
        is_guest = truth(facts, "author/isAnonymous") == "true"
        login = "" if is_guest else facts.get("author/username", "").strip()
        meta = [(name, facts[name].strip()) for name in KEPT if facts.get(name, "").strip() not in ("", "0", "false")]
        comment = Comment(
            number=found,
            parent=self.parent(facts),
            author=facts.get("author/name", "").strip() or login,
            email=facts.get("author/email", "").strip(),
            url=(facts.get("author/link") or facts.get("author/url", "")).strip(),
            ip=facts.get("ipAddress", "").strip(),
            date_gmt=in_utc(facts.get("createdAt", "")),
            content=LINK.sub(straight, facts.get("message", "").strip()),
            approved="deleted" if key in self.hidden else state(facts),
            meta=meta + ([("username", login)] if login else []),
            line=line,
            identifier="" if number(own) else own or identifier,
            login=login,
        )
        self.threads.add_comment(key, comment)

    def parent(self, facts: dict[str, str]) -> int:
        own, identifier = facts.get("parent@id", ""), facts.get("parent", "").strip()
        if own:
            return number(own) or number_of_id("disqus", "post", own)
        return self.post_ids.get(identifier, 0)


def state(facts: dict[str, str]) -> str:
    """Public is only what is neither deleted nor spam nor damaged, and of which nothing says that it waits."""
    if truth(facts, "isSpam") == "true":
        return "spam"
    if truth(facts, "isDeleted") == "true":
        return "deleted"
    is_plain = DAMAGED not in facts and all(
        truth(facts, name) == "false" for name in ("isSpam", "isDeleted", "isFlagged")
    )
    return "1" if is_plain and truth(facts, "isApproved", "true") == "true" else "0"


def truth(facts: dict[str, str], name: str, default: str = "false") -> str:
    """ "true", "false", or another word that the file has there."""
    found = facts.get(name, "").strip().lower() or default
    return {"1": "true", "0": "false"}.get(found, found)


def number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 16 and int(text) else None


def host_of(link: str) -> str:
    try:
        return (urlsplit(link).netloc or "").lower().removeprefix("www.")
    except ValueError:
        return ""


def straight(found: re.Match[str]) -> str:
    """The address to which a link through Disqus leads."""
    address = parse_qs(html.unescape(found[0]).partition("?")[2]).get("url", [""])[0]
    address = LINK_HASH.sub("", address)
    return html.escape(address) if address.startswith(("http://", "https://")) else found[0]
