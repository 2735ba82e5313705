"""Smart punctuation: replaces typewriter quotation marks, apostrophes, dashes and ellipses by typographic ones.

Works on the whole text of a block, because the neighbouring characters may be in other elements. Options ("--force"),
arrows, measures and Hebrew gershayim are recognized; what is ambiguous stays as typed.
"""

import re
from collections.abc import Iterator
from unicodedata import category

from core.quotation_marks import quotation_marks

_SIGNS = re.compile(r"[\"']|-{2,}|\.{3,}")
_MEASURE = re.compile(
    r"(?<![\w.'])(?:[0-9]{1,3}°\s?)?[0-9]{1,3}(')\s?(?:[0-9]{1,2}(?:[.,][0-9]+)?(\")|[0-9]{1,2}(?![\w'\"]))"
)
_SIZE = re.compile(r"[0-9]([\"'])\s?[x×]\s?[0-9]+(?:[.,][0-9]+)?([\"'])")
_ASSIGNMENT = re.compile(r"(?<=[\w-])=(\"[^\"\n]*\"|'[^'\n]*')")
_DIGITS_BEFORE = re.compile(r"(?<![\w.,])[0-9]{1,3}(?:[.,][0-9]{1,3})?\Z")
_DECADE = re.compile(r"'[0-9]{2}(?:s|er)?(?![\w'])")
_CUT_WORD = re.compile(r"'(?:n'|(?:tis|twas|twere|twill|em|til|cause|cos|bout|round|n)(?!\w))", re.IGNORECASE)
_SINGLE_CLOSING = re.compile(r"(?<=[^\s])'(?!\w)")
_HEBREW = re.compile("[\u0590-\u05ff\ufb1d-\ufb4f]")
_OPENING_SIGNS = frozenset("([{<„“‘«‚‹¿¡–—-/=\u202f")
_MARKUP_SIGNS = frozenset("*_~")  # emphasis markers that remained as text
_APOSTROPHE = "’"

Change = tuple[int, int, str]  # start, end, replacement


def changes(text: str, language: str = "") -> Iterator[Change]:
    """The replacements in the text of a block, in order. `language`: a BCP 47 tag; "" means English."""
    marks = quotation_marks(language)
    if marks is None:
        return
    reader = _Reader(text, marks)
    for found in _SIGNS.finditer(text):
        new = reader.read(found)
        if new is not None and new != found[0]:
            yield found.start(), found.end(), new


class _Reader:
    def __init__(self, text: str, marks: tuple[str, str, str, str]) -> None:
        self.text, self.marks = text, marks
        self.open: list[str] = []  # the quotation marks that are not closed yet
        self.kind_at: dict[int, str] = {}  # index of a quotation mark → "opening" or "closing"
        self.known: dict[int, str | None] = {}  # index → replacement that is already decided; None: no change
        for found in (*_MEASURE.finditer(text), *_SIZE.finditer(text)):
            for number in (1, 2):
                if found[number]:
                    self.known[found.start(number)] = "′" if found[number] == "'" else "″"
        for found in _ASSIGNMENT.finditer(text):  # key="value"
            self.known[found.start(1)] = self.known[found.end(1) - 1] = None
        closing = [found.start() for found in _SINGLE_CLOSING.finditer(text)]
        self.last_single_closing = closing[-1] if closing else -1

    def read(self, found: re.Match[str]) -> str | None:
        start, end = found.span()
        before, behind = self.text[start - 1 : start], self.text[end : end + 1]
        if found[0][0] == "-":
            return _dash(len(found[0]), before, behind)
        if found[0][0] == ".":
            return "…" if len(found[0]) == 3 and "/" not in (before, behind) else None
        if start in self.known:
            return self.known[start]
        if found[0] == '"':
            return self.double(start, before, behind)
        return self.single(start, before, behind)

    def double(self, start: int, before: str, behind: str) -> str | None:
        if _HEBREW.match(before) and _HEBREW.match(behind):
            return None  # gershayim
        if self.may_open(start, before, behind):
            return self.opened('"', start)
        is_open = '"' in self.open
        if not before or before.isspace() or not is_open and (behind.isalnum() or _HEBREW.match(before)):
            return None
        if not is_open and _DIGITS_BEFORE.search(self.text, max(0, start - 8), start):
            return "″"
        return self.closed('"', start)

    def single(self, start: int, before: str, behind: str) -> str | None:
        if _HEBREW.match(before):
            return None  # geresh
        if before.isalnum() and behind.isalnum():
            return _APOSTROPHE
        if self.may_open(start, before, behind):
            if _DECADE.match(self.text, start) or _CUT_WORD.match(self.text, start):
                return _APOSTROPHE
            return self.opened("'", start) if self.last_single_closing > start else _APOSTROPHE
        if not before or before.isspace():
            return None
        if "'" in self.open:
            return self.closed("'", start)
        if _DIGITS_BEFORE.search(self.text, max(0, start - 8), start):
            return "′"
        return _APOSTROPHE

    def may_open(self, start: int, before: str, behind: str) -> bool:
        if not behind or behind.isspace():
            return False
        if before in _MARKUP_SIGNS and self.text[start] not in self.open:
            return True
        if before in ('"', "'", _APOSTROPHE):
            return self.kind_at.get(start - 1, "opening") == "opening" and not (before == _APOSTROPHE and not behind)
        return not before or before.isspace() or before in _OPENING_SIGNS or category(before) in ("Ps", "Pi")

    def opened(self, sign: str, start: int) -> str:
        self.open.append(sign)
        self.kind_at[start] = "opening"
        return self.marks[0 if sign == '"' else 2]

    def closed(self, sign: str, start: int) -> str:
        if sign in self.open:
            while self.open.pop() != sign:
                pass
        self.kind_at[start] = "closing"
        return self.marks[1 if sign == '"' else 3]


def _dash(length: int, before: str, behind: str) -> str | None:
    if length > 3 or before in ("<", "!") or behind == ">":  # arrows and lines
        return None
    if length == 2 and behind.isalnum() and (not before or before.isspace() or before in "([{\"'“„«`|/"):
        return None  # an option: --force
    if length == 2 and before.isalnum() and behind in (";", ")"):
        return None  # i--;
    return "–" if length == 2 else "—"
