"""The entries of a Blogger backup: the classic one of the settings, and `feed.atom` of Google Takeout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from transfer.wordpress.errors import Refused
from transfer.wordpress.files import Source

KIND = "http://schemas.google.com/g/2005#kind"
ROOT = re.compile(r"<(?![?!])\s*([\w.:-]+)")
TEXTS = {"id", "published", "updated", "title", "content", "summary", "draft", "name", "email", "uri", "type", "status",
         "parent", "inReplyTo", "filename", "trashed", "created"}  # fmt: skip


@dataclass
class Entry:
    """`texts` has the text of each element of TEXTS, by its local name; those of the author stand there, too."""

    line: int
    texts: dict[str, str] = field(default_factory=dict)
    categories: list[tuple[str, str]] = field(default_factory=list)  # (scheme, term)
    links: list[tuple[str, str]] = field(default_factory=list)  # (rel, href)
    reply_to: str = ""
    is_removed: bool = False

    def text(self, name: str) -> str:
        return self.texts.get(name, "").strip()

    def link(self, rel: str) -> str:
        return next((href for own, href in self.links if own == rel), "")

    @property
    def kind(self) -> str:
        """ "post", "page", "comment", "settings", "template" or another; "" without one."""
        for scheme, term in self.categories:
            if scheme == KIND:
                return term.rpartition("#")[2].lower()
        return self.text("type").lower()


class Feed:
    """`head` is what stands in the feed before and between its entries."""

    def __init__(self, source: Source) -> None:
        self.source, self.head = source, Entry(0)
        self.entry: Entry | None = None
        self.done: list[Entry] = []
        self.path: list[str] = []
        self.text: list[str] = []
        self.is_feed = False
        self.failure: tuple[str, int] | None = None

    def entries(self) -> Iterator[Entry]:
        """Every entry up to the end, or up to the place where the file is broken: see `failure`."""
        parser = expat.ParserCreate("utf-8")  # prefixes are not resolved: some files declare none
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.text.append
        parser.StartDoctypeDeclHandler = self.refuse
        parser.EntityDeclHandler = self.refuse
        self.parser = parser
        first = True
        try:
            for piece in self.source.pieces():
                if first:
                    piece, first = self.beginning(piece), False
                parser.Parse(piece.encode("utf-8"), False)
                yield from self.taken()
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            if not self.is_feed:
                raise Refused("This is no backup of Blogger (Atom).", error.lineno, self.source.name)
            self.failure = (expat.errors.messages[error.code], error.lineno)
        yield from self.taken()

    def taken(self) -> list[Entry]:
        found, self.done = self.done, []
        return found

    def beginning(self, text: str) -> str:
        """The text from its declaration on. Encodings that it names were decoded already."""
        text = re.sub(r"(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']", r"\1", text.lstrip(), count=1)
        root = ROOT.search(text)
        name = root[1].rpartition(":")[2].lower() if root else ""
        if name == "rss":
            raise Refused(
                "This is an RSS file, perhaps an export of WordPress: use import_wordpress.", 1, self.source.name
            )
        if name != "feed":
            raise Refused("This is no backup of Blogger (an XML file that begins with <feed>).", 1, self.source.name)
        return text

    def refuse(self, *_declaration: object) -> None:
        raise Refused("The file has a DOCTYPE, which no backup of Blogger has.", self.parser.CurrentLineNumber,
                      self.source.name)  # fmt: skip

    def start(self, raw: str, attributes: dict[str, str]) -> None:
        name = raw.rpartition(":")[2]
        self.path.append(name)
        self.is_feed = self.is_feed or name == "feed"
        target = self.entry or self.head
        if name == "entry" and len(self.path) == 2:
            self.entry = Entry(self.parser.CurrentLineNumber)
        elif name == "category":
            target.categories.append((attributes.get("scheme", ""), attributes.get("term", "")))
        elif name == "link":
            target.links.append((attributes.get("rel", "alternate"), attributes.get("href", "")))
        elif name == "in-reply-to":
            target.reply_to = attributes.get("ref", "")
        elif name == "extendedProperty" and attributes.get("name") == "blogger.contentRemoved":
            target.is_removed = attributes.get("value") == "true"
        if name in TEXTS:
            self.text.clear()

    def end(self, raw: str) -> None:
        name = raw.rpartition(":")[2]
        self.path.pop()
        target = self.entry or self.head
        if name == "entry" and self.entry is not None and len(self.path) == 1:
            self.done.append(self.entry)
            self.entry = None
        elif name in TEXTS:
            inside_author = "author" in self.path
            key = f"author {name}" if inside_author else name
            target.texts.setdefault(key, "".join(self.text))
        self.text.clear()
