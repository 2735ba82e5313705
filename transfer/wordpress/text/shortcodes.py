"""Finds shortcodes in raw text, with WordPress's rules.

`[name]`, `[name attributes]`, `[name /]`, `[name]content[/name]`: an opening with any later `[/name]` encloses what is
between, with the first one; the same name does not nest. `[[name]]` shows `[name]`. Attributes hold no "]". Source: the
Shortcode API of WordPress's documentation. Old forms of WordPress.com have "=" or ":" after the name (`[youtube=URL]`).
"""

import re
from bisect import bisect_left
from dataclasses import dataclass, field
from html import unescape

_OPENING = re.compile(r"\[(\[?)([A-Za-z][\w-]*(?:\.[A-Za-z]{2,5})?)((?:[\s=:/]|&nbsp;|\xa0)[^\[\]]*)?\](\]?)")
_CLOSING = re.compile(r"\[/([A-Za-z][\w.-]*)\s*\](\]?)")
_QUOTES = '"“”„″‟'
_SINGLE_QUOTES = "'‘’‚′"
_ATTRIBUTES = re.compile(
    rf"""([\w-]+)\s{{0,9}}=\s{{0,9}}[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]"""
    rf"""|([\w-]+)\s{{0,9}}=\s{{0,9}}[{_SINGLE_QUOTES}]([^{_SINGLE_QUOTES}]*)[{_SINGLE_QUOTES}]"""
    rf"""|([\w-]+)\s{{0,9}}=\s{{0,9}}([^\s{_QUOTES}{_SINGLE_QUOTES}]\S*)"""
    rf"""|[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]|[{_SINGLE_QUOTES}]([^{_SINGLE_QUOTES}]*)[{_SINGLE_QUOTES}]|(\S+)"""
)
_SPACES = re.compile("(?:&nbsp;|[\xa0\u200b])+")
LONGEST_NAME = 60
LONGEST_ATTRIBUTES = 50_000  # characters


@dataclass
class Shortcode:
    """`content_end` is -1 without a closing tag; `end` is the place after the whole. `source` is the opening tag."""

    name: str
    source: str
    end: int
    attributes: dict[str, str] = field(default_factory=dict)
    values: list[str] = field(default_factory=list)  # attributes without a name
    content_end: int = -1
    is_escaped: bool = False  # [[name]]: `source` is what is shown
    tag_end: int = 0  # the place after the opening tag

    def first(self, *names: str) -> str:
        """The first of these attributes that says something, else the first value without a name."""
        return self.named(*names) or (self.values[0] if self.values else "")

    def named(self, *names: str) -> str:
        return next((self.attributes[name] for name in names if self.attributes.get(name)), "")


class Finder:
    """Finds shortcodes in one text, in linear time."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._closings: dict[str, list[tuple[int, int]]] | None = None  # name → (start, end) of its closing tags

    def at(self, start: int, *, may_enclose: bool = True) -> Shortcode | None:
        """The shortcode whose "[" is at this place. Names are in lower case."""
        opening = _OPENING.match(self.text, start)
        if not opening or len(opening[2]) > LONGEST_NAME:
            return None
        name, rest = opening[2].lower(), opening[3] or ""
        if len(rest) > LONGEST_ATTRIBUTES:
            return None
        escaped = bool(opening[1])
        tag_end = opening.end() - len(opening[4])
        closed_alone = _closes_itself(rest)
        found = Shortcode(name, self.text[start:tag_end], tag_end, tag_end=tag_end)
        if escaped and opening[4]:
            found.is_escaped, found.end = True, opening.end()
            found.source = self.text[start + 1 : tag_end]
            return found
        if may_enclose and not closed_alone and (closing := self._closing(name, tag_end)):
            if escaped and self.text.startswith("]", closing[1]):
                found.is_escaped, found.end = True, closing[1] + 1
                found.source = self.text[start + 1 : closing[1]]
                return found
            found.content_end, found.end = closing
        if escaped:
            return None  # the shortcode begins at the next "["
        found.attributes, found.values = parse_attributes(rest.rstrip()[:-1] if closed_alone else rest)
        return found

    def closing_at(self, start: int) -> tuple[str, int] | None:
        """(name, end) of the closing tag at this place."""
        found = _CLOSING.match(self.text, start)
        return (found[1].lower(), found.end() - len(found[2])) if found else None

    def _closing(self, name: str, start: int) -> tuple[int, int] | None:
        if self._closings is None:
            self._closings = {}
            for found in _CLOSING.finditer(self.text):
                self._closings.setdefault(found[1].lower(), []).append((found.start(), found.end() - len(found[2])))
        places = self._closings.get(name, [])
        at = bisect_left(places, (start, 0))
        return places[at] if at < len(places) else None


def _closes_itself(rest: str) -> bool:
    """Whether `/]` ends the tag; the slash may also belong to a URL without quotes."""
    words = rest.rsplit(None, 1)
    last = words[-1] if words else ""
    return last.endswith("/") and not ("//" in last and not last.endswith(('"/', "'/")))


def parse_attributes(text: str) -> tuple[dict[str, str], list[str]]:
    """(named, unnamed) attributes. Curly quotes count as quotes: editors and plugins put them in. A value directly
    after the name (`=URL`, `:URL`) is the first unnamed one. Character references are resolved."""
    text = _SPACES.sub(" ", text)
    named: dict[str, str] = {}
    unnamed: list[str] = []
    stripped = text.lstrip()
    if stripped[:1] in ("=", ":"):
        text = stripped[1:].strip()
        for quote in (_QUOTES, _SINGLE_QUOTES):
            if text[:1] and text[0] in quote and text[-1] in quote:
                text = text[1:-1]
        first, _, text = text.partition(" ")
        unnamed.append(unescape(first))
    for found in _ATTRIBUTES.finditer(_decoded_quotes(text)):
        for name, value in ((1, 2), (3, 4), (5, 6)):
            if found[name] is not None:
                named.setdefault(found[name].lower(), unescape(found[value]).strip())
                break
        else:
            unnamed.append(unescape(next(filter(None, found.group(7, 8, 9)), "")))
    return named, unnamed


def _decoded_quotes(text: str) -> str:
    for reference, sign in (("&quot;", '"'), ("&#8220;", "“"), ("&#8221;", "”"), ("&#8243;", "″"), ("&#039;", "'")):
        text = text.replace(reference, sign)
    return text
