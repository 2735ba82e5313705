"""Every kind of change in any order: after each, every kind of kept page is what would be made from nothing."""

import random
import sys
from contextlib import contextmanager

import pytest
from django.conf import settings as django_settings
from django.db import connection

from blog.models import Category, Podcast, Post, Series, Tag
from comments.models import DiscussionSettings
from core import cache_version
from tests import test_versions
from tests.asking import ask, process
from tests.pace import often
from tests.server.blog_changes import World, a_comment_arrives, a_file_is_kept, a_menu_link, changes

# What changes everything: imports, commands, and what begins with a login. `current_layout` changes when time passes.
ELSEWHERE = (
    *("transfer.", "blog.bulk_create.", "comments.bulk_create.", "blog.search.", "blog.layout."),
    *("accounts.views.", "accounts.desk.", "comments.views.merge_accounts."),
)
MOST_ROUNDS = 20


class Pages:
    """Every kind of page of a process that keeps them, compared with what is made from nothing."""

    def __init__(self, world, monkeypatch):
        self.world, self.monkeypatch = world, monkeypatch
        self.kept = process(django_settings.LONGRUN_HOST)
        self.uncached = process(django_settings.LONGRUN_HOST, room=0)

    def paths(self):
        yield from ("/", "/page/2/", "/feed/", "/feed/atom/", "/comments/feed/", "/search/?q=heron", "/author/arthur/")
        yield from ("/robots.txt", "/sitemap.xml", "/opensearch.xml", "/xmlrpc.php")
        for path in Post.objects.exclude(path=None).order_by("pk").values_list("path", flat=True):
            yield from (path, f"{path}feed/", f"{path}comment-page-2/")
        for podcast in Podcast.objects.all():
            yield podcast.feed_path
        for term in [*Category.objects.all(), *Tag.objects.all(), *Series.objects.all()]:
            yield from (term.path, f"{term.path}feed/")
        yield from sorted({f"/{post.published_on:%Y/%m}/" for post in Post.objects.exclude(published_on=None)})

    def some(self, most=8):
        paths = list(self.paths())
        return self.world.random.sample(paths, min(most, len(paths)))

    def check(self, what, paths):
        """What is kept, or kept from now on, is what is made from nothing; after all that was done so far (`what`)."""
        shown = {path: self.answer(self.kept, path) for path in paths}
        with self.nothing_cached():
            for path, answer in shown.items():
                assert answer == self.answer(self.uncached, path), f"{path} is stale after {what[-9:]}"

    def answer(self, application, path):
        answer = ask(application, path)
        return answer.status, answer.body if answer.status == 200 else b""

    @contextmanager
    def nothing_cached(self):
        """No result is taken from the cache: the layout, the settings and all parts of pages are computed again."""
        fresh = {}

        def entry(results, key, compute):
            if (results, key) not in fresh:
                fresh[results, key] = results._compute(compute, cache_version.current_state())
            return fresh[results, key]

        with self.monkeypatch.context() as patched:
            patched.setattr(cache_version.Results, "_entry", entry)
            patched.setattr(cache_version.Results, "_former", lambda results, key: None)
            yield


def commit():
    """A test's transaction never ends: do now what it would do after its commit."""
    while connection.run_on_commit:
        _savepoints, deed, _robust = connection.run_on_commit.pop(0)
        deed()


@pytest.fixture
def callers(monkeypatch):
    """The functions that have invalidated something, by their dotted names."""
    found, invalidate = set(), cache_version.invalidate

    def told(*parts):
        caller = sys._getframe(1)
        found.add(f"{caller.f_globals['__name__']}.{caller.f_code.co_qualname}")
        invalidate(*parts)

    monkeypatch.setattr(cache_version, "invalidate", told)
    return found


@pytest.fixture
def shuffled(settings, tmp_path, monkeypatch, discussion, ada, arthur, make_post):
    """`shuffled(seed, enough)` does every kind of change in random order, round after round until `enough()`, and asks
    for pages after each, unless it `looks` at none."""
    settings.LONGRUN_LIMITS, settings.MEDIA_ROOT = False, tmp_path

    def run(seed, enough, looks=True):
        world = World(seed, ada, arthur, make_post)
        for number in range(4):
            make_post(f"Heron {number}", source=world.words(30), tags=["reed"], categories=["Lake"], author=arthur)
            a_comment_arrives(world)
        a_menu_link(world)
        a_file_is_kept(world)
        commit()
        pages, done = Pages(world, monkeypatch), [f"seed {seed}"]
        if looks:
            pages.check(done, list(pages.paths()))
        for _round in range(MOST_ROUNDS):
            for deed in world.random.sample(changes, len(changes)):
                done.append(deed.__name__)
                deed(world)
                commit()
                if looks:
                    pages.check(done, pages.some())
            if enough():
                break
        if looks:
            pages.check(done, list(pages.paths()))

    return run


@pytest.fixture
def discussion(blog):
    return DiscussionSettings.objects.create()


def test_every_function_of_the_table_of_changes_is_called(shuffled, callers):
    """Goes on until every function in the table (docs/architecture.md) has changed something."""
    table = {name for row in test_versions.tables()[0] for name in row[2] if not name.startswith(ELSEWHERE)}
    shuffled(random.randrange(10**9), enough=lambda: callers >= table, looks=False)
    assert callers >= table, table - callers


@pytest.mark.long
@pytest.mark.parametrize("number", range(often(40, 4)))
def test_no_order_of_changes_leaves_a_stale_page(shuffled, number):
    rounds = iter(range(3))
    shuffled(random.randrange(10**9), enough=lambda: next(rounds) == 2)
