"""Reads WordPress's export files (WXR 1.0, 1.1 and 1.2) as a stream of records.

The strict reader is expat. From the first place on that is not well-formed, or where an element stands that has no
place there, the tolerant reader of recovery.py goes on.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from xml.parsers import expat

from transfer.records import Author, Item, Notice, Record, Term
from transfer.wordpress import elements
from transfer.wordpress.builder import BrokenStructureError, Builder
from transfer.wordpress.errors import Refused
from transfer.wordpress.files import Source, sources
from transfer.wordpress.recovery import Recovery

RECORD_BYTES = 64 << 20  # of one item with its comments
START = re.compile(r"<\?xml\b|<rss\b|<!DOCTYPE\b|<feed\b|<html\b|<\w+:RDF\b", re.IGNORECASE)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
DOCTYPE = re.compile(r"<!DOCTYPE\s+([\w.:-]*)", re.IGNORECASE)
PART = re.compile(r"<(?:wp:\w+|item)\b")  # of an export that has lost its beginning
ROOT = re.compile(r"<([A-Za-z_][\w.:-]*)")
NO_DOCTYPE = "This file declares a document type or entities, which no export of WordPress does. It is not read."
NO_EXPORT = "This is a feed (RSS), not an export. In WordPress: Tools → Export."
NO_CATEGORIES = (
    "These files name the categories of posts and do not describe them: which category is below which, and their "
    "descriptions, stand only in an export of all content."
)
LOOK = 1 << 16  # characters before the first element, at most


def read(paths: Sequence[str | Path], url: str = "") -> Iterator[Record]:
    """The records of all files in their order: for each file its Channel, then authors, terms, items, losses, notices.

    Raises Refused, at the latest before the first Item of a file. Memory is bounded by the largest item.
    """
    seen: set[tuple[str, ...]] = set()
    uses_categories = False
    for source in sources(paths):
        for record in read_source(source):
            record.file = source.name
            if isinstance(record, Author | Term):
                key = (record.login,) if isinstance(record, Author) else (record.taxonomy, record.slug or record.name)
                record.repeated = key in seen
                seen.add(key)
            elif isinstance(record, Item) and not uses_categories:
                uses_categories = any(use.taxonomy == "category" for use in record.terms)
            yield record
    if uses_categories and not any(key[0] == "category" and len(key) == 2 for key in seen):
        yield Notice(reason=NO_CATEGORIES)


def read_source(source: Source) -> Iterator[Record]:
    try:
        yield from read_pieces(source.pieces())
    except Refused as refused:
        refused.file = refused.file or source.name
        raise
    yield from source.notices


def read_pieces(pieces: Iterator[str]) -> Iterator[Record]:
    """The records of one file's text."""
    head = ""
    for piece in pieces:
        head += piece
        if len(head) >= LOOK:
            break
    start = beginning(head)
    line = 1 + head.count("\n", 0, start)
    builder = Builder()
    yield from refuse_feeds(builder, records_of(builder, line, chain([head[start:]], pieces)))


def refuse_feeds(builder: Builder, records: Iterator[Record]) -> Iterator[Record]:
    """The records of an export. Raises Refused for a feed, before anything of it is given away."""
    pending: list[Record] = []
    for record in records:
        pending.append(record)
        if builder.is_export:
            yield from pending
            pending.clear()
        elif isinstance(record, Item):
            break
    if not builder.is_export:
        raise Refused(NO_EXPORT)
    yield from pending


def records_of(builder: Builder, line: int, pieces: Iterator[str]) -> Iterator[Record]:
    """What the strict reader finds, and from the place where it fails on the tolerant one."""
    strict = Strict(builder, line)
    for batch in strict.batches(pieces):
        yield from batch
    if strict.failure:
        recovery = Recovery(builder, strict.resume_line)
        yield from recovery.records(chain([strict.remainder()], pieces), strict.failure)


def beginning(head: str) -> int:
    """Where the XML begins: blank lines and what PHP printed before it are skipped. Raises Refused for other files."""
    bare = COMMENT.sub(lambda match: " " * len(match.group()), head)
    start = START.search(bare)
    if not start:
        if bare.lstrip()[:1] in ("{", "["):
            raise Refused("This is a JSON file, not an export of WordPress (XML).")
        if PART.search(bare):
            return 0
        raise Refused("This is not an export of WordPress (an XML file that begins with <rss>).")
    root = ROOT.search(bare, start.start())
    name = root.group(1).lower() if root else ""
    end = root.start() if root else len(bare)
    line = 1 + bare.count("\n", 0, end)
    doctype = DOCTYPE.search(bare, start.start(), end)
    if name == "html" or (doctype and doctype.group(1).lower() == "html"):
        raise Refused("This is a web page (HTML), not an export file. Perhaps the download asked for a login.", line)
    if name == "feed":
        blogger = "blogger" in head.lower()
        raise Refused("This is a Blogger backup (Atom)." if blogger else "This is a feed (Atom), not an export.", line)
    if doctype:
        raise Refused(NO_DOCTYPE, line)
    if name and not name.startswith(("rss", "channel", "item", "wp:")) and not PART.search(bare):
        raise Refused(f"This is an XML file, but no export of WordPress: it begins with <{name[:40]}>.", line)
    return start.start()


