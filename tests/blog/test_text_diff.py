"""Two texts beside each other, by words: nothing of either is left out, and no text takes longer than its time."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.text_diff import side_by_side
from tests.pace import allowed

WORDS = st.lists(st.sampled_from(["run", "mile", " ", "\n", "\n\n", "dog,", "走", "é"]), max_size=60).map("".join)


def text(rows, side):
    return "\n".join("".join(piece for _differs, piece in getattr(row, side)) for row in rows if has(row, side))


def has(row, side):
    """A row that only one side has is no line of the other."""
    return bool(getattr(row, side))


def marked(row, side):
    return [piece for differs, piece in getattr(row, side) if differs]


def test_a_word_that_changed_is_marked_on_both_sides():
    (row,) = side_by_side("Ten miles before breakfast.", "Ten miles after breakfast.")
    assert (marked(row, "left"), marked(row, "right")) == (["before"], ["after"])


def test_lines_that_came_and_went_stand_alone():
    came, _same, went = side_by_side("one\ntwo", "nought\none", context=None)
    assert (came.left, marked(came, "right")) == ([], ["nought"])
    assert (marked(went, "left"), went.right) == (["two"], [])


def test_equal_lines_far_from_a_change_are_folded():
    lines = [f"line {number}" for number in range(40)]
    rows = side_by_side("\n".join(lines), "\n".join([*lines[:20], "new", *lines[20:]]))
    assert [row.gap for row in rows if row.gap] == [18, 18]
    assert len(rows) == 7


def test_equal_texts_differ_nowhere():
    assert all(row.is_equal for row in side_by_side("a\nb", "a\nb", context=None))
    assert [row.gap for row in side_by_side("a\nb\nc", "a\nb\nc")] == [3]


def test_a_moved_paragraph_is_seen_as_gone_and_come():
    rows = side_by_side("one\ntwo\nthree\nfour", "two\nthree\nfour\none", context=None)
    assert [marked(row, "left") for row in rows if marked(row, "left")] == [["one"]]
    assert [marked(row, "right") for row in rows if marked(row, "right")] == [["one"]]


@settings(max_examples=200, deadline=None)
@given(WORDS, WORDS)
def test_both_texts_stand_there_word_for_word(before, after):
    rows = side_by_side(before, after, context=None)
    for side, whole in (("left", before), ("right", after)):
        assert text(rows, side).replace("\n", "") == whole.replace("\n", "")
        assert all(not marked(row, side) for row in rows if row.is_equal)
    if before == after:
        assert all(row.is_equal for row in rows)


NUMBERS = [str(number) for number in range(60_000)]
LONG_TEXTS = {  # of the dice: both sides
    "one line of words": lambda dice: [" ".join(dice.choices("abcdefgh", k=100_000)) for _side in "ab"],
    "few words over and over": lambda dice: ["a " * 90_000, "a " * 100_000],
    "equal short lines": lambda dice: ["\n".join(dice.choices("abc", k=200_000)) for _side in "ab"],
    "paragraphs": lambda dice: ["\n\n".join(paragraph(dice) for _ in range(900)) for _side in "ab"],
    "two letters": lambda dice: [" ".join(dice.choices("ab", k=1_400)) for _side in "ab"],
    "lines shuffled": lambda dice: ["\n".join(NUMBERS), "\n".join(dice.sample(NUMBERS, len(NUMBERS)))],
    "lines of a long text but the last": lambda dice: ["\n".join(NUMBERS), "\n".join([*NUMBERS, "60000"])],
    "lines turned round": lambda dice: ["\n".join(NUMBERS), "\n".join(reversed(NUMBERS))],
}


def paragraph(dice):
    return " ".join(dice.choices(["run", "mile", "dog", "hill", "the", "and"], k=dice.randint(20, 300)))


@pytest.mark.parametrize("name", LONG_TEXTS)
def test_no_text_takes_longer_than_its_time(name):
    before, after = LONG_TEXTS[name](random.Random(7))
    began = time.process_time()
    rows = side_by_side(before, after, context=None)
    assert time.process_time() - began < allowed(2)
    assert text(rows, "right").replace("\n", "") == after.replace("\n", "")


def test_one_word_in_a_long_paragraph_is_found():
    paragraph = " ".join(f"word{number}" for number in range(20_000))
    (row,) = side_by_side(paragraph, paragraph.replace("word10000 ", "WORD "))
    assert (marked(row, "left"), marked(row, "right")) == (["word10000"], ["WORD"])
