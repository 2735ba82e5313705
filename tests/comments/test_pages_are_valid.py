"""The pages of the conversation, read by a strict parser."""

import html5lib
import pytest
from django.test import Client

from comments.moderation.email_links import signer


def parsed(response):
    return html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(response.content)


@pytest.fixture
def talk(make_comment):
    first = make_comment("A **question**?", url="https://bob.example", name="Bob & Co <b>")
    make_comment("> quoted\n\nAn answer", parent=first)
    return first


def test_a_post_with_its_conversation(post, talk):
    assert parsed(Client().get(post.path)) is not None
    assert parsed(Client().get(f"{post.path}?replytocom={talk.pk}")) is not None


def test_the_form_after_an_error(guest, post, say):
    assert parsed(say(guest, post, "", author="<b>", email="x\x08", url='"><i>')) is not None


def test_the_text_that_was_kept(guest, discussion, say, post):
    post.withdraw()
    assert parsed(say(guest, post, "<&\x08>")) is not None


def test_the_page_behind_an_email(make_comment):
    comment = make_comment(state="pending", reasons=[{"why": "<b>"}])
    assert parsed(Client().get(f"/comments/decide/{signer.sign(comment.pk)}/")) is not None


@pytest.mark.parametrize("status", ["", "approved/", "spam/", "trash/"])
def test_the_desk(ada, as_, make_comment, status):
    make_comment(state=status.strip("/") or "pending", name="<b>", reasons=[{"why": "<b>"}], url="https://a.example")
    assert parsed(as_(ada).get(f"/desk/comments/{status}")) is not None


def test_the_desks_forms(ada, as_, make_comment):
    assert parsed(as_(ada).get("/desk/settings/discussion/")) is not None
    assert parsed(as_(ada).post("/desk/settings/discussion/", {"thread_depth": 0})) is not None
    assert parsed(as_(ada).get(f"/desk/comments/{make_comment().pk}/reply/")) is not None
