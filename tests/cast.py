"""The users of the tests: Ada (owner), Ed (editor), Arthur (author), Cora (contributor), Mona (moderator), Rene
(reader) and Mallory (attacker)."""

from datetime import UTC, datetime, timedelta
from weakref import WeakSet

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog.models import Category, Post, ReadingSettings, Tag
from blog.redirects import not_found, not_found_log
from core import cache_version, mail
from core.models import Site
from server.setup import middleware as setup_middleware

PASSWORD = "a long and quiet run"


def person(name, role, **facts):
    facts = {"handle": name.lower(), "email": f"{name.lower()}@example.org"} | facts
    return get_user_model().objects.create_user(facts.pop("email"), PASSWORD, name=name, role=role, **facts)


class Change(cache_version.Change):
    """Keeps track of changes that are not committed, so that the next test can release them."""

    under_way = WeakSet()

    def __init__(self):
        super().__init__()
        self.under_way.add(self)


cache_version.Change = Change


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    """Clears caches, rate limits and counters before each test."""
    for change in list(Change.under_way):  # rolled back, but not garbage-collected yet
        change.release()
    cache.clear()
    cache_version.increment()
    not_found_log.counted.forget()
    not_found.waits.until.clear()
    setup_middleware._owner_exists = (
        True  # in whichever order tests run; tests/server/test_setup.py begins without an owner
    )
    mail._paused_until = 0.0  # another test may have simulated an unreachable mail server


@pytest.fixture
def settled(db):
    """`settled()` runs the pending `on_commit` functions, as a commit does; in a test's transaction they never run, and
    nothing is cached."""

    def commit():
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, deed, _robust in waiting:
            deed()

    return commit


@pytest.fixture
def blog(db):
    """A blog that is set up, without posts."""
    Site.objects.update_or_create(pk=1, defaults={"title": "Ada runs", "tagline": "In the morning", "timezone": "UTC"})
    shelf = Category.objects.create(name="Get Your Move On")
    return ReadingSettings.objects.create(default_category=shelf)


@pytest.fixture
def ada(blog):
    """The owner."""
    return person("Ada", "owner")


@pytest.fixture
def ed(blog):
    return person("Ed", "editor")


@pytest.fixture
def arthur(blog):
    """An author, who may edit only his own posts."""
    return person("Arthur", "author")


@pytest.fixture
def cora(blog):
    return person("Cora", "contributor")


@pytest.fixture
def mona(blog):
    return person("Mona", "moderator")


@pytest.fixture
def rene(blog):
    """A reader with an account."""
    return person("Rene", "reader", handle=None)


@pytest.fixture
def as_():
    """`as_(ada)` returns a client that is logged in as Ada; `as_(None)` one that is not logged in."""

    def client_of(user):
        client = Client()
        if user:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of


@pytest.fixture
def mallory(client):
    """The client of an attacker, not logged in."""
    return client


@pytest.fixture
def make_post(ada):
    """Makes a post, published yesterday unless told otherwise: `make_post("Title", draft=True, tags=["run"])`."""

    def make(title="A long run", source="Ten miles before breakfast.", *, draft=False, at=None, tags=(), categories=(),
             author=None, password="", **facts):  # fmt: skip
        post = Post(title=title, source=source, author=author or ada, **facts)
        if password:
            post.set_password(password)
        post.save()
        post.tags.set(Tag.objects.called(tags))
        post.categories.set(Category.objects.called(categories))
        if not draft:
            post.publish(at or timezone.now() - timedelta(days=1))
        return post

    return make


@pytest.fixture
def on():
    """`on(2010, 9, 10, 0, 23)` is that moment in UTC."""
    return lambda *when: datetime(*when, tzinfo=UTC)
