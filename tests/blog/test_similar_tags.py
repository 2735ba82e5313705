"""Tags that are nearly the same word."""

import pytest

from blog import similar_tags
from blog.models import Tag


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("run", "runs"),
        ("Story", "stories"),
        ("box", "boxes"),
        ("Café", "cafes"),
        ("match", "matches"),
        ("a-run", "a run"),
    ],
)
def test_a_word_and_its_plural_are_twins(one, other):
    assert similar_tags.singular(one) == similar_tags.singular(other)


@pytest.mark.parametrize(("one", "other"), [("pass", "pas"), ("news", "new york"), ("is", "i"), ("東京", "京都")])
def test_other_words_are_not(one, other):
    assert similar_tags.singular(one) != similar_tags.singular(other)


def test_only_what_is_new_is_told(blog):
    Tag.objects.called(["runs", "fog"])
    assert [(new, old.name) for new, old in similar_tags.of_new(["run", "Fog", "fogs", "rain"])] == [
        ("run", "runs"),
        ("fogs", "fog"),
    ]


def test_twins_that_are_both_there_are_found(blog):
    runs, run, _fog = Tag.objects.called(["runs", "run", "fog"])
    assert similar_tags.among([run]) == [(run, runs)]
