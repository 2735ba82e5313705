"""Emphasis, strikethrough and marked text: pairs runs of "*", "_", "~" and "=", innermost first (CommonMark 0.31, 6.2).

Differences from the specification: a letter of a script without spaces counts as a word boundary, so that
"**「は」**は" works; in comments there is no emphasis within an ASCII word ("2*3*4") or an emoticon ("^_^").
"""

import re
from functools import lru_cache
from unicodedata import category

from blog.markup.inlines.tokens import Run

TAGS = {("*", 1): "em", ("*", 2): "strong", ("_", 1): "em", ("_", 2): "strong", ("~", 2): "del", ("=", 2): "mark"}
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
)
_FACES = frozenset("^-<>=")  # next to "_" in an emoticon
SPACE, PUNCTUATION, BOUNDARY, WORD = range(4)


@lru_cache(maxsize=4096)
def kind_of(character: str) -> int:
    """SPACE, PUNCTUATION, BOUNDARY or WORD. "" stands for the start or end of a block and is SPACE."""
    if not character or character.isspace():
        return SPACE
    if category(character)[0] in "PS":
        return PUNCTUATION
    return BOUNDARY if _WITHOUT_SPACES.match(character) else WORD


def run_of(sign: str, length: int, before: str, behind: str, serial: int, *, within_words: bool = True) -> Run:
    """A Run, with whether it can open or close emphasis between these two characters."""
    former, next_ = kind_of(before), kind_of(behind)
    left = next_ != SPACE and (next_ != PUNCTUATION or former != WORD)
    right = former != SPACE and (former != PUNCTUATION or next_ != WORD)
    if sign == "_":
        left, right = left and (not right or former == PUNCTUATION), right and (not left or next_ == PUNCTUATION)
    within_words = within_words and sign != "="
    if sign in "~=" and length != 2 or not within_words and _is_ascii_word(before) and _is_ascii_word(behind):
        left = right = False
    if not within_words and length == 1 and before in _FACES and behind in _FACES:
        left = right = False
    return Run(sign, length, left, right, serial)


def _is_ascii_word(character: str) -> bool:
    return character.isascii() and character.isalnum()


def pair(runs: list[Run]) -> None:
    """Pair each closing run with the nearest opening run; linear time, as in the specification's appendix."""
    openers: list[Run] = []
    searched: dict[tuple[str, bool, int], int] = {}  # kind of closing run → serial up to which no opener matches
    for run in runs:
        while run.can_close and run.left:
            kind = (run.sign, run.can_open, run.length % 3)
            lowest = searched.get(kind, -1)
            place = len(openers) - 1
            while place >= 0 and openers[place].serial > lowest and not _fit(openers[place], run):
                place -= 1
            if place < 0 or openers[place].serial <= lowest:
                if openers:
                    searched[kind] = openers[-1].serial
                break
            opener = openers[place]
            used = 2 if opener.left >= 2 and run.left >= 2 else 1
            tag = TAGS[run.sign, used]
            opener.opens.append(tag)
            run.closes.append(tag)
            opener.left -= used
            run.left -= used
            del openers[place + 1 if opener.left else place :]
        if run.can_open and run.left:
            openers.append(run)


def _fit(opener: Run, closer: Run) -> bool:
    if opener.sign != closer.sign:
        return False
    if (opener.can_close or closer.can_open) and opener.sign not in "~=":
        return (opener.length + closer.length) % 3 != 0 or opener.length % 3 == closer.length % 3 == 0
    return True
