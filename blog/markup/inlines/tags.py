"""Inline HTML (CommonMark 0.31, 6.6): tells tags from text in angle brackets."""

import re
from collections.abc import Iterable

from blog.markup.policies import POST
from blog.markup.raw_html import UNWRAPPED, disposition

_NAME = r"[A-Za-z][A-Za-z0-9-]*+"
_VALUE = r"""(?:[^\s"'=<>`]++|'[^']*+'|"[^"]*+")"""
_ATTRIBUTE = rf"\s++[A-Za-z_:][\w.:-]*+(?:\s*+=\s*+{_VALUE})?+"
_OPENING = re.compile(rf"<({_NAME})((?:{_ATTRIBUTE})*+)\s*+/?>", re.ASCII)
_CLOSING = re.compile(rf"</({_NAME})\s*+>", re.ASCII)
_ONE_ATTRIBUTE = re.compile(rf"\s++([A-Za-z_:][\w.:-]*+)(?:\s*+=\s*+({_VALUE}))?+", re.ASCII)
_ANY = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*+)(?=[\s/>])")
_WITHOUT_VALUE = frozenset(
    """allowfullscreen async autoplay checked controls defer disabled download hidden inert loop muted nomodule
    novalidate open playsinline readonly required reversed selected itemscope allow""".split()
)
_NEED_NO_CLOSING = frozenset(
    """br caption col colgroup dd dt hr img li p rp rt source tbody td tfoot th thead tr wbr""".split()
)
_CLOSED = (POST.tags | UNWRAPPED) - _NEED_NO_CLOSING  # without attributes and closing tag, these are text


class Tags:
    """The tags of one block. `elsewhere`: names of tags that are unbalanced in any block, see `left_over`."""

    def __init__(self, text: str, elsewhere: frozenset[str]) -> None:
        self.text, self.elsewhere = text, elsewhere
        self.last_closing: dict[str, int] = {}
        self.first_opening: dict[str, int] = {}
        for found in _ANY.finditer(text):
            name = found[2].lower()
            if found[1]:
                self.last_closing[name] = found.start()
            else:
                self.first_opening.setdefault(name, found.start())

    def opening_at(self, place: int) -> re.Match[str] | None:
        """The opening tag at this index; None if it is to be shown as text."""
        found = _OPENING.match(self.text, place)
        if not found:
            return None
        name = found[1].lower()
        fate = disposition(name)
        if fate == "text" or not _has_sensible_attributes(found[2]):
            return None
        closed = self.last_closing.get(name, -1) > place
        if fate == "drop" or name == "iframe":
            return found if closed or name == "embed" else None
        if name in _CLOSED and not found[2] and not closed and f"/{name}" not in self.elsewhere:
            return None
        return found

    def closing_at(self, place: int) -> re.Match[str] | None:
        found = _CLOSING.match(self.text, place)
        if not found or disposition(found[1]) != "keep":
            return None
        name = found[1].lower()
        opened = self.first_opening.get(name, place) < place
        return found if opened or name not in _CLOSED or name in self.elsewhere else None

    def end_of(self, name: str, place: int) -> int:
        """The end index of the first closing tag with this name after `place`; `place` if there is none."""
        for found in re.compile(rf"</{name}\s*>", re.IGNORECASE).finditer(self.text, place):
            return found.end()
        return place


def attributes_of(words: str) -> dict[str, str]:
    """The attributes of an opening tag, as typed, without quotation marks."""
    found = _ONE_ATTRIBUTE.findall(words)
    return {name.lower(): value[1:-1] if value[:1] in ('"', "'") else value for name, value in found}


def _has_sensible_attributes(words: str) -> bool:
    """Whether each attribute has a value or needs none; false for text such as `a<b then c>d`."""
    return all(value or name.lower() in _WITHOUT_VALUE for name, value in _ONE_ATTRIBUTE.findall(words))


def left_over(texts: Iterable[str]) -> frozenset[str]:
    """The names of tags that one of the texts opens without closing ("b"), or closes without opening ("/b")."""
    names: set[str] = set()
    for text in texts:
        if "<" not in text:
            continue
        balance: dict[str, int] = {}
        for found in _ANY.finditer(text):
            name = found[2].lower()
            if name in _CLOSED:
                balance[name] = balance.get(name, 0) + (-1 if found[1] else 1)
        names.update(name if count > 0 else f"/{name}" for name, count in balance.items() if count)
    return frozenset(names)
