"""The texts of the demo blog: enough of them, of the sizes and kinds that were promised, and nobody's but ours."""

import re

import pytest

from core.text import fold, tidy
from transfer.demo.corpus import ANSWER, LANGUAGES, QUESTION, THEMES, corpus

ADDRESS = re.compile(r"https?://([\w.-]+)")
OURS = re.compile(r"(^|\.)example\.(org|com|net)$")


def every_text():
    texts = corpus()
    yield from (block for blocks in texts.paragraphs.values() for block in blocks)
    yield from (block for blocks in texts.comments.values() for block in blocks)
    yield from texts.spam
    yield from (name.website for name in texts.names)


@pytest.mark.parametrize(("language", "least"), [("en", 150), ("de", 40), ("es", 40)])
def test_there_are_enough_paragraphs_in_each_language(language, least):
    blocks = [block for (spoken, _), some in corpus().paragraphs.items() if spoken == language for block in some]
    assert len(set(blocks)) == len(blocks) >= least


def test_a_paragraph_has_between_40_and_125_words():
    for (language, theme), blocks in corpus().paragraphs.items():
        for block in blocks:
            assert 40 <= len(block.split()) <= 125, (language, theme, block[:40])


@pytest.mark.parametrize(
    "mark",
    ["](https://", "**", "\n- ", "\n1. ", "\n| ", "> ", "```", "[^", "`\\", "- [x] ", "~~", "\n:   "],
)
def test_the_paragraphs_show_what_markdown_can_do(mark):
    assert any(mark in f"\n{block}" for blocks in corpus().paragraphs.values() for block in blocks)


def test_a_footnote_has_a_name_of_its_own_so_that_paragraphs_can_meet_in_one_post():
    everything = "\n".join(block for blocks in corpus().paragraphs.values() for block in blocks)
    notes = re.findall(r"^\[\^(\w+)\]:", everything, re.MULTILINE)
    assert len(notes) == len(set(notes)) >= 4


def test_there_are_titles_tags_and_categories_enough():
    texts = corpus()
    assert len({title.text for title in texts.titles}) >= 80
    assert {title.language for title in texts.titles} == set(LANGUAGES)
    assert len({fold(tag.name) for tag in texts.tags}) == len(texts.tags) >= 60
    assert len({fold(category.name) for category in texts.categories}) == len(texts.categories) == 12
    assert [category.parent for category in texts.categories if category.parent] == ["Running", "Running"]
    assert {category.theme for category in texts.categories} == {*THEMES, ""}


def test_every_theme_has_a_title_and_text_in_every_language():
    texts = corpus()
    assert {(title.language, title.theme) for title in texts.titles} >= set(texts.paragraphs)
    assert all(texts.paragraphs.values())


def test_people_answer_in_three_languages_with_questions_and_answers():
    texts = corpus()
    comments = [block for blocks in texts.comments.values() for block in blocks]
    assert len(set(comments)) == len(comments) >= 120
    assert all("?" in block for language in LANGUAGES for block in texts.comments[language, QUESTION])
    assert all(len(texts.comments[language, ANSWER]) >= 8 for language in LANGUAGES)
    assert min(len(block.split()) for block in comments) == 1
    assert max(len(block.split()) for block in comments) >= 50
    assert len(set(texts.spam)) == len(texts.spam) >= 60


def test_the_readers_have_at_least_48_names_in_six_scripts():
    names = corpus().names
    assert len({name.text for name in names}) == len(names) >= 48
    assert len({name.script for name in names}) >= 6


def test_every_address_in_the_texts_is_one_that_belongs_to_nobody():
    hosts = {host for text in every_text() for host in ADDRESS.findall(text)}
    assert hosts
    assert not [host for host in hosts if not OURS.search(host)]


def test_no_text_needs_tidying():
    assert [text for text in every_text() if tidy(text) != text] == []
