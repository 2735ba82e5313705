"""From opening tags, texts and closing tags to records: what the strict and the tolerant reader have in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from transfer.records import Comment, Item, Loss, Notice, Record
from transfer.wordpress import elements
from transfer.wordpress.values import CONTROL, without_controls

# What decides who may see an item.
PRIVACY = frozenset({"wp:status", "wp:post_password", "wp:post_type"})


class BrokenStructureError(Exception):
    """An element stands where WXR has none: the tolerant reader has to look at the place."""


@dataclass
class Frame:
    """An element that holds elements and is still open."""

    name: str
    line: int
    fields: dict[str, str] = field(default_factory=dict)
    meta: list[tuple[str, str]] = field(default_factory=list)
    terms: list[tuple[str, str, str]] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    damaged: bool = False
    is_implicit: bool = False  # its start tag is missing
    has_unknown: bool = False  # a tag that WXR does not have, seen by the tolerant reader


class Builder:
    """Builds records in `out`. Whoever drives it calls open, text_of and close in the file's order."""

    def __init__(self) -> None:
        self.out: list[Record] = []
        self.frames = [Frame("", 0)]
        self.head: Frame | None = None  # the channel, until its record is made
        self.has_channel = False
        self.early: list[Record] = []  # records that wait for the channel's
        self.prefixes: dict[str, str] = {}  # of the file, where they are not the usual ones
        self.privacy_names: set[str] = set()  # those of PRIVACY that this file's items have
        self.is_damaged_file = False
        self.is_export = False  # an element with the prefix wp, or its declaration, was seen

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    def name(self, raw: str) -> str:
        """The element's name with the usual prefix."""
        prefix, colon, local = raw.partition(":")
        if colon and prefix in self.prefixes and prefix not in elements.PREFIXES:
            return f"{self.prefixes[prefix]}:{local}"
        return raw

    def declare(self, attributes: Mapping[str, str]) -> None:
        """Note the namespaces that a tag declares."""
        for key, uri in attributes.items():
            if not key.startswith("xmlns"):
                continue
            prefix, own = elements.prefix_of(uri), key.removeprefix("xmlns").removeprefix(":")
            if prefix == "wp" or own == "wp":
                self.is_export = True
            if prefix and own and prefix != own:
                self.prefixes[own] = prefix

    def open(self, name: str, line: int) -> Frame:
        frame = Frame(name, line)
        if name == "channel":
            self.head = self.head or frame
        elif name == "item":
            self.finish_head()
        if name.startswith("wp:"):
            self.is_export = True
        self.frames.append(frame)
        return frame

    def text_of(self, name: str, text: str, attributes: Mapping[str, str] | None = None) -> None:
        """A finished element of text in the open frame. Of several with one name the first that is not empty counts."""
        if CONTROL.search(text):
            text = without_controls(text)
        frame = self.frames[-1]
        if name == "category" and frame.name == "item":
            get = (attributes or {}).get
            frame.terms.append((without_controls(get("domain", "")), without_controls(get("nicename", "")), text))
        elif not frame.fields.get(name):
            frame.fields[name] = text
            if name.startswith("wp:"):
                self.is_export = True

    def close(self) -> None:
        """Close the open frame and make of it what it stands for."""
        frame = self.frames.pop()
        name, outer, fields = frame.name, self.frames[-1], frame.fields
        if name == "wp:comment":
            outer.comments.append(elements.comment(fields, frame.meta, frame.line))
        elif name in elements.META:
            key, value = fields.get("wp:meta_key", "").strip(), fields.get("wp:meta_value", "")
            if key or value:
                outer.meta.append((key, value))
        elif name == "item":
            item = elements.item(fields, frame.terms, frame.meta, frame.comments, frame.line)
            self.emit(item)
            if frame.damaged or self.is_damaged_file:
                self.keep_private(item, frame)
            self.privacy_names |= PRIVACY & fields.keys()
        elif name == "wp:author":
            self.emit(elements.author(fields, frame.line))
        elif name in elements.TERM_NAMES:
            self.emit(elements.term(name, fields, frame.meta, frame.line))
        elif name == "image":
            outer.fields.setdefault("icon", fields.get("url", ""))
        elif name == "channel":
            self.finish_head()
        outer.damaged |= frame.damaged and name != "item"

    def emit(self, record: Record) -> None:
        """Give a record away, or keep it until the channel's is complete: generator and icon stand behind the terms."""
        (self.out if self.has_channel else self.early).append(record)

    def keep_private(self, item: Item, frame: Frame) -> None:
        """A damaged item that has lost its status, password or type would become public by mistake: it is a draft."""
        needed = PRIVACY if frame.has_unknown else self.privacy_names
        if item.status in ("", "publish") and not needed <= frame.fields.keys():
            item.status = "draft"
            reason = f"A damaged item has lost what says who may see it; it is a draft: {item.title or item.number}"
            self.emit(Notice(reason=reason[:300], line=frame.line))

    def finish_head(self) -> None:
        """Yield the channel's record before everything else that it holds."""
        if self.has_channel:
            return
        self.has_channel = True
        head = self.head or Frame("channel", 0)
        self.out += [elements.channel(head.fields, head.line), *self.early]
        self.early.clear()

    def lose(self, reason: str, downto: int) -> None:
        """Give up the open frames above `downto`: each counted element in them is a loss, also finished comments."""
        lost: list[Record] = []
        while len(self.frames) > downto:
            frame = self.frames.pop()
            lost = [*self.losses_of(frame, reason), *lost]
        for record in lost:
            self.emit(record)

    def losses_of(self, frame: Frame, reason: str) -> list[Record]:
        kind = elements.COUNTED.get(frame.name)
        if not kind:
            return []
        fields = frame.fields
        lost: list[Record] = []
        if frame.name == "item":
            kind = elements.kind_of_type(elements.type_of(fields.get("wp:post_type", "")))
        keys = ("title", "wp:post_id", "wp:comment_id", "wp:comment_author", "wp:author_login", "wp:cat_name")
        reference = next((fields[key].strip() for key in keys if fields.get(key, "").strip()), "")
        if frame.is_implicit:
            reason = f"What seems to be a part of an element cannot be used here: {reference or frame.name}"
            lost.append(Notice(reason=reason[:300], line=frame.line))
        else:
            lost.append(Loss(kind=kind, reference=reference[:200], reason=reason, line=frame.line))
        for comment in frame.comments:
            number = str(comment.number or "")
            lost.append(Loss(kind="comments", reference=number or comment.author, reason=reason, line=comment.line))
        return lost
