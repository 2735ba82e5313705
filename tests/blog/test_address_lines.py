"""Addresses alone on their lines become players and cards, also line below line, in every direction of writing."""

import pytest

from blog.markup import POST, render
from blog.models import LinkCard

FILM, SONG = "https://youtu.be/dQw4w9WgXcQ", "https://open.spotify.com/track/4uLU6hMCjMI75M1A2tKUQC"
PAGE = "https://rivers.example/a"


@pytest.fixture
def card(db):
    return LinkCard.objects.create(address=PAGE, title="The river", site="Rivers")


def figures(post):
    return [post.html.count('<figure class="player'), post.html.count('<figure class="longrun-card">')]


@pytest.mark.parametrize(
    ("source", "language"),
    [
        (f"{FILM}\n\n{PAGE}", "he"),
        (f"שלום\n\n{FILM}\n\n{PAGE}", ""),
        (f"{FILM}\n{PAGE}", ""),
        (f"{FILM}\n{PAGE}", "ar"),
        (f"> {FILM}\n> {PAGE}", ""),
        (f"1. Both:\n\n   {FILM}  \n   {PAGE}", ""),
    ],
    ids=["hebrew", "hebrew-words", "two-lines", "arabic-lines", "in-a-quote", "in-an-item"],
)
def test_each_becomes_what_it_would_be_alone(make_post, card, source, language):
    assert figures(make_post(source=source, language=language)) == [1, 1]


def test_an_imported_paragraph_of_lines_is_split_too(make_post, card):
    source = f'<p><a href="{FILM}">{FILM}</a><br>\n<a href="{PAGE}">{PAGE}</a></p>'
    assert figures(make_post(source=source, source_format="html")) == [1, 1]


@pytest.mark.parametrize(
    "source",
    [
        f"Look:\n{PAGE}",
        f"{FILM} {PAGE}",
        f"{FILM}\n{PAGE} (a river)",
        f"{FILM}\n[The river]({PAGE})",
        f"- {FILM}\n- {PAGE}",
    ],
)
def test_words_beside_it_or_two_on_a_line_leave_links(make_post, card, source):
    post = make_post(source=source)
    assert figures(post) == [0, 0] and post.html.count("<a href=") == source.count("http")


def test_the_split_text_reads_as_before():
    rendered = render(f"{FILM}\n{PAGE}\n\nEnd", POST)
    assert rendered.html.count("<p>") == 3 and rendered.plain == f"{FILM}\n{PAGE}\nEnd"
