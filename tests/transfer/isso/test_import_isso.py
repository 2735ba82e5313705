"""The comments of Isso come in from its database, which is read and never trusted."""

import sqlite3
from contextlib import closing

import pytest
from django.core.management import CommandError

from comments.models import Comment
from tests.transfer.importing_files import bring, comments_by_id, in_file, results
from tests.transfer.isso.isso_database import TABLES, comment, write
from transfer.models import ImportRef

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(make_post):
    return make_post("A long run", slug="a-long-run")


@pytest.fixture
def isso(tmp_path, ada, run):
    def isso(*comments, **options):
        threads = options.pop("threads", ((1, run.path, "A long run"),))
        file = tmp_path / "comments.db"
        file.unlink(missing_ok=True)
        write(file, *comments, threads=threads)
        return bring(tmp_path, "isso", file, **options)

    return isso


def test_comments_come_in_their_threads_and_states(isso, run, client):
    done = isso(
        comment(1, text="*First* `<b>`", likes=3, dislikes=1),
        comment(2, parent=1, text="Second", author=None, email=None, website=None),
        comment(3, mode=2, text="Waiting words"),
        comment(4, mode=4, text="", author=None, website=None),
        comment(5, parent=4, text="Its answer"),
        comment(6, mode=9, text="Strange words"),
        comment(7, mode=None, text="No mode"),
    )
    assert in_file(done) == {"comments": 7, "other": 1}
    rows = comments_by_id()
    states = ["approved", "approved", "pending", "gone", "approved", "pending", "pending"]
    assert [rows[str(at)].state for at in range(1, 8)] == states
    first, second = rows["1"], rows["2"]
    assert first.html.startswith("<p><em>First</em> <code>&lt;b&gt;</code>") and first.source_format == "markdown"
    assert (first.name, first.email, first.url) == ("Bo", "bo@example.org", "https://bo.example/")
    assert first.posted_at.isoformat() == "2014-02-03T04:05:06.500000+00:00" and first.former_number is None
    assert second.parent == first and (second.name, second.email) == ("", "")
    assert rows["5"].parent == rows["4"] and rows["4"].email == ""
    assert ImportRef.objects.get(foreign_id="1").kept == {"meta": [["likes", "3"], ["dislikes", "1"]]}
    page = client.get(run.path).content.decode()
    assert "Its answer" in page and "Waiting words" not in page and "Strange words" not in page


def test_a_second_run_changes_nothing_and_what_was_approved_there_follows(isso, run):
    file = [comment(1), comment(2, mode=2, text="Held")]
    isso(*file)
    again = isso(*file)
    assert {line["result"] for line in again["lines"]} == {"unchanged"}
    newer = isso(comment(1), comment(2, text="Held"))
    assert results(newer, "comments") == {"1": "unchanged", "2": "updated"}
    assert not Comment.objects.exclude(state="approved").exists()


def test_threads_that_are_not_here_are_said(isso, run):
    done = isso(comment(1), comment(2, tid=2), comment(3, tid=99),
                threads=((1, run.path, ""), (2, "/elsewhere/", "Elsewhere"), (3, "/silent/", None)))  # fmt: skip
    assert in_file(done) == {"comments": 3, "other": 3}
    assert results(done, "comments") == {"1": "brought", "2": "skipped", "3": "skipped"}


def test_an_old_database_without_some_columns_is_read(tmp_path, ada, run):
    script = """CREATE TABLE threads (id INTEGER PRIMARY KEY, uri, title);
        CREATE TABLE comments (tid, id, created, mode, text, voters);"""
    facts = {"tid": 1, "id": 1, "created": 0, "mode": 1, "text": b"Bytes \xff"}
    file = write(tmp_path / "old.db", facts, threads=((1, run.path, "x"),), script=script)
    bring(tmp_path, "isso", file)
    assert Comment.objects.get().text == "Bytes \ufffd"


def hostile(path, name, run):
    write(path, comment(1), threads=((1, run.path, "x"),))
    if name == "no tables":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("CREATE TABLE other (x)")
    elif name == "a view":
        script = TABLES.replace("CREATE TABLE comments", "CREATE TABLE real_comments").partition("CREATE TRIGGER")[0]
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(f"{script} CREATE VIEW comments AS SELECT * FROM real_comments;")
    elif name == "a computed column":
        path.unlink()
        script = """CREATE TABLE threads (id, uri, title);
            CREATE TABLE comments (tid, id, created, mode, text AS (upper(mode)), voters);
            INSERT INTO comments VALUES (1, 1, 1, 1, x'00');"""
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(script)
    elif name == "missing columns":
        path.unlink()
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript("CREATE TABLE threads (id); CREATE TABLE comments (id);")
    elif name == "damaged":
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        path.write_bytes(content)
    elif name == "cut off":
        path.write_bytes(path.read_bytes()[:5000])
    elif name == "empty":
        path.write_bytes(b"")
    else:
        path.write_bytes(b"<?xml version='1.0'?><disqus/>")


@pytest.mark.parametrize(
    "name",
    ["no tables", "a view", "a computed column", "missing columns", "damaged", "cut off", "empty", "another file"],
)
def test_another_or_broken_database_is_refused_in_words(tmp_path, ada, run, name):
    hostile(tmp_path / "comments.db", name, run)
    with pytest.raises(CommandError, match="comments.db"):
        bring(tmp_path, "isso", tmp_path / "comments.db")
    assert not Comment.objects.exists()


def test_the_file_stays_as_it_was(tmp_path, ada, run):
    file = write(tmp_path / "comments.db", comment(1), threads=((1, run.path, "x"),))
    file.chmod(0o400)
    before = file.read_bytes()
    bring(tmp_path, "isso", file)
    assert file.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir()} == {"comments.db", "receipt.json"}


def test_a_log_beside_it_is_said(tmp_path, ada, run):
    file = write(tmp_path / "comments.db", comment(1), threads=((1, run.path, "x"),))
    (tmp_path / "comments.db-wal").write_bytes(b"x")
    assert "comments.db-wal has changes" in bring(tmp_path, "isso", file)["output"]
