"""The move into another database, between two SQLite files in this process; test_move_database.py has PostgreSQL."""

import io
import json
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.utils import timezone

from blog.search import SearchEntry
from comments.models import Comment
from core.file_locks import exclusive_lock
from core.models import Site, Worker
from core.worker_leases import lock_file
from server import database_move


@pytest.fixture
def data(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.LONGRUN_DATA.mkdir()
    return settings.LONGRUN_DATA


@pytest.fixture
def connecting(migrated, db):
    """Lets this test connect to another database, which Django's test cases refuse."""

    def ensure_connection(wrapper):
        if wrapper.connection is None:
            with wrapper.wrap_database_errors:
                wrapper.connect()

    with mock.patch.object(BaseDatabaseWrapper, "ensure_connection", ensure_connection):
        yield


@pytest.fixture
def filled(connecting, data, make_post):
    """A blog with a post, two comments and the number of a deleted one. The move begins a transaction of its own."""
    post = make_post("A bridge at dawn", tags=["run"])
    for words in ("Koşñ 🏃", "Second"):
        Comment.objects.create(post=post, text=words, name="Zoë", state="approved")
    gone = Comment.objects.create(post=post, text="Deleted", name="Nobody")
    Comment.objects.filter(pk=gone.pk).delete()
    return SimpleNamespace(post=post, last_comment=gone.pk)


@pytest.fixture(scope="module")
def migrated(django_db_setup, django_db_blocker, tmp_path_factory):
    """A file as the migrations leave it, made outside any transaction."""
    file = tmp_path_factory.mktemp("migrated") / "longrun.sqlite3"
    with django_db_blocker.unblock(), closing(sqlite3.connect(file)) as rows:
        connection.ensure_connection()
        connection.connection.backup(rows)
    return file


@pytest.fixture
def tables(migrated, tmp_path):
    """`tables()` is a file that has the tables and no row of a blog."""

    def make(name="target.sqlite3"):
        return Path(shutil.copy(migrated, tmp_path / name))

    return make


def move(file):
    told = io.StringIO()
    call_command("move_database", to=f"sqlite:///{file}", stdout=told, stderr=io.StringIO())
    return told.getvalue()


def count(file, table):
    with closing(sqlite3.connect(file)) as rows:
        return rows.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0]


def test_every_row_arrives_and_a_receipt_says_so(filled, tables, data):
    file = tables()
    told = move(file)
    with closing(sqlite3.connect(file)) as rows:
        texts = rows.execute("SELECT name, text FROM comments_comment ORDER BY id").fetchall()
        (next_number,) = rows.execute("SELECT seq FROM sqlite_sequence WHERE name = 'comments_comment'").fetchone()
        (indexed,) = rows.execute("SELECT count(*) FROM blog_fts").fetchone()
    assert texts == [("Zoë", "Koşñ 🏃"), ("Zoë", "Second")]
    assert next_number == filled.last_comment, "the number of a deleted comment is not given again"
    assert indexed == count(file, "blog_searchentry") == SearchEntry.objects.count() > 0
    (receipt,) = data.glob("moved-database-*.json")
    written = json.loads(receipt.read_text())
    lines = {table["name"]: table for table in written["tables"]}
    assert lines["comments_comment"]["rows"] == 2 and lines["blog_post"]["rows"] == count(file, "blog_post")
    assert written["target"] == f"sqlite:///{file}" and written["search_entries"] == indexed
    assert "compared by hash" in told and f"Receipt: {receipt}" in told and f"to   sqlite:///{file}" in told
    assert database_move.TARGET not in connections.settings, "the connection is not kept"
    assert connections["default"].alias == "default"


def test_a_target_with_rows_or_tables_of_others_is_left_alone(filled, tables, tmp_path):
    strange = tmp_path / "strange.sqlite3"
    with closing(sqlite3.connect(strange)) as rows:
        rows.execute("CREATE TABLE somebody (id int)")
    with pytest.raises(CommandError, match=r"is not empty: it has somebody\. Nothing was changed there"):
        move(strange)
    with closing(sqlite3.connect(strange)) as rows:
        assert rows.execute("SELECT name FROM sqlite_master").fetchall() == [("somebody",)]
    full = tables("full.sqlite3")
    with closing(sqlite3.connect(full)) as rows, rows:
        rows.execute("INSERT INTO core_worker (name, started_at, renewed_at) VALUES ('theirs', 0, 0)")
    with pytest.raises(CommandError, match="is not empty: it has core_worker"):
        move(full)
    assert count(full, "comments_comment") == 0


