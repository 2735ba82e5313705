"""Parses what follows the text of a link: destination, title, label (CommonMark 0.31, 6.3)."""

import re

from blog.markup.inlines.escapes import encoded, unescaped
from blog.markup.link_references import MAX_LABEL

SCHEME = re.compile(r"\s*([A-Za-z][A-Za-z0-9+.-]*):")
_BLANK = re.compile(r"[ \t]*+(?:\n[ \t]*+)?+")
_IN_ANGLES = re.compile(r"<((?:[^<>\n\\]|\\.)*+)>")
_BARE = re.compile(r"[^\x00-\x20\x7f()\\]++|\\[!-/:-@\[-`{-~]|\\|[()]")
_TITLE = re.compile(r"""(?s:"((?:[^"\\]|\\.)*+)"|'((?:[^'\\]|\\.)*+)'|\(((?:[^()\\]|\\.)*+)\))""")
_LABEL = re.compile(r"\[((?:[^\[\]\\]|\\.)*+)\]", re.DOTALL)
_PICTURE_WITH_SPACES = re.compile(r"\(([^()<>\"'\n]{1,300}?\.(?:jpe?g|png|gif|webp|avif))\)", re.IGNORECASE)
_DEPTH = 16  # of parentheses in a destination

Target = tuple[str, str, int]  # URL, title, end index of the link


def inline_target(text: str, place: int, *, picture: bool) -> Target | None:
    """Parse `(destination "title")` at this index; None if it does not match.

    A destination in quotation marks is refused: it is more likely an argument, as in `f[0]("x")`.
    """
    start = _end_of_blank(text, place + 1)
    if text[start : start + 1] in ('"', "'"):
        return None
    found = _destination(text, start)
    if found:
        address, end = found
        behind = _end_of_blank(text, end)
        title = ""
        if behind > end and (said := _TITLE.match(text, behind)):
            title = said[1] or said[2] or said[3] or ""
            behind = _end_of_blank(text, said.end())
        if text.startswith(")", behind):
            return encoded(unescaped(address)), unescaped(title), behind + 1
    if picture and (spaced := _PICTURE_WITH_SPACES.match(text, place)):
        return encoded(unescaped(spaced[1].strip())), "", spaced.end()
    return None


def _end_of_blank(text: str, place: int) -> int:
    return _BLANK.match(text, place).end()  # type: ignore[union-attr]  # it may be empty


def _destination(text: str, start: int) -> tuple[str, int] | None:
    if text.startswith("<", start):
        found = _IN_ANGLES.match(text, start)
        return (found[1], found.end()) if found else None
    depth, end = 0, start
    while piece := _BARE.match(text, end):
        if piece[0] == "(":
            depth += 1
            if depth > _DEPTH:
                return None
        elif piece[0] == ")":
            if not depth:
                break
            depth -= 1
        end = piece.end()
    return None if depth else (text[start:end], end)


def label_at(text: str, place: int) -> tuple[str, int] | None:
    """(label, end index) of the `[label]` at this index, which may be empty; None if there is none."""
    found = _LABEL.match(text, place)
    return (found[1], found.end()) if found and len(found[1]) <= MAX_LABEL else None


def scheme_of(address: str) -> str:
    """The scheme in lower case; "" for a URL without one."""
    found = SCHEME.match(address)
    return found[1].lower() if found else ""
