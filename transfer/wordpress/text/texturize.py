"""Typographic punctuation as wptexturize makes it: quotes, apostrophes, primes, dashes, ellipses, multiplication signs.

Source: WordPress's documentation of `wptexturize` (the rules), `core.quotation_marks` (the marks of each language; in
WordPress they come with the translation). Unlike WordPress, a quotation mark beside a tag is judged by the character
behind the tag. Not inside pre, code, kbd, style, script, tt.
"""

import re
from collections.abc import Iterator

from core.quotation_marks import quotation_marks
from transfer.wordpress.text.scanner import Node, Text, Token

UNTOUCHED = frozenset("pre code kbd style script tt".split())
# Tags that stand within a sentence; all others end it.
INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite del dfn em font i ins label mark nobr q s samp small span strike strong sub sup
    time u var wbr""".split()
)

_SIGNS = re.compile(r"\"|''|'|``|-+|\.{3}| \([tT][mM]\)|(?<![\w.,])(?:[1-9][\d.,]*|0[\d.,]+)x(?=\d)")
_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_STANDS_FOR = {"&nbsp;": " ", "&#160;": " ", "&lt;": "<", "&gt;": ">", "&ndash;": "-", "&mdash;": "-", "&#8211;": "-"}
_COCKNEY = re.compile(r"'(?:tain't|twere|twas|tis|twill|til|bout|nuff|round|cause|em)(?![\w])", re.IGNORECASE)
_YEAR_QUOTED = re.compile(r"'\d\d['\"](?=\Z|[.,:;!?)}\-\]>\s])")
_YEAR = re.compile(r"'\d\d(?:\Z|(?![%\d]|[.,]\d))")
_NUMBER_QUOTED = re.compile(r"'\d[.,\d]{0,40}'")
_MEASURE = re.compile(r"'\s?\d{1,2}(?:[.,]\d{1,3})?\"")  # the inches after the feet: 6'4"
_OPENS_AFTER = frozenset('([{-<"–—“„«‘‚‹')
_PUNCTUATION = frozenset(".,:;!?\"'(){}[]-<>")
_WORD = "\ufffc"  # stands for an element or a reference: neither space nor punctuation


def texturize(tokens: list[Token], language: str) -> None:
    """Change the texts of the tokens in place; nothing for languages without typographic quotes (Japanese, Chinese)."""
    marks = quotation_marks(language)
    if marks is None:
        return
    for sentence in _sentences(tokens):
        _change(sentence, marks)


def _sentences(tokens: list[Token]) -> Iterator[list[Text | str]]:
    """Texts that belong together; a str stands for an element between them."""
    sentence: list[Text | str] = []
    untouched: list[str] = []
    for token in tokens:
        if isinstance(token, Text):
            sentence.append(_WORD * len(token.value) if token.literal or untouched else token)
        elif isinstance(token, Node):
            sentence.append(_WORD)
            if token.block:
                yield sentence
                sentence = []
        elif token.name in UNTOUCHED:
            if not token.closes:
                untouched.append(token.name)
            elif token.name in untouched:
                del untouched[untouched.index(token.name) :]
            sentence.append(_WORD)
        elif token.name in ("br", "img"):
            sentence.append("\n" if token.name == "br" else _WORD)
        elif token.name not in INLINE:
            yield sentence
            sentence = []
    yield sentence


def _change(sentence: list[Text | str], marks: tuple[str, str, str, str]) -> None:
    texts = [part for part in sentence if isinstance(part, Text)]
    if not any(sign in text.value for text in texts for sign in "\"'`-.x("):
        return
    plain = "".join(part if isinstance(part, str) else _REFERENCE.sub(_stand_in, part.value) for part in sentence)
    changes = list(_Sentence(plain, marks).changes())
    place, at = 0, 0
    for part in sentence:
        if isinstance(part, str):
            place += len(part)
            continue
        end, done, pieces = place + len(part.value), 0, []
        while at < len(changes) and changes[at][0] < end:
            start, stop, new = changes[at]
            at += 1
            if start >= place + done and stop <= end:  # not across a tag
                pieces += [part.value[done : start - place], new]
                done = stop - place
        part.value = "".join([*pieces, part.value[done:]])
        place = end


def _stand_in(reference: re.Match[str]) -> str:
    """As long as the reference, so that places stay the same."""
    return _STANDS_FOR.get(reference[0], _WORD) * len(reference[0])


class _Sentence:
    def __init__(self, text: str, marks: tuple[str, str, str, str]) -> None:
        self.text, self.marks = text, marks
        self.opened: set[int] = set()  # places of opening marks
        self.is_open = {'"': False, "'": False}
        self.signs = {sign: [at for at, each in enumerate(text) if each == sign] for sign in "\"'"}
        self.next_sign = {sign: dict(zip(places, places[1:], strict=False)) for sign, places in self.signs.items()}
        self.known: dict[int, str] = {}  # places that an earlier sign has decided

    def changes(self) -> Iterator[tuple[int, int, str]]:
        paragraph = re.compile(r"\n\s*\n")
        breaks = iter([found.start() for found in paragraph.finditer(self.text)])
        next_break = next(breaks, len(self.text) + 1)
        for found in _SIGNS.finditer(self.text):
            while found.start() > next_break:
                self.is_open = {'"': False, "'": False}
                next_break = next(breaks, len(self.text) + 1)
            new = self.known.get(found.start()) or self.read(found)
            if new is not None and new != found[0]:
                yield found.start(), found.end(), new

    def read(self, found: re.Match[str]) -> str | None:
        sign, start, end = found[0], found.start(), found.end()
        before, after = self.text[start - 1 : start] if start else "", self.text[end : end + 1]
        match sign[0]:
            case '"':
                return self.double(start, before, after)
            case "'" if len(sign) == 2:
                return self.two_singles(before)
            case "'":
                return self.single(start, before, after)
            case "`":
                return self.marks[0]
            case "-":
                return self.dashes(len(sign), start, before, after)
            case ".":
                return "…"
            case " ":
                return " ™"
        return sign[:-1] + "×"

    def two_singles(self, before: str) -> str:
        self.is_open['"'] = False
        return self.marks[1]

    def dashes(self, count: int, start: int, before: str, after: str) -> str | None:
        alone = (not before or before.isspace()) and (not after or after.isspace())
        if count == 1:
            return "–" if alone else None
        if count == 2 and alone:
            return "—"
        if count == 2 and self.text[max(0, start - 2) : start].lower() == "xn":
            return None  # a host name: xn--
        return "—" * (count // 3) + ("", "-", "–")[count % 3]

    def double(self, start: int, before: str, after: str) -> str:
        if self.opens('"', start, before, after):
            self.is_open['"'] = True
            self.opened.add(start)
            return self.marks[0]
        if before.isdigit() and self.is_prime('"', start):
            return "″"
        self.is_open['"'] = False
        return self.marks[1]

    def single(self, start: int, before: str, after: str) -> str:
        text = self.text
        if _COCKNEY.match(text, start) and not before.isalnum():
            return "’"
        feet = _MEASURE.match(text, start) if before.isdigit() else None
        if feet:
            self.known[feet.end() - 1] = "″"
            return "′"
        if not before.isalnum():
            if _YEAR_QUOTED.match(text, start):
                self.known[start + 3] = self.marks[1 if text[start + 3] == '"' else 3]
                return "’"
            if _YEAR.match(text, start) and not before.isdigit():
                return "’"
            if (not before or before.isspace()) and _NUMBER_QUOTED.match(text, start):
                self.is_open["'"] = True
                return self.marks[2]
        if self.opens("'", start, before, after):
            self.is_open["'"] = True
            self.opened.add(start)
            return self.marks[2]
        if after and not after.isspace() and after not in _PUNCTUATION:
            return "’"  # an apostrophe in a word
        if before.isdigit() and self.is_prime("'", start):
            return "′"
        if not self.is_open["'"]:
            return "’"
        self.is_open["'"] = False
        return self.marks[3]

    def opens(self, sign: str, start: int, before: str, after: str) -> bool:
        if sign == '"' and (not after or after.isspace()):
            return False
        if before in ("'", '"') and before:
            return start - 1 in self.opened
        if before == _WORD and not self.is_open[sign]:
            return after.isalnum()
        return not before or before.isspace() or before in _OPENS_AFTER

    def is_prime(self, sign: str, start: int) -> bool:
        """Whether a mark after a digit means feet, inches or minutes: unless a quotation needs it as its end."""
        if not self.is_open[sign]:
            return True
        following = self.next_sign[sign].get(start)
        if following is None or re.search(r"\n\s*\n", self.text[start:following]):
            return False
        before, after = self.text[following - 1], self.text[following + 1 : following + 2]
        if sign == "'" and after.isalnum():
            return False
        return not self.opens(sign, following, before, after)
