"""Names and comments of which readers would see nothing are none."""

import pytest

from accounts import provider_profile
from comments.models import Comment
from comments.threads import initials
from core.text import visible

FILLERS = [
    "\u3164",
    "\u2800",
    "\u115f",
    "\u200b",
    "\u00ad",
    "\u180e",
    "\u2060",
    "\ufffc",
    "\U000e0041",
    "\uffa0 \u3164",
]


@pytest.mark.parametrize("name", FILLERS)
def test_a_name_of_fillers_is_no_name(guest, post, say, name):
    answer = say(guest, post, author=name)
    assert answer.status_code == 422 and "Please enter your name" in answer.content.decode()
    assert provider_profile.name({"name": name, "login": "ann"}) == "ann"
    assert not visible(name)


@pytest.mark.parametrize("name", ["Ann", "안", "☃", "a\u200db", "👩\u200d🔬", "!"])
def test_a_name_that_can_be_seen_is_one(guest, post, say, name):
    assert say(guest, post, author=name).status_code == 303


@pytest.mark.parametrize(
    "text", ["> ", "```\n```", "&nbsp;", "&#x3164;", "> \u00ad", "\u3164\n\n\u2800", "- ", "~~~", *FILLERS]
)
def test_a_comment_of_which_nothing_is_seen_is_not_taken(guest, post, say, text):
    answer = say(guest, post, text)
    assert answer.status_code == 422 and "Please type your comment text" in answer.content.decode()
    assert not Comment.objects.exists()


@pytest.mark.parametrize("text", ["> ", "&nbsp;", "\u3164"])
def test_an_edit_makes_none_of_it_either(guest, post, say, text):
    say(guest, post)
    comment = Comment.objects.get()
    assert guest.post(f"/comments/to/{comment.pk}/edit/", {"comment": text}).status_code == 422
    comment.refresh_from_db()
    assert comment.text == "Well said."


@pytest.mark.parametrize("text", ["?", "👍", "a", "&amp;", "`x`", "[map](https://maps.example)", "¯\\_(ツ)_/¯"])
def test_a_short_comment_is_one(guest, post, say, text):
    assert say(guest, post, text).status_code == 303


@pytest.mark.parametrize(
    ("name", "shown"),
    [("Ann", "A"), ("ann b. carter", "AC"), ("(Ann) [Bee]", "AB"), ("★ Ann ★", "A"), ("☃", "☃"), ("李 小龙", "李小")],
)
def test_initials_are_letters(name, shown):
    assert initials(name) == shown
