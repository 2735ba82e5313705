"""The cast of the tests: Ada writes, Ed edits, Cora contributes, Mona moderates, Rene reads, Mallory attacks."""

from datetime import UTC, datetime, timedelta
from weakref import WeakSet

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import timezone

from blog.models import Category, Post, ReadingSettings, Tag
from blog.redirects import not_found_log
from core import cache_version, mail
from core.models import Site
from server.setup import middleware as setup_middleware

PASSWORD = "a long and quiet run"


def person(name, role, **facts):
    facts = {"handle": name.lower(), "email": f"{name.lower()}@example.org"} | facts
    return get_user_model().objects.create_user(facts.pop("email"), PASSWORD, name=name, role=role, **facts)


class Change(cache_version.Change):
    """A change that is under way, found again by the test after it."""

    under_way = WeakSet()

    def __init__(self):
        super().__init__()
        self.under_way.add(self)


cache_version.Change = Change


@pytest.fixture(autouse=True)
def nothing_counted_yet():
    """Limits are on, and every test begins with a clean slate: nothing that another test kept is shown."""
    for change in list(Change.under_way):  # rolled back, and held by a cycle of references still
        change.release()
    cache.clear()
    cache_version.increment()
    not_found_log.counted.forget()
    setup_middleware._owner_exists = (
        True  # in whichever order tests run; tests/server/test_setup.py begins without an owner
    )
    mail._paused_until = 0.0  # a server that was away in another test


@pytest.fixture
def settled(db):
    """Inside a test's transaction nothing counts as committed, and nothing is kept: `settled()` says that it is."""

    def commit():
        waiting, connection.run_on_commit = connection.run_on_commit, []
        for _savepoints, deed, _robust in waiting:
            deed()

    return commit


@pytest.fixture
def blog(db):
    """A blog that is set up, with nothing written yet."""
    Site.objects.update_or_create(pk=1, defaults={"title": "Ada runs", "tagline": "In the morning", "timezone": "UTC"})
    shelf = Category.objects.create(name="Get Your Move On")
    return ReadingSettings.objects.create(default_category=shelf)


@pytest.fixture
def ada(blog):
    """The owner, who writes."""
    return person("Ada", "owner")


@pytest.fixture
def ed(blog):
    return person("Ed", "editor")


@pytest.fixture
def arthur(blog):
    """An author, whose posts are his own affair."""
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
    """`as_(ada)` is a client that is logged in as Ada; `as_(None)` a guest's."""

    def client_of(user):
        client = Client()
        if user:
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return client_of


@pytest.fixture
def mallory(client):
    """Whoever sits at a keyboard far away and means harm."""
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
