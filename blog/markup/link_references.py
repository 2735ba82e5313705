"""Link reference definitions and their labels (CommonMark 0.31, 4.7)."""

import re
from typing import NamedTuple

MAX_LABEL = 999  # characters between the brackets

_LABEL = re.compile(rf"\[((?:[^\\\[\]]|\\.){{1,{MAX_LABEL}}}+)\]:[ \t]*\n?[ \t]*", re.DOTALL)
_ADDRESS = re.compile(r"<((?:[^<>\n\\]|\\[^\n])*+)>|([^\s<\x00-\x20][^\s\x00-\x20]*)")
_TITLE = re.compile(
    r"""(?:[ \t]+|[ \t]*\n[ \t]*)("(?:[^"\\]|\\.)*+"|'(?:[^'\\]|\\.)*+'|\((?:[^()\\]|\\.)*+\))""", re.DOTALL
)
_END = re.compile(r"[ \t]*(?:\n|$)")


class Definition(NamedTuple):
    label: str
    address: str  # as typed, with escapes and entities
    title: str
    end: int  # index of the text after it


def normal_label(text: str) -> str:
    """The key of a label: stripped, runs of whitespace as one space, case-folded."""
    # Case-folded twice: the result of the first pass can contain a character that a second one changes.
    return " ".join(text.split()).casefold().casefold()


def definition_at(text: str, start: int) -> Definition | None:
    """The definition at this index of a paragraph, the start of a line; None if there is none."""
    label = _LABEL.match(text, start)
    if not label or not label[1].strip():
        return None
    address = _ADDRESS.match(text, label.end())
    if not address or not _is_balanced(address[2] or ""):
        return None
    title = _TITLE.match(text, address.end())
    end = _END.match(text, title.end()) if title else None
    if not end:
        title, end = None, _END.match(text, address.end())
    if not end:
        return None
    plain = address[1] if address[2] is None else address[2]
    return Definition(label[1], plain, title[1][1:-1] if title else "", end.end())


def _is_balanced(address: str) -> bool:
    depth = 0
    for sign in re.findall(r"\\.|[()]", address):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0
