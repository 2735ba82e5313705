"""Splits raw text into tags, comments and text, as a browser's parser would, in linear time for any input.

A "<" that begins no tag is text. Elements whose content is not markup (`<script>`, `<style>`, `<object>` …) are one
token with their content.
"""

import re
from dataclasses import dataclass, field
from html import unescape

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Their content is read up to the closing tag and is not markup of the text.
OPAQUE = frozenset(
    "script style svg object iframe template math title head textarea select xmp noembed noframes".split()
)

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:_-]*)(?=[\s/>])")
_STEP = re.compile(r"[\"'<>]")
_ATTRIBUTE = re.compile(r"""([^\s"'<>/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_DECLARATION = re.compile(r"<[!?][^<>]*>")


@dataclass(slots=True)
class Text:
    """HTML text, character references as typed. `literal`: nothing may be replaced in it."""

    value: str
    literal: bool = False


@dataclass(slots=True)
class Tag:
    name: str
    closes: bool = False
    attributes: dict[str, str] = field(default_factory=dict)
    content: str = ""  # of an OPAQUE element


@dataclass(slots=True)
class Node:
    """Finished HTML. `block`: it ends a paragraph. `ignored`: it makes no paragraph alone (`<!--more-->`)."""

    html: str
    block: bool = False
    ignored: bool = False


Token = Text | Tag | Node


class Scanner:
    """Finds tags in one text. Remembers what leads nowhere, so that no part of the text is read again and again."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._dead: set[int] = set()  # places outside of quotes from which no tag ends
        self._absent: dict[str, int] = {}  # a string → the place from which it does not occur any more

    def find(self, what: str, start: int) -> int:
        """`str.find`, remembering that there is none: -1."""
        if start >= self._absent.get(what, len(self.text) + 1):
            return -1
        found = self.text.find(what, start)
        if found < 0:
            self._absent[what] = start
        return found

    def tag(self, start: int) -> tuple[Tag | None, int]:
        """(the tag, the place after it) for a "<" at this place; (None, place) for what is skipped; (None, start) for
        a "<" that is text."""
        text = self.text
        if text.startswith("<!--", start):
            end = self.find("-->", start + 4)
            if text.startswith(("<!-->", "<!--->"), start):
                return None, text.index(">", start) + 1
            return None, start if end < 0 else end + 3
        opening = _TAG.match(text, start)
        if not opening:
            declaration = _DECLARATION.match(text, start)
            return None, declaration.end() if declaration else start
        if text.startswith(">", opening.end()) and opening[2].lower() not in OPAQUE:
            return Tag(opening[2].lower(), bool(opening[1])), opening.end() + 1
        end = self._end(opening.end())
        if end < 0:
            end = self._end_without_quotes(opening.end())
            if end < 0:
                return None, start
        tag = Tag(opening[2].lower(), bool(opening[1]), {} if opening[1] else attributes(text[opening.end() : end - 1]))
        if tag.name in OPAQUE and not tag.closes and not text.startswith("/", end - 2):
            tag.content, end = self._content(tag.name, end)
        return tag, end

    def _end(self, place: int) -> int:
        """The place after the ">" that ends the tag; -1 if there is none."""
        visited = []
        while place not in self._dead:
            visited.append(place)
            step = _STEP.search(self.text, place)
            if step is None or step[0] == "<":
                break
            if step[0] == ">":
                return step.end()
            closing = self.find(step[0], step.end())
            if closing < 0:
                break
            place = closing + 1
        self._dead.update(visited)
        return -1

    def _end_without_quotes(self, place: int) -> int:
        """For a tag whose quotes do not match: it ends at the next ">", if no "<" comes before."""
        found = re.compile(r"[^<>\n]{0,2000}>").match(self.text, place)
        return found.end() if found else -1

    def _content(self, name: str, start: int) -> tuple[str, int]:
        closing = self.closing(name, start)
        if closing is None:
            return "", start
        return self.text[start : closing.start()], closing.end()

    def closing(self, name: str, start: int) -> re.Match[str] | None:
        """The first closing tag of this name from here on."""
        key = f"</{name}"
        if start >= self._absent.get(key, len(self.text) + 1):
            return None
        found = _closing_tag(name).search(self.text, start)
        if found is None:
            self._absent[key] = start
        return found


def _closing_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)


def attributes(text: str) -> dict[str, str]:
    """The attributes in a tag's text, names in lower case, values without character references; the first of equal
    names counts."""
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(text):
        found.setdefault(name.lower(), unescape(double or single or bare))
    return found
