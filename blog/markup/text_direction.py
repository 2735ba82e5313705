"""Sets `dir` on the blocks of a text that contains right-to-left letters (Hebrew, Arabic …).

`unicode-bidi: plaintext` in a style sheet would order and align the text of each block too, but list markers, the
border of a quote, the order of table columns and the triangle of a summary follow the element's `dir`. The attribute
also works in feed readers and mail programs, which do not load our style sheet. A text without such letters gets no
attribute, unless its language is written from right to left.

As with `dir="auto"` of the HTML standard, the first letter with a direction decides; unlike there, code is ignored.
"""

import re
from collections.abc import Iterator
from unicodedata import bidirectional
from xml.etree.ElementTree import Element

from core import languages

_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_LETTER = re.compile(r"[^\W\d_]")
_STRONG = {"L": "ltr", "R": "rtl", "AL": "rtl"}
BLOCKS = frozenset(
    """blockquote caption dd details div dl dt figcaption h1 h2 h3 h4 h5 h6 li ol p section summary table td th
    ul""".split()
)
_NO_SAY = frozenset({"bdi", "code", "kbd", "pre", "samp", "var"})


def set_directions(root: Element | None, language: str) -> None:
    """Set `dir` on each block by its first letter with a direction, if the text or its language is right-to-left."""
    if root is None or not (languages.direction(language) == "rtl" or _is_mixed(root)):
        return
    found: dict[Element, str] = {}
    for element in reversed(list(root.iter())):  # descendants before their ancestors
        if element.tag == "pre":
            element.attrib.setdefault("dir", "ltr")
        said = element.get("dir", "")
        own = said or next(_directions_in(element, found), "")
        found[element] = "" if said or element.tag in _NO_SAY else own
        if element.tag in BLOCKS and own and not said:
            element.set("dir", own)


def _is_mixed(root: Element) -> bool:
    return any(_RIGHT_TO_LEFT.search(text) for text in root.itertext())


def _directions_in(element: Element, found: dict[Element, str]) -> Iterator[str]:
    if direction := of_text(element.text):
        yield direction
    for child in element:
        if direction := found[child] or of_text(child.tail):
            yield direction


def of_text(text: str | None) -> str:
    """ "rtl" or "ltr" by the first letter with a direction; "" without one."""
    for letter in _LETTER.finditer(text or ""):
        if direction := _STRONG.get(bidirectional(letter[0])):
            return direction
    return ""