def test_the_blogs_own_database_is_no_target(filled, tables, monkeypatch):
    own = tables()
    monkeypatch.setitem(connection.settings_dict, "NAME", str(own))
    with pytest.raises(CommandError, match="the blog is in this database already"):
        move(own)


def test_while_the_blog_is_served_or_a_worker_works_nothing_moves(filled, tables, data):
    file = tables()
    with exclusive_lock(data / "serve.lock"), pytest.raises(CommandError, match="is being served: stop it first"):
        move(file)
    Worker.objects.create(name="a neighbour", renewed_at=timezone.now())
    with pytest.raises(CommandError, match="the worker a neighbour was at work a moment ago"):
        move(file)
    assert count(file, "accounts_user") == 0 and not lock_file("a neighbour").exists()


def test_a_database_of_an_older_version_is_prepared_first(filled, tables):
    file = tables()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    with pytest.raises(CommandError, match="of an older version: run `manage.py prepare` first"):
        move(file)


def test_a_target_that_cannot_be_opened_is_named(filled, tmp_path):
    with pytest.raises(CommandError, match=r"x\.sqlite3 cannot be used: unable to open database file\. Nothing was mo"):
        move(tmp_path / "no folder" / "x.sqlite3")
    with pytest.raises(CommandError, match="--to is not understood"):
        call_command("move_database", to="nonsense://x")


def test_a_row_that_the_target_refuses_ends_it_with_nothing_moved(filled, tables):
    file = tables()
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute(
            "CREATE TRIGGER full BEFORE INSERT ON comments_comment BEGIN SELECT RAISE(ABORT, 'it is full'); END"
        )
    with pytest.raises(CommandError, match=r"comments_comment: it is full\. Nothing was moved"):
        move(file)
    assert count(file, "accounts_user") == count(file, "blog_post") == 0


def test_a_table_that_differs_after_the_copy_ends_it_with_nothing_moved(filled, tables):
    file = tables()
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute(
            "CREATE TRIGGER mangle AFTER INSERT ON comments_comment WHEN new.text = 'Second'"
            " BEGIN UPDATE comments_comment SET text = 'Secont' WHERE id = new.id; END"
        )
    with pytest.raises(CommandError, match="comments_comment differs after the copy: 2 rows here, 2 there"):
        move(file)
    assert count(file, "accounts_user") == 0


def test_a_search_with_too_few_entries_ends_it(filled, tables, monkeypatch):
    monkeypatch.setattr(database_move.search, "rebuild", lambda: SearchEntry.objects.all()[:1].get().delete())
    with pytest.raises(CommandError, match="the search has .* entries"):
        move(tables())
    assert Client().get("/").status_code == 200, "the blog itself is as it was"


def test_a_password_is_no_part_of_a_database_s_name():
    there = {"HOST": "db.example.org", "PORT": "", "NAME": "blog", "PASSWORD": "hush", "USER": "ada"}
    wrapper = SimpleNamespace(vendor="postgresql", settings_dict=there)
    assert database_move.describe(wrapper) == "postgres://db.example.org:5432/blog"


def test_what_postgresql_does_not_store_is_named_before_it_is_sent(blog):
    site = Site.objects.get()
    fields = Site._meta.local_concrete_fields
    connections["target"] = SimpleNamespace(vendor="postgresql", close=lambda: None, alias="target")
    try:
        database_move.check_text(Site, fields, [site])
        site.tagline = "In the\0morning"
        with pytest.raises(database_move.MoveFailed, match=f"row {site.pk}: tagline has a NUL character"):
            database_move.check_text(Site, fields, [site])
    finally:
        del connections["target"]


@pytest.mark.parametrize(
    "value, has",
    [("a\0b", True), ({"text": ["a", {"b": "\0"}]}, True), ({"\0": 1}, True), (None, False), (7, False), (b"\0", False),
     ("how \\u0000 is written", False), ({"text": "how \\u0000 is written"}, False)],
)  # fmt: skip
def test_a_nul_is_told_from_how_it_is_written(value, has):
    assert database_move.has_nul(value) is has


@pytest.mark.parametrize(
    "one, other",
    [
        (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime.fromisoformat("2026-01-01T13:00:00+01:00")),
        (Decimal("1.50"), Decimal("1.5")),
        (memoryview(b"ab"), b"ab"),
        ({"b": 1, "a": [2]}, {"a": [2], "b": 1}),
    ],
)
def test_the_same_value_has_the_same_text_whichever_database_it_comes_from(one, other):
    assert database_move.canonical_value(one) == database_move.canonical_value(other)


def test_values_that_only_look_alike_differ():
    values = [None, "None", 1, "1", True, "", b"", [], {}, "a\x1fb"]
    assert len(set(map(database_move.canonical_value, values))) == len(values)
