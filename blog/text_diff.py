"""The differences between two texts, by words, in bounded time.

`side_by_side("one two", "one three")` returns rows of two cells, for two columns. Lines that occur once in both texts
are matched first, as in Bram Cohen's patience diff: their longest common subsequence takes n log n steps. Only the
passages between them are compared by words, with `difflib`.
"""

import re
import time
from bisect import bisect
from collections import Counter
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain, groupby

SECONDS = 0.8  # for comparing words; passages that are not compared by then are shown as entirely different
MOST_STEPS = 1_000_000  # in one comparison: pairs of equal words in two passages
CONTEXT = 2  # equal lines that are shown around a change

# A word, a run of whitespace, any other character; scripts without spaces are split by character.
WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]+|\s+|.", re.DOTALL
)


@dataclass
class Row:
    """`left` and `right` are lists of (differs, text); `gap` is the number of equal lines left out here."""

    left: list
    right: list
    is_equal: bool = False
    gap: int = 0


def side_by_side(before: str, after: str, *, seconds: float = SECONDS, context: int | None = CONTEXT) -> list[Row]:
    """The rows of the two texts; with `context` None, including all equal lines."""
    deadline = time.monotonic() + seconds
    rows: list[Row] = []
    stretch: list[Row] = []
    for old, new in aligned(before.split("\n"), after.split("\n")):
        if old == new:
            stretch += [Row([(False, line)], [(False, line)], is_equal=True) for line in old]
            continue
        rows += folded(stretch, context, is_first=not rows)
        rows.append(compared("\n".join(old), "\n".join(new), deadline))
        stretch = []
    return rows + folded(stretch, context, is_first=not rows, is_last=True)


def folded(stretch, context, *, is_first=False, is_last=False):
    """Equal lines, reduced to the `context` lines next to a change."""
    before, after = (
        (0 if is_first else context, 0 if is_last else context) if context is not None else (len(stretch), 0)
    )
    gap = len(stretch) - before - after
    if gap < 2:
        return stretch
    return [*stretch[:before], Row([], [], is_equal=True, gap=gap), *stretch[len(stretch) - after :]]


def compared(old, new, deadline):
    """One row for two passages that differ; their words are compared until the deadline."""
    left, right = WORD.findall(old), WORD.findall(new)
    same = shared(left, right)
    tail = shared(left[same:][::-1], right[same:][::-1])
    begin, end = "".join(left[:same]), "".join(left[len(left) - tail :])
    left, right = left[same : len(left) - tail], right[same : len(right) - tail]
    try:
        steps = Hurried(left, right, deadline).get_opcodes()
    except OutOfTime:
        steps = [("replace", 0, len(left), 0, len(right))]
    return Row(
        pieces(begin, [(kind != "equal", "".join(left[a:b])) for kind, a, b, _c, _d in steps], end),
        pieces(begin, [(kind != "equal", "".join(right[c:d])) for kind, _a, _b, c, d in steps], end),
    )


def shared(left, right):
    """The number of words at the beginning that are the same in both."""
    shorter = min(len(left), len(right))
    return next((place for place in range(shorter) if left[place] != right[place]), shorter)


def pieces(begin, between, end):
    return [(differs, text) for differs, text in [(False, begin), *between, (False, end)] if text]


class OutOfTime(Exception):
    pass


class Hurried(SequenceMatcher):
    """A SequenceMatcher with a deadline. `difflib` can take cubic time: this class checks the clock between steps and
    refuses a comparison that is too large."""

    def __init__(self, left, right, deadline):
        often = Counter(left)
        if sum(often[word] * count for word, count in Counter(right).items() if not word.isspace()) > MOST_STEPS:
            raise OutOfTime
        super().__init__(lambda word: word.isspace(), left, right, autojunk=False)
        self.deadline = deadline

    def find_longest_match(self, *span):
        if time.monotonic() > self.deadline:
            raise OutOfTime
        return super().find_longest_match(*span)


# Lines


def aligned(old, new):
    """Yield the two lists of lines as pairs of passages, equal or different, in order."""
    pairs, at_old, at_new = [], 0, 0
    for a, b in [*anchors(old, new), (len(old), len(new))]:
        # An anchor is a line that occurs once in both. Equal lines before it belong to the same passage.
        begin_a, begin_b = a, b
        while begin_a > at_old and begin_b > at_new and old[begin_a - 1] == new[begin_b - 1]:
            begin_a, begin_b = begin_a - 1, begin_b - 1
        if begin_a > at_old or begin_b > at_new:
            pairs += between(old[at_old:begin_a], new[at_new:begin_b])
        if begin_a < a:
            pairs.append((old[begin_a:a], new[begin_b:b]))
        at_old, at_new = a, b
        if a < len(old):
            pairs.append(([old[a]], [new[b]]))
            at_old, at_new = a + 1, b + 1
    return joined(pairs)


def between(old, new):
    """A passage without anchors: equal lines at its beginning, and the rest."""
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    if same:
        yield old[:same], new[:same]
    if old[same:] or new[same:]:
        yield old[same:], new[same:]


def anchors(old, new):
    """(index in old, index in new) of lines that occur once in each: the longest subsequence in the same order."""
    once_old, once_new = Counter(old), Counter(new)
    places = {line: index for index, line in enumerate(new) if once_new[line] == 1}
    found = [(index, places[line]) for index, line in enumerate(old) if once_old[line] == 1 and line in places]
    return longest_run(found)


def longest_run(pairs):
    """The longest subsequence of `pairs`, sorted by the first number, whose second numbers also rise."""
    ends, last, before = [], [], {}
    for index, (_a, b) in enumerate(pairs):
        place = bisect(ends, b)
        ends[place : place + 1], last[place : place + 1] = [b], [index]
        before[index] = last[place - 1] if place else None
    run, index = [], last[-1] if last else None
    while index is not None:
        run.append(pairs[index])
        index = before[index]
    return run[::-1]


def joined(pairs):
    """Merge neighbouring pairs that are both equal or both different."""
    for _same, run in groupby(pairs, key=lambda pair: pair[0] == pair[1]):
        old, new = zip(*run, strict=True)
        yield list(chain.from_iterable(old)), list(chain.from_iterable(new))
