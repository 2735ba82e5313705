"""Inline syntax that is on for some posts only (`Post.extended_markdown`): what follows means nothing in CommonMark.

    ==marked==   x^2^   H~2~O   :smile:   $a^2$ and $$a^2$$   ^[a footnote in the text]

Sources: pandoc's manual for superscript, subscript, math and inline footnotes; GitHub for the names of emoji.
"""

import re
from typing import TYPE_CHECKING

from blog.markup.inlines.code_spans import CodeSpans
from blog.markup.inlines.tokens import Footnote, Leaf
from blog.markup.notices import AS_TYPED

if TYPE_CHECKING:
    from blog.markup.inlines.scanner import Scanner

MOST_NOTES = 2_000  # footnotes in the text; more stay as typed
DEEPEST_NOTES = 3  # footnotes in footnotes in the text

MATH, DISPLAY = "longrun-math", "longrun-math longrun-math--display"
SIGNS = r"==|\^(?=\S)|\$(?=\S)|(?<![\w:]):(?=[a-z0-9+_-]{1,60}:)|\$\$"

_ATTACHED = r"(?<=[^\W_]){0}([^\s\\{0}]{{0,60}}[^\W_]|[+\u2212-]|[^\s\\{0}]{{1,60}}[+\u2212*)-]){0}"
_RAISED = re.compile(_ATTACHED.format(r"\^"))
_RAISED_BEHIND_BRACKET = re.compile(r"(?<=[)\]])\^([^\s\\^]{0,60}[^\W_])\^")
_LOWERED = re.compile(_ATTACHED.format("~") + "(?!~)")
_EMOJI = re.compile(r":[a-z0-9+_-]{1,60}:")
# Pandoc: no space inside next to either sign, no digit behind the closing one, which is not escaped.
_FORMULA = re.compile(r"\$(?![\s$])((?:[^$\\]|\\.){0,1999}(?<=\S))(?<!\\)\$(?![0-9$])", re.DOTALL)
_DISPLAYED = re.compile(r"\$\$((?:[^$\\]|\\.){1,2000})\$\$", re.DOTALL)
_SIGN_IN_NOTE = re.compile(r"\\.|`+|[\[\]]", re.DOTALL)


def read_mark(scanner: "Scanner", place: int) -> int | None:
    return scanner.run(place) if scanner.text.startswith("==", place) else None


def read_superscript(scanner: "Scanner", place: int) -> int | None:
    """`x^2^`, and `^[a footnote in the text]`."""
    if scanner.text.startswith("[", place + 1):
        return _note(scanner, place)
    found = _RAISED.match(scanner.text, place) or _RAISED_BEHIND_BRACKET.match(scanner.text, place)
    return _leaf(scanner, Leaf("sup", found[1]), found) if found else None


def read_subscript(scanner: "Scanner", place: int) -> int | None:
    """`H~2~O`; otherwise the strikethrough of `~~gone~~`."""
    found = _LOWERED.match(scanner.text, place)
    return _leaf(scanner, Leaf("sub", found[1]), found) if found else scanner.run(place)


def read_math(scanner: "Scanner", place: int) -> int | None:
    """A formula, which stays TeX until the text is sanitized (`blog.markup.mathml`)."""
    if found := _DISPLAYED.match(scanner.text, place):
        return _leaf(scanner, Leaf("span", found[1].strip(), {"class": DISPLAY}), found)
    if found := _FORMULA.match(scanner.text, place):
        return _leaf(scanner, Leaf("span", found[1], {"class": MATH}), found)
    return None


def read_emoji(scanner: "Scanner", place: int) -> int | None:
    found = _EMOJI.match(scanner.text, place)
    if not found:
        return None
    from emoji import emojize  # a table of 3 MB, which few texts need

    sign = emojize(found[0], language="alias")
    if sign == found[0]:
        return None
    scanner.out.append(sign)
    return found.end()


def _note(scanner: "Scanner", place: int) -> int | None:
    notes = scanner.dialect.inline_notes
    if scanner.note_ends is None:
        scanner.note_ends = _ends_of_brackets(scanner.text)
    end = scanner.note_ends.get(place + 1)
    if end is None:
        return None
    words = scanner.text[place + 2 : end].strip()
    if not words:
        return None
    if not scanner.dialect.takes_notes or len(notes) >= MOST_NOTES:
        limit = "number" if scanner.dialect.takes_notes else "depth"
        if limit not in scanner.dialect.told:
            scanner.dialect.told.add(limit)
            scanner.notice(place, AS_TYPED, "note")
        return None
    label = f"inline-{len(notes) + 1}"
    while label in scanner.dialect.footnotes:
        label += "-"
    notes[label] = words
    scanner.dialect.note_lines[label] = scanner.line_at(place)
    scanner.out.append(Footnote(label, scanner.text[place : end + 1]))
    return end + 1


def _ends_of_brackets(text: str) -> dict[int, int]:
    """The index of each "[" outside of code, with that of the "]" that closes it."""
    spans = CodeSpans(text)
    ends: dict[int, int] = {}
    waiting: list[int] = []
    place = 0
    while found := _SIGN_IN_NOTE.search(text, place):
        place = found.end()
        if found[0] == "[":
            waiting.append(found.start())
        elif found[0] == "]":
            if waiting:
                ends[waiting.pop()] = found.start()
        elif found[0][0] == "`":
            closing = spans.closing(len(found[0]), place)
            place = place if closing is None else closing + len(found[0])
    return ends


def _leaf(scanner: "Scanner", token: Leaf, found: re.Match[str]) -> int:
    scanner.out.append(token)
    return found.end()


READERS = {"=": read_mark, "^": read_superscript, "~": read_subscript, "$": read_math, ":": read_emoji}
