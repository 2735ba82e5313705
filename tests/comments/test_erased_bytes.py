"""Words that were erased on request are gone from every table of the database, and from its file, byte by byte."""

import shutil
import sqlite3
import time
from contextlib import closing

import pytest
from django.db import connection

from blog import search
from comments import privacy
from comments.models import Comment
from core import jobs
from tests.blog_process import Blog

SAY_AND_ERASE = """
import json
from blog import search
from blog.models import Post
from blog import search
from comments import privacy
from comments.models import Comment
from core import jobs

post = Post.objects.filter(kind="post").get()
PADDING = "other words that fill the page of another writer " * 40

def say(text, **facts):
    return Comment.objects.create(post=post, state="approved", text=text, name="Zanzibarqx", email="ann@quuxle.example",
                                  **facts)

others = [say(f"{PADDING} {number}") for number in range(60)]
short, long = say("Erase my flumoxity please"), say("My krobulance, at length: " + "krobulance " * 3000)
answered = say("I said vizzleprop here")
say("An answer that stays, with the word marmalade", parent=answered)
edited = say("First I said grundlefex")
edited.revise(None, text="And then I said hoolimander")
jobs.run_ready(), jobs.run_ready("long")
privacy.forget(Comment.objects.filter(pk__in=[short.pk, long.pk, answered.pk, edited.pk]), privacy.ERASE)
Comment.objects.filter(pk__in=[each.pk for each in others]).update(name="")
jobs.run_ready(), jobs.run_ready("long")
"""
WORDS = ["flumoxity", "flumox", "krobul", "vizzleprop", "grundlefex", "hoolimander"]


def test_no_byte_of_an_erased_word_is_left_in_the_database_or_its_log(tmp_path, owned):
    shutil.copytree(owned / "data", tmp_path / "data")
    blog = Blog(tmp_path / "data")
    file = blog.data / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as other:  # while somebody has it open its log stays where it is
        other.execute("SELECT count(*) FROM blog_fts").fetchone()
        print(blog.manage("shell", "-v0", "-c", SAY_AND_ERASE))
        log = file.with_name(f"{file.name}-wal")
        left = {word for part in (file, log) for word in WORDS if word.encode() in part.read_bytes().lower()}
        assert "marmalad" in {term for (term,) in terms(other)}, "what others said stays"
        assert not {word for word in WORDS for (term,) in terms(other) if word in term}
    assert left == set()


def terms(connection):
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.terms USING fts5vocab(main, blog_fts, 'row')")
    return connection.execute("SELECT term FROM terms").fetchall()


@pytest.mark.db
def test_no_row_of_any_table_holds_an_erased_word(post, make_comment):
    erased, edited = make_comment("Erase my flumoxity please"), make_comment("First I said grundlefex")
    edited.revise(None, text="And then I said hoolimander")
    make_comment("What others said stays: marmalade")
    jobs.run_ready(), jobs.run_ready("long")
    assert holding("flumox") and holding("grundlefex") and holding("hoolimand")
    assert any("search" in table or "fts" in table for table in holding("marmalad"))
    privacy.forget(Comment.objects.filter(pk__in=[erased.pk, edited.pk]), privacy.ERASE)
    jobs.run_ready(), jobs.run_ready("long")
    assert {table for word in ("flumox", "grundlef", "hoolimand") for table in holding(word)} == set()
    assert holding("marmalad")


def holding(word):
    """The tables of which a row holds it."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            if any(word in str(value).lower() for row in cursor.fetchall() for value in row):
                found.add(table)
    return found


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", [privacy.ERASE, privacy.ANONYMISE])
def test_no_byte_of_it_is_left_in_the_files_of_postgresql(post, make_comment, how):
    """Of every file of the database, those of tables, indexes, long values and what was rewritten."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite's file is read above.")
    kept = make_comment("What others said stays: marmalade")
    erased = [
        make_comment(
            "Erase my flumoxity please", name="Zanzibarqx", email="ann@quuxle.example", url="https://wombo.example"
        ),
        make_comment(f"{'Other words before it. ' * 200} and vizzleprop", name="Zanzibarqx"),
        make_comment("First I said grundlefex", name="Zanzibarqx"),
    ]
    erased[2].revise(None, text="And then I said hoolimander")
    said, gone = ["flumox", "grundlefex", "hoolimander"], ["zanzibarqx", "quuxle", "wombo"]
    jobs.run_ready(), jobs.run_ready("long")
    assert left_in_files([*said, *gone, "marmalad"]) == {*said, *gone, "marmalad"}, "the bytes are found where they are"
    privacy.forget(Comment.objects.filter(pk__in=[each.pk for each in erased]), how)
    jobs.run_ready(), jobs.run_ready("long")
    purge_at_last()
    assert left_in_files([*gone, *said[1:2], "marmalad"]) == {"marmalad"}
    if how == privacy.ERASE:
        assert left_in_files([*said, "vizzleprop"]) == set()
    assert Comment.objects.get(pk=kept.pk).text == kept.text


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_table_that_somebody_reads_is_rewritten_later(post, make_comment, monkeypatch):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite writes over what it frees.")
    make_comment("x")
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT count(*) FROM comments_comment")
            assert search.backend().purge(lambda: False, ["comments_comment"]) is False
            cursor.execute("ROLLBACK")
        purge_at_last()
        assert search.backend().purge(lambda: True, ["comments_comment"]) is False, "the worker is to end"
    finally:
        other.close()


def purge_at_last():
    """What the job does again 30 s later: until then the transactions of another test's database may hold it up."""
    tables = [*(model._meta.db_table for model in privacy.PURGED_MODELS), *search.TABLES]
    deadline = time.monotonic() + 60
    while not search.backend().purge(lambda: False, tables):
        assert time.monotonic() < deadline


def left_in_files(words):
    """Those of these words that stand anywhere in the files of this database, in any letter case."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT 'base/' || oid FROM pg_database WHERE datname = current_database()")
        folder = cursor.fetchone()[0]
        cursor.execute("SELECT name FROM pg_ls_dir(%s) AS name WHERE name ~ '^[0-9]'", [folder])
        files = [f"{folder}/{name}" for (name,) in cursor.fetchall()]
        # Not what PostgreSQL keeps for itself: its statistics, of which docs/operations.md tells.
        cursor.execute("SELECT pg_relation_filepath(oid) FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace")
        own = {path for (path,) in cursor.fetchall() if path}
        found = set()
        for file in files:
            if file.partition("_")[0].partition(".")[0] in own:
                continue
            cursor.execute("SELECT pg_read_binary_file(%s, 0, 1000000000, true)", [file])
            data = bytes(cursor.fetchone()[0] or b"").lower()
            found |= {word for word in words if word.encode() in data}
        return found
