"""The elements of an export of Disqus, each parsed by itself, so that a broken one takes no other along."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from xml.parsers import expat

from transfer.wordpress.errors import Refused

LARGEST = 4 << 20  # characters of one element
HEAD = 1 << 16  # characters in which the file has to begin with its root element
MARK = re.compile(r"<!\[CDATA\[|<!--|<(/?)(category|thread|post)\b([^<>]*)>")
ENDS = {"<![CDATA[": "]]>", "<!--": "-->"}
ROOT = re.compile(r"<(?![?!])\s*([\w.:-]+)(?=[\s/>])")
DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)\b", re.IGNORECASE)
SECTION = re.compile(r"(<!\[CDATA\[.*?\]\]>)", re.DOTALL)
UNQUOTED = re.compile(r"""(?<=[\w"'])(\s+[\w:.-]+)=([^\s"'<>/]+)(?=\s|/?>)""")
FIELD = re.compile(
    r"<(id|message|createdAt|isDeleted|isSpam|isClosed|isAnonymous|email|name|username|ipAddress|link|title|forum)\b"
    r"[^<>]*(?<!/)>(.*?)</\1\s*>",
    re.DOTALL,
)
IDENTIFIER = re.compile(r"""<(post|thread|category|parent)\b[^<>]*?\bid\s*=\s*["']?([^\s"'<>/]+)""")
DAMAGED = "damaged"
BARE_AMPERSAND = re.compile(r"&(?!(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos);)")


class Broken(Exception):
    """An element that cannot be read; the text says why."""


@dataclass
class Element:
    name: str  # "category", "thread" or "post"
    line: int
    text: str  # the XML of the element
    is_whole: bool = True

    def facts(self) -> dict[str, str]:
        """{"author/name": its text, "@id": the element's dsq:id, "thread@id": …}. Raises Broken.

        `DAMAGED` is among them if the XML had to be read by its known elements alone.
        """
        reason = "The element has no end, or is far too large."
        if self.is_whole:
            try:
                return parsed(self.text)
            except expat.ExpatError as error:
                reason = f"The XML is damaged here ({expat.errors.messages[error.code]})."
            try:
                return parsed(repaired(self.text))
            except expat.ExpatError:
                pass
        found = loosely(self.name, self.text)
        if not found:
            raise Broken(reason)
        return found


def repaired(text: str) -> str:
    """The XML with ampersands escaped and attributes quoted; what is in CDATA stays as it is."""
    parts = SECTION.split(text)
    parts[::2] = [UNQUOTED.sub(r'\1="\2"', BARE_AMPERSAND.sub("&amp;", part)) for part in parts[::2]]
    return "".join(parts)


def loosely(name: str, text: str) -> dict[str, str]:
    """What the known elements say, each by its own tags; nothing if its words or address are lost."""
    found: dict[str, str] = {DAMAGED: "true"}
    for match in FIELD.finditer(text):
        field = f"author/{match[1]}" if match[1] in ("email", "name", "username", "isAnonymous") else match[1]
        found.setdefault(field, "".join(unescaped_part(part) for part in SECTION.split(match[2])))
    for own, identifier in IDENTIFIER.findall(text):
        found.setdefault("@id" if own == name else f"{own}@id", identifier)
    return found if found.get("message" if name == "post" else "link", "").strip() else {}


def unescaped_part(part: str) -> str:
    return part[9:-3] if part.startswith("<![CDATA[") else html.unescape(part)


def parsed(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    path: list[str] = []
    said: list[str] = []

    def start(raw: str, attributes: dict[str, str]) -> None:
        path.append(raw.rpartition(":")[2])
        said.clear()
        for name, value in attributes.items():
            if name.rpartition(":")[2] == "id":
                found.setdefault("/".join(path[1:]) + "@id", value.strip())

    def end(_raw: str) -> None:
        found.setdefault("/".join(path[1:]), "".join(said))
        path.pop()
        said.clear()

    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, said.append
    parser.Parse(text.encode("utf-8", "replace"), True)
    return found


def elements(pieces: Iterable[str], name: str) -> Iterator[Element]:
    """Every category, thread and post of the file. Raises Refused for what is no export of Disqus."""
    splitter = Splitter()
    head = ""
    is_begun = False
    for piece in pieces:
        if is_begun:
            yield from splitter.feed(piece)
            continue
        head += piece
        root = ROOT.search(head)
        if root is not None or len(head) > HEAD:
            refuse_others(head, root[1] if root else "", name)
            is_begun = True
            yield from splitter.feed(head)
    if not is_begun:
        refuse_others(head, "", name)
    yield from splitter.finish()


def refuse_others(head: str, root: str, name: str) -> None:
    if match := DOCTYPE.search(head):
        line = head.count("\n", 0, match.start()) + 1
        raise Refused("The file has a DOCTYPE, which no export of Disqus has.", line, name)
    if root == "rss":
        raise Refused("This is an RSS file, perhaps an export of WordPress: use import_wordpress.", 1, name)
    if root.rpartition(":")[2] != "disqus":
        raise Refused("This is no export of Disqus (an XML file that begins with <disqus>).", 1, name)


class Splitter:
    """Cuts a text that comes in pieces into its elements. What stands in CDATA or comments is no tag."""

    def __init__(self) -> None:
        self.text, self.at, self.line = "", 0, 1  # what is looked at; from where on; the line of its beginning
        self.counted = 0  # characters of `text` whose newlines are in `line`
        self.open = ""  # the name of the element that has begun
        self.start, self.start_line, self.is_lost = 0, 0, False

    def feed(self, piece: str, *, is_last: bool = False) -> Iterator[Element]:
        self.drop()
        self.text += piece
        while match := MARK.search(self.text, self.at):
            if end := ENDS.get(match[0]):
                place = self.text.find(end, match.end())
                if place < 0 and not is_last and len(self.text) - match.start() < LARGEST:
                    self.at = match.start()
                    return
                self.at = place + len(end) if place >= 0 else match.end()
                continue
            self.at = match.end()
            yield from self.met(match)
        last = self.text.rfind("<", self.at)
        self.at = last if last >= 0 and ">" not in self.text[last:] else len(self.text)
        if self.open and self.at - self.start > LARGEST:
            self.is_lost, self.start = True, self.at

    def finish(self) -> Iterator[Element]:
        yield from self.feed("", is_last=True)
        if self.open:
            yield self.cut(len(self.text), is_whole=False)

    def met(self, match: re.Match[str]) -> Iterator[Element]:
        closing, name, more = match.groups()
        if closing:
            if name == self.open:
                yield self.cut(match.end())
            return
        if self.open and (name == "post" or name == self.open != "post"):
            yield self.cut(match.start(), is_whole=False)
        if not self.open:
            self.open, self.start, self.start_line = name, match.start(), self.line_at(match.start())
            if more.endswith("/"):
                yield self.cut(match.end())

    def cut(self, end: int, *, is_whole: bool = True) -> Element:
        found = Element(self.open, self.start_line, self.text[self.start : end], is_whole and not self.is_lost)
        self.open, self.is_lost = "", False
        return found

    def line_at(self, place: int) -> int:
        self.line += self.text.count("\n", self.counted, place)
        self.counted = place
        return self.line

    def drop(self) -> None:
        """Forget what is done."""
        done = self.start if self.open else self.at
        self.line_at(max(done, self.counted))
        self.text = self.text[done:]
        self.at, self.counted, self.start = self.at - done, self.counted - done, 0
