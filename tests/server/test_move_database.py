"""A blog with an example of everything moves from SQLite to a real PostgreSQL and back: every row, or nothing."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from importlib import import_module
from urllib.parse import urlsplit

import pytest

from tests import postgres
from tests.blog_process import ROOT, Blog, copy

psycopg = import_module("psycopg")  # of the extra `postgres`, which is used by its name
pytestmark = [pytest.mark.long, pytest.mark.process]


@pytest.fixture(scope="module")
def server():
    """A PostgreSQL of this module: postgres(name) makes an empty database and gives its URL."""
    try:
        with postgres.running() as url:
            yield url
    except postgres.Missing as missing:
        pytest.fail(str(missing)) if os.environ.get("CI") == "true" else pytest.skip(f"NOTICE: {missing}")


@pytest.fixture(scope="module")
def new_database(server):
    def make(name):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"{server.rpartition('/')[0]}/{name}"

    return make


@pytest.fixture(scope="module")
def furnished(tmp_path_factory, prepared, owned):
    """A blog on SQLite with an example of everything, and a gap in the numbers of its comments."""
    data = tmp_path_factory.mktemp("moving") / "data"
    copy(owned, data)
    blog = Blog(data, LONGRUN_STATIC=str(prepared / "static"))
    env = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-m", "tests.furnished"], cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    blog.manage("shell", "-c", GAP)
    return blog


GAP = """
from comments.models import Comment
from blog.models import Post
last = Comment.objects.create(post=Post.objects.first(), text="\\U0001f3c3 İstanbul’da koş\\u00f1", name="Zoë")
gone = Comment.objects.create(post=Post.objects.first(), text="Deleted", name="Nobody")
print("gone", gone.pk)
Comment.objects.filter(pk=gone.pk).delete()
"""
LOOK = """
import json
from django.test import Client
from blog.models import Post
from blog.search import find
from comments.models import Comment
from django.contrib.auth.models import AnonymousUser
pages = [Client().get(path, headers={"host": "localhost"}).content.decode() for path in ("/", "/feed/", "/archives/")]
hits = [hit.url for word in ("mile", "keys", "koşñ", "comment") for hit in find(word, AnonymousUser())[:]]
new = Comment.objects.create(post=Post.objects.first(), text="New", name="Ann").pk
Comment.objects.filter(pk=new).delete()
print("RESULT" + json.dumps([pages, sorted(hits), new]))
"""


def look(blog):
    told = blog.manage("shell", "-c", LOOK)
    pages, hits, new = json.loads(told.partition("RESULT")[2].splitlines()[0])
    steady = [re.sub(r"<lastBuildDate>.*?</lastBuildDate>", "", page) for page in pages]
    return steady, hits, new


def receipt_of(blog):
    return json.loads(sorted(blog.data.glob("moved-database-*.json"))[-1].read_text())


def at(blog, url):
    """The same blog, in the database of this URL."""
    there = Blog(blog.data)
    there.env, there.url = blog.env | {"DATABASE_URL": url}, blog.url
    return there


def test_everything_goes_to_postgresql_and_back(furnished, new_database, tmp_path):
    before = look(furnished)
    assert len(before[1]) > 3, "the search finds nothing to compare"
    url = new_database("moved")
    told = furnished.manage("move_database", "--to", url)
    there = receipt_of(furnished)
    filled = {table["name"] for table in there["tables"] if table["rows"]}
    with closing(sqlite3.connect(furnished.data / "longrun.sqlite3")) as rows:
        counted = {
            name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]
            for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            if not name.startswith(("sqlite_", "blog_fts", "django_migrations"))
        }
    assert {table["name"]: table["rows"] for table in there["tables"]} == counted
    with psycopg.connect(url) as rows:
        assert {name: rows.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in counted} == counted
    assert len(filled) > 20 and there["search_entries"] == counted["blog_searchentry"] > 0
    assert "compared by hash" in told

    moved = at(furnished, url)
    file = tmp_path / "back.sqlite3"
    moved.manage("move_database", "--to", f"sqlite:///{file}")
    back = receipt_of(furnished)
    same = ("rows", "sha256")
    assert [[table[each] for each in same] for table in back["tables"]] == [
        [table[each] for each in same] for table in there["tables"]
    ]
    for blog in (moved, at(furnished, f"sqlite:///{file}")):
        pages, hits, new = look(blog)
        assert (pages, hits) == before[:2]
        assert new == before[2] + 1, "the number of a deleted comment is not given again"


def test_a_database_that_is_not_empty_is_left_alone(furnished, new_database):
    url = new_database("full")
    with psycopg.connect(url) as rows:
        rows.execute("CREATE TABLE somebody (id int)")
    assert "is not empty: it has somebody" in furnished.manage("move_database", "--to", url, code=1)
    with psycopg.connect(url) as rows:
        tables = rows.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
    assert tables == [("somebody",)]
    again = new_database("twice")
    furnished.manage("move_database", "--to", again)
    assert "is not empty" in furnished.manage("move_database", "--to", again, code=1)
    own = f"sqlite:///{furnished.data / 'longrun.sqlite3'}"
    assert "already" in furnished.manage("move_database", "--to", own, code=1)


def test_a_password_is_not_told(furnished):
    told = furnished.manage("move_database", "--to", "postgres://ada:hidden@127.0.0.1:1/none", code=1)
    assert "cannot be used" in told and "hidden" not in told


def test_a_text_that_postgresql_cannot_store_ends_it_with_nothing_moved(furnished, new_database):
    url = new_database("nul")
    with closing(sqlite3.connect(furnished.data / "longrun.sqlite3", isolation_level=None)) as rows:
        (pk,) = rows.execute("SELECT max(id) FROM comments_comment").fetchone()
        rows.execute("UPDATE comments_comment SET name = 'A' || char(0) || 'nn' WHERE id = ?", [pk])
        try:
            told = furnished.manage("move_database", "--to", url, code=1)
        finally:
            rows.execute("UPDATE comments_comment SET name = 'Ann' WHERE id = ?", [pk])
    assert f"comments_comment, row {pk}: name has a NUL character" in told and "Nothing was moved" in told
    with psycopg.connect(url) as rows:
        assert rows.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    furnished.manage("move_database", "--to", url)


def test_killed_at_any_moment_it_leaves_nothing_and_can_begin_again(furnished, new_database):
    url = new_database("killed")
    killed = 0
    for table in ("accounts_user", "comments_comment", "blog_post", "Building the search"):
        command = [sys.executable, str(ROOT / "manage.py"), "move_database", "--to", url]
        process = subprocess.Popen(command, cwd=ROOT, env=furnished.env, stderr=subprocess.PIPE, text=True)
        for line in process.stderr:
            if line.startswith(table):
                process.kill()
                killed += 1
                break
        process.wait(60)
        with psycopg.connect(url) as rows:
            assert rows.execute("SELECT count(*) FROM accounts_user").fetchone() == (0,)
    assert killed == 4
    furnished.manage("move_database", "--to", url)
    assert urlsplit(url).path == "/killed"


def test_a_blog_that_is_being_served_does_not_move(start_blog, new_database):
    blog = start_blog(set_up=True)
    assert "stop it first" in blog.manage("move_database", "--to", new_database("served"), code=1)


def test_a_postgresql_that_others_use_does_not_move(furnished, new_database, tmp_path):
    url = new_database("used")
    furnished.manage("move_database", "--to", url)
    with psycopg.connect(url):
        told = at(furnished, url).manage("move_database", "--to", f"sqlite:///{tmp_path / 'x.sqlite3'}", code=1)
    assert "1 other connections use this database" in told