class Strict:
    """Drives a Builder by expat. `failure` is set when the file is broken; then `remainder()` is what is unread."""

    def __init__(self, builder: Builder, line: int) -> None:
        self.builder, self.base_line = builder, line - 1
        self.failure: Notice | None = None
        self.field = ""  # the element of text that is open, under the file's own name
        self.attributes: dict[str, str] = {}
        self.is_loose = False  # what stands last in the channel may belong to an element without start tag
        self.skipped = 0  # how deep inside an unknown element
        self.depth = 0  # of elements that are open
        self.defaults: list[tuple[int, str]] = []  # (depth, usual prefix) of the default namespaces that are open
        self.text: list[str] = []
        self.kept: list[bytes] = []  # what was parsed since the beginning of the open record
        self.kept_from = self.resume = 0  # byte offsets
        self.resume_line = line
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.buffer_size = 1 << 16
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = self.refuse
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def batches(self, pieces: Iterable[str]) -> Iterator[list[Record]]:
        """The records of each piece, until the end or the failure."""
        out = self.builder.out
        try:
            for piece in pieces:
                data = piece.encode("utf-8")
                self.kept.append(data)
                self.parser.Parse(data, False)
                self.forget()
                if out:
                    yield out[:]
                    out.clear()
            self.parser.Parse(b"", True)
        except expat.ExpatError as error:
            self.fail(expat.errors.messages[error.code], error.lineno)
        except BrokenStructureError as error:
            self.fail(str(error), self.parser.CurrentLineNumber)
        yield out[:]
        out.clear()

    def fail(self, reason: str, line: int) -> None:
        line += self.base_line
        if reason == expat.errors.XML_ERROR_NO_ELEMENTS:
            reason = "the file ends too early"
        self.failure = Notice(
            reason=f"The file is damaged here ({reason}). It was read on as far as possible.", line=line
        )

    def remainder(self) -> str:
        return b"".join(self.kept)[self.resume - self.kept_from :].decode("utf-8")

    def forget(self) -> None:
        """Drop the bytes before the beginning of the open record."""
        while self.kept and self.kept_from + len(self.kept[0]) <= self.resume:
            self.kept_from += len(self.kept.pop(0))
        if sum(map(len, self.kept)) > RECORD_BYTES:
            raise Refused(f"An element is larger than {RECORD_BYTES >> 20} MB.", self.resume_line)

    def mark(self) -> None:
        """From here the tolerant reader would have to begin."""
        self.resume = self.parser.CurrentByteIndex
        self.resume_line = self.parser.CurrentLineNumber + self.base_line

    def start(self, raw: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.skipped:
            self.skipped += 1
            return
        builder = self.builder
        if attributes:
            builder.declare(attributes)
            if "xmlns" in attributes:
                self.defaults.append((self.depth, elements.prefix_of(attributes["xmlns"])))
        name = builder.name(raw) if builder.prefixes else raw
        outer = builder.frames[-1].name
        if self.defaults and ":" not in raw:
            name = elements.with_prefix(self.defaults[-1][1], raw, outer)
        if self.field:
            self.inside_of_text(name, outer)
            return
        if outer == "channel":
            if not (self.is_loose and (name in elements.LOOSE or name in elements.OWNERS)):
                self.mark()
            self.is_loose = name in elements.LOOSE
        if name in elements.CONTAINERS.get(outer, ()):
            builder.open(name, self.parser.CurrentLineNumber + self.base_line)
        elif outer == "item" and name in elements.OF_THE_HEAD:
            self.field, self.attributes = name, attributes
        elif name in elements.COUNTED or not outer or elements.OWNERS.get(name, outer) != outer:
            raise BrokenStructureError(f"<{raw}> stands in <{outer}>")
        else:
            self.field, self.attributes = name, attributes
        self.text.clear()

    def inside_of_text(self, name: str, outer: str) -> None:
        """An element in an element of text: HTML that was not escaped, or the children of something unknown."""
        if self.field in elements.TEXTS.get(outer, ()) or self.field in elements.COUNTED or name in elements.COUNTED:
            raise BrokenStructureError(f"<{name}> stands in the text of <{self.field}>")
        self.skipped = 1

    def end(self, raw: str) -> None:
        if self.defaults and self.defaults[-1][0] == self.depth:
            self.defaults.pop()
        self.depth -= 1
        if self.skipped:
            self.skipped -= 1
        elif self.field:
            text = "".join(self.text)
            if f"</{raw}" in text and has_swallowed(raw, text):
                raise BrokenStructureError(f"the text of <{raw}> has no end")
            self.builder.text_of(self.field, text, self.attributes)
            self.field = ""
            self.text.clear()
        else:
            if len(self.builder.frames) == 4:
                self.mark()
            self.builder.close()

    def refuse(self, *_declaration: object) -> None:
        raise Refused(NO_DOCTYPE, self.parser.CurrentLineNumber + self.base_line)


def has_swallowed(name: str, text: str) -> bool:
    """Whether a CDATA section without an end has run on to the end of another one, with the elements in between.

    Then the text holds the element's own end tag, a tag behind it, and behind that the beginning of a section that
    has no end in the text. A sample of WXR that somebody has written has one.
    """
    match = re.search(rf"</{re.escape(name)}\s*>\s*</?[A-Za-z][\w:.-]*[^<>]*>", text)
    section = text.find("<![CDATA[", match.end()) if match else -1
    return section >= 0 and "]]>" not in text[section:]
