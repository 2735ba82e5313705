"""Who answers in these tests, and how."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, DiscussionSettings, Person, Subscription
from comments.notifications import replies

HOME = "http://localhost:8000"


@pytest.fixture
def discussion(ada):
    """The settings as they are made at set-up, of a blog that is somebody's."""
    return DiscussionSettings.objects.create()


@pytest.fixture(autouse=True)
def emails_wait_for_no_undo(monkeypatch):
    """So that a decision can be asked for its emails at once; test_waiting_emails.py has the minute."""
    monkeypatch.setattr(replies, "undo_time", timedelta)


@pytest.fixture
def post(make_post, discussion):
    return make_post()


@pytest.fixture
def guest():
    """A reader's browser, which says where its forms come from."""
    return Client(headers={"origin": HOME})


@pytest.fixture
def say():
    """`say(guest, post, "Well said")` sends the form below the post."""

    def send(client, post, text="Well said.", **fields):
        filled = {"comment": text, "author": "Ann", "email": "ann@example.org"} | fields
        return client.post(f"/comments/{post.pk}/", {k: v for k, v in filled.items() if v is not None})

    return send


@pytest.fixture
def make_comment(post):
    """Puts a comment below the post: `make_comment("Yes", state="approved", parent=other)`."""

    def make(text="Well said.", *, on=None, state="approved", name="Ann", **facts):
        return Comment.objects.create(post=on or post, text=text, state=state, name=name, **facts)

    return make


@pytest.fixture
def connection_queries(settled):
    """How many queries a page costs when the kept things of the generation are warm."""

    def count(ask):
        settled()
        assert ask().status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert ask().status_code == 200
        return len(captured)

    return count


@pytest.fixture
def leaves(settings):
    """Emails leave this blog (into Django's outbox, where a test runs the jobs)."""
    settings.EMAIL_HOST = "mail.example.org"


@pytest.fixture
def reader():
    """`reader("ann@example.org", post)` follows a post, or new posts, or a comment, and has confirmed it."""

    def follow(address="ann@example.org", post=None, **facts):
        facts = {"what": "comments" if post else "posts"} | facts
        subscription = Subscription.objects.create(address=address, post=post, **facts)
        subscription.person, subscription.confirmed_at = Person.objects.of_address(address), subscription.created_at
        subscription.save()
        return subscription

    return follow
