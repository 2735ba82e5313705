"""Blocks that are on for some posts only (`Post.extended_markdown`): callouts, abbreviations, math.

    > [!NOTE]                  *[HTML]: Hypertext Markup Language        $$
    > A note in a box.                                                  a^2 + b^2
                                                                        $$

Sources: GitHub for callouts and their five kinds, Obsidian for a title behind the kind, PHP Markdown Extra for
abbreviations, pandoc for math.
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from django.utils.translation import gettext_lazy as _

from blog.markup.blocks.structure import LEAF, NOTHING, Dialect, Node, Structure

CALLOUTS = {
    "note": _("Note"),
    "tip": _("Tip"),
    "important": _("Important"),
    "warning": _("Warning"),
    "caution": _("Caution"),
}
MOST_ABBREVIATIONS = 200

_CALLOUT = re.compile(rf"\[!({'|'.join(CALLOUTS)})\](?:[ \t]+([^\n]*))?$", re.IGNORECASE)
_ABBREVIATION = re.compile(r"\*\[([^\[\]\n]{1,80})\]:[ \t]+([^\n]{1,300})$")
_LIKE_ABBREVIATION = re.compile(r"\*\[[^\[\]\n]+\]:[ \t]+[^\n]")  # of any length
_LITERAL = frozenset({"a", "abbr", "code", "pre", "stash"})


def structure(dialect: Dialect, lines: list[str]) -> Structure:
    """The reader of blocks for this dialect and text."""
    if not dialect.extended:
        return Structure(dialect)
    made = Structure(dialect, {"$": (begin_math,), "*": (define_abbreviation,)})
    made.last_math = max(
        (number for number, line in enumerate(lines, start=1) if line.rstrip().endswith("$$")), default=0
    )
    return made


def begin_math(blocks: Structure, indent: int, text: str) -> str:
    """`$$` alone in its line begins a block of math if a later line can end it."""
    if text.rstrip(" \t") != "$$" or blocks.last_math <= blocks.number:
        return NOTHING
    blocks.begin("math")
    return LEAF


def define_abbreviation(blocks: Structure, indent: int, text: str) -> str:
    text = text.rstrip(" \t")
    if blocks.in_paragraph() or not _LIKE_ABBREVIATION.match(text):
        return NOTHING
    found = _ABBREVIATION.match(text)
    if not found or len(blocks.abbreviations) >= MOST_ABBREVIATIONS:
        if not any(kind == "abbreviation" for _line, kind in blocks.as_typed):
            blocks.as_typed.append((blocks.number, "abbreviation"))
        return NOTHING
    blocks.abbreviations.setdefault(found[1].strip(), found[2].strip())
    blocks.begin("gone")
    blocks.leaf = None
    return LEAF


def take_callout(quote: Node) -> tuple[str, str, int] | None:
    """Remove the `[!NOTE]` that begins a quote. Returns its kind, title and line; None if it is a plain quote."""
    first = quote.children[0] if quote.children else None
    found = _CALLOUT.match(first.lines[0].rstrip(" \t")) if first and first.kind == "paragraph" else None
    if not first or not found:
        return None
    kind, line = found[1].lower(), first.start
    first.lines, first.start = first.lines[1:], first.start + 1
    if not first.lines:
        quote.children = quote.children[1:]
    return kind, found[2] or str(CALLOUTS[kind]), line


def mark_abbreviations(root: Element, known: Mapping[str, str]) -> None:
    """Put each whole word that is an abbreviation into an <abbr>."""
    names = sorted((name for name in known if name), key=len, reverse=True)
    if not names:
        return
    either = "|".join(re.escape(name.replace("&", "&amp;")) for name in names)
    # Not within "&amp;", nor within a placeholder of the stash, which stands between \x02 and \x03.
    pattern = re.compile(rf"(?<![\w\x02&])({either})(?![\w\x03])")
    titles = {name.replace("&", "&amp;"): title.replace("&", "&amp;") for name, title in known.items()}

    def split(text: str) -> tuple[str, list[Element]]:
        before, *parts = pattern.split(text)
        made = []
        for name, behind in zip(parts[::2], parts[1::2], strict=True):
            made.append(Element("abbr", {"title": titles[name]}))
            made[-1].text, made[-1].tail = name, behind
        return before, made

    def visit(element: Element) -> None:
        children: list[Element] = []
        if element.text and pattern.search(element.text):
            element.text, children = split(element.text)
        for child in element:
            if child.tag not in _LITERAL and "longrun-math" not in child.get("class", ""):
                visit(child)
            children.append(child)
            if child.tail and pattern.search(child.tail):
                child.tail, made = split(child.tail)
                children += made
        element[:] = children

    visit(root)
