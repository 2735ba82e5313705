"""Who answers in these tests, and how."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from comments.models import Comment, Discussion

HOME = "http://localhost:8000"


@pytest.fixture
def discussion(ada):
    """The settings as they are made at set-up, of a blog that is somebody's."""
    return Discussion.objects.create()


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
def connection_queries(db):
    """How many queries a page costs when the kept things of the generation are warm."""

    def count(ask):
        # Inside a test's transaction nothing counts as committed, and nothing is kept: say that it is.
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, deed, _robust in waiting:
            deed()
        assert ask().status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert ask().status_code == 200
        return len(captured)

    return count
