"""Plain text of an element tree, for search, descriptions, excerpts and word counts."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from blog.markup.dom import VOID

SUMMARY_WORDS = 55  # WordPress's excerpt

_INLINE = frozenset(
    """a abbr b bdi bdo cite code del dfn em i img ins kbd mark q rp rt ruby s samp small span strong sub sup time u
    var wbr""".split()
)
_SILENT = frozenset({"audio", "video", "rp", "rt"})
_NOT_PROSE = frozenset({"pre", "table", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "details"})
# Han, kana and their extensions: scripts without spaces, in which each character counts as a word.
_CJK = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_BETWEEN_WORDS = str.maketrans("—–…/", "    ")


def plain(root: Element) -> str:
    """The text without tags, a line for each block."""
    parts: list[str] = []
    _speak(root, parts)
    lines = (" ".join(line.split()) for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)


def count_words(text: str) -> int:
    """The number of words; in Chinese and Japanese each character counts as one."""
    rest, characters = _CJK.subn(" ", text)
    return characters + sum(any(map(str.isalnum, word)) for word in rest.translate(_BETWEEN_WORDS).split())


def summarize(root: Element) -> str:
    """The first paragraphs as plain text, at most 55 words (or 110 Chinese or Japanese characters)."""
    paragraphs = [plain(paragraph) for paragraph in _prose(root)]
    if not any(paragraphs):  # a list, a table or code alone
        paragraphs = [plain(block) for block in root if "footnote" not in block.get("class", "")]
    text = " ".join(" ".join(filter(None, paragraphs)).split())
    budget = 2 * SUMMARY_WORDS
    end = 0
    for piece in re.finditer(f"{_CJK.pattern}|(?:(?!{_CJK.pattern})\\S)+", text):
        budget -= 1 if _CJK.fullmatch(piece[0]) else 2
        if budget < 0:
            return text[:end].rstrip(" ,;:.–—") + "…"
        end = piece.end()
    return text


def pictures(root: Element) -> tuple[str, ...]:
    return tuple(dict.fromkeys(picture.get("src", "") for picture in root.iter("img")))


def links(root: Element) -> tuple[str, ...]:
    """The URLs of links, without fragments of the text itself, in order and without duplicates."""
    found = (link.get("href", "") for link in root.iter("a"))
    return tuple(dict.fromkeys(address for address in found if address and not address.startswith("#")))


def _speak(root: Element, parts: list[str]) -> None:
    waiting: list[tuple[Element, bool] | str] = [(root, False)]  # a stack of (element, whether in <pre>) and text
    while waiting:
        step = waiting.pop()
        if isinstance(step, str):
            parts.append(step)
            continue
        element, in_code = step
        if element is not root:
            waiting.append(_told(element.tail, in_code))
        if _is_silent(element):
            continue
        block, is_code = element.tag not in _INLINE, element.tag == "pre"
        parts.append("\n" if block else "")
        waiting.append("\n" if block else "")
        if element.tag not in VOID:
            parts.append(_told(element.text, is_code))
            waiting.extend((child, is_code) for child in reversed(element))


def _told(text: str | None, in_code: bool) -> str:
    return (text or "") if in_code else (text or "").replace("\n", " ")


def _is_silent(element: Element) -> bool:
    if not element.attrib and element.tag not in _SILENT and element.tag != "sup":
        return False
    classes = element.get("class", "")
    if element.tag in _SILENT or "toc" in classes.split() or "footnote-backref" in classes:
        return True
    if element.tag == "sup" and any("footnote-ref" in child.get("class", "") for child in element):
        return True
    return "task__mark" in classes or "linenos" in classes


def _prose(root: Element) -> Iterator[Element]:
    waiting = list(reversed(root))
    while waiting:
        element = waiting.pop()
        if element.tag == "p":
            if "longrun-callout__title" not in element.get("class", ""):
                yield element
        elif element.tag not in _NOT_PROSE and "footnote" not in element.get("class", ""):
            waiting.extend(reversed(element))
