"""Backups where other programs do the work: pg_dump, pg_restore and the process that renders pages, with stand-ins for
them; and the commands for owners, in this process."""

import io
import json
import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from core.file_locks import exclusive_lock
from server import backups
from server.backups import database, drill, drill_rendering
from server.backups.files import BackupFailed, folder
from server.management.commands import restore as restore_command

DUMP = """COPY public.blog_post (id, title) FROM stdin;
1\tA run
2\tAnother
\\.
SELECT 1;
COPY public."comments_comment" (id) FROM stdin;
1
\\.
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    """`program(name, code)` puts a shell script of this name first on the path."""
    place = tmp_path / "programs"
    place.mkdir()
    monkeypatch.setenv("PATH", f"{place}{os.pathsep}{os.environ['PATH']}")

    def make(name, code):
        (place / name).write_text(f"#!/bin/sh\n{code}\n")
        (place / name).chmod(0o755)

    return make


# PostgreSQL


def test_a_dump_is_read_by_pg_restore_and_its_rows_are_counted(program, tmp_path):
    (tmp_path / "dump").write_text(DUMP)
    program("pg_restore", f"cat {tmp_path / 'dump'}")
    tables = {"blog_post": 2, "comments_comment": 1, "blog_tag": 0}
    drill.count_dumped_rows(tmp_path / "dump", tables)
    with pytest.raises(BackupFailed, match="does not have the rows it had: blog_post"):
        drill.count_dumped_rows(tmp_path / "dump", tables | {"blog_post": 3})
    with pytest.raises(BackupFailed, match="does not have the rows it had: comments_comment"):
        drill.count_dumped_rows(tmp_path / "dump", {"blog_post": 2})


def test_what_pg_restore_says_of_a_damaged_dump_is_told(program, tmp_path, monkeypatch):
    program("pg_restore", "echo 'pg_restore: error: could not read from input file' >&2; exit 1")
    with pytest.raises(BackupFailed, match="pg_restore said: pg_restore: error: could not read from input file"):
        drill.count_dumped_rows(tmp_path / "dump", {})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_restore is not installed here"):
        drill.count_dumped_rows(tmp_path / "dump", {})


class Postgres:
    """Answers the queries of a dump as a PostgreSQL with three tables does."""

    vendor, alias = "postgresql", "default"
    ops = SimpleNamespace(quote_name=lambda name: f'"{name}"')
    settings_dict = {"NAME": "blog", "USER": "ada", "PASSWORD": "hush", "HOST": "db.example.org", "PORT": 5433,
                     "OPTIONS": {"sslmode": "require"}}  # fmt: skip

    def __init__(self, **rows):
        self.rows, self.asked, self.answer = rows, [], None
        self.introspection = SimpleNamespace(table_names=lambda cursor: list(rows))

    def cursor(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def execute(self, query):
        self.asked.append(query)
        table = query.rpartition(" ")[2].strip('"')
        self.answer = "00000003-1" if "export_snapshot" in query else self.rows.get(table)

    def fetchone(self):
        return (self.answer,)


@pytest.fixture
def postgres(monkeypatch):
    def use(**rows):
        server = Postgres(**rows)
        monkeypatch.setattr(database, "connection", server)
        monkeypatch.setattr(database, "transaction", SimpleNamespace(atomic=lambda: server))
        return server

    return use


def test_pg_dump_copies_the_snapshot_in_which_the_rows_are_counted(program, postgres, tmp_path):
    said = tmp_path / "said"
    program("pg_dump", f'for word in "$@"; do case "$word" in --file=*) echo dump > "${{word#--file=}}";; esac; done;'
            f' echo "$@" "$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE $PGSSLMODE" > {said}')  # fmt: skip
    server = postgres(django_migrations=80, blog_post=2)
    file, rows = database.dump(tmp_path)
    assert rows == {"django_migrations": 80, "blog_post": 2} and file.read_text() == "dump\n"
    assert file.stat().st_mode & 0o777 == 0o600 and "REPEATABLE READ, READ ONLY" in server.asked[0]
    words, _space, connection = said.read_text().rpartition(" hush@")
    assert "--snapshot=00000003-1" in words and connection == "db.example.org:5433/blog require\n"
    assert "hush" not in words, "every user can see the command line"
    postgres(django_migrations=0)
    with pytest.raises(BackupFailed, match="its database is empty"):
        database.dump(tmp_path)


def test_a_pg_dump_that_fails_or_is_missing_makes_no_backup(program, postgres, tmp_path, monkeypatch):
    postgres(django_migrations=80)
    program("pg_dump", "echo first >&2; echo 'server version mismatch' >&2; exit 1")
    with pytest.raises(BackupFailed, match="pg_dump said: server version mismatch"):
        database.dump(tmp_path)
    program("pg_dump", "exit 1")
    with pytest.raises(BackupFailed, match="pg_dump said: nothing"):
        database.dump(tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackupFailed, match="pg_dump, which is not installed here"):
        database.dump(tmp_path)


# The process that renders pages


@pytest.fixture
def process(monkeypatch):
    """The process that renders: `process(…)` says what it prints, each time; `process.given` is what it was given."""
    answers, given = [], []

    def run(command, **options):
        given.append((command[3:], options))
        printed, errors = answers.pop(0)
        return SimpleNamespace(stdout=printed, stderr=errors)

    def say(printed, errors=""):
        answers.append((printed if isinstance(printed, str) else json.dumps(printed), errors))

    say.given = given
    monkeypatch.setattr(drill_rendering.subprocess, "run", run)
    return say


def test_the_restored_blog_is_rendered_with_nothing_of_the_one_that_is_served(process, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", "postgres://the-blog-itself")
    monkeypatch.setenv("EMAIL_HOST", "mx.example.org")
    process("Applying …\n" + json.dumps({"pages": 7, "failed": [], "posts": {}}))
    assert drill_rendering.render_pages(tmp_path) == (7, 0)
    [(words, options)] = process.given
    assert words == [] and options["env"]["LONGRUN_DATA"] == str(tmp_path)
    assert not {"DATABASE_URL", "EMAIL_HOST"} & options["env"].keys()


@pytest.mark.parametrize(
    "printed, errors, found",
    [
        ({"pages": 7, "failed": [["/", 500], ["/feed/", 500]]}, "", "2 of 7 pages do not render, such as / (500)"),
        ("", "Traceback\nImportError: no module", "the restored blog does not start: ImportError: no module"),
        ("not JSON", "", "the restored blog does not start: no reason was given"),
    ],
)
def test_what_goes_wrong_in_the_process_that_renders_is_the_finding(process, tmp_path, printed, errors, found):
    process(printed, errors)
    with pytest.raises(BackupFailed) as problem:
        drill_rendering.render_pages(tmp_path)
    assert str(problem.value) == found


def test_pages_that_take_for_ever_are_given_up(monkeypatch, tmp_path):
    def run(command, **options):
        raise subprocess.TimeoutExpired(command, options["timeout"])

    monkeypatch.setattr(drill_rendering.subprocess, "run", run)
    with pytest.raises(BackupFailed, match="its pages were not rendered within 600 seconds"):
        drill_rendering.render_pages(tmp_path)


@pytest.fixture
def two_databases(tmp_path, monkeypatch):
    """(that of the restored blog, that of the blog that is served): two posts, with the same rows."""
    served, restored = tmp_path / "served.sqlite3", tmp_path / "longrun.sqlite3"
    with closing(sqlite3.connect(served)) as rows, rows:
        for table in drill_rendering.SHARED:
            rows.execute(f"CREATE TABLE {table} (id integer, name text, last_login text)")
            rows.execute(f"INSERT INTO {table} VALUES (1, 'Ada', 'today')")
        rows.execute("CREATE TABLE blog_post (id integer, source text)")
        rows.execute("INSERT INTO blog_post VALUES (1, 'Ten miles.'), (2, 'Eleven.')")
        for table in drill_rendering.OWN.keys() - {"blog_post", "blog_mediause"}:
            rows.execute(f"CREATE TABLE {table} (id integer, post_id integer, text text)")
    shutil.copy(served, restored)
    monkeypatch.setattr(drill_rendering, "database_file", lambda: served)
    return restored, served


def change(file, query):
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute(query)


LOOKS = {"/one/": {"post": 1, "digest": "a"}, "/two/": {"post": 2, "digest": "b"}}


def test_pages_with_the_same_rows_have_to_look_the_same(process, two_databases, tmp_path):
    restored, served = two_databases
    change(served, "UPDATE accounts_user SET last_login = 'a moment ago'")
    process({"pages": 2, "failed": [], "posts": LOOKS})
    process({"pages": 2, "failed": [], "posts": LOOKS})
    assert drill_rendering.render_pages(tmp_path) == (2, 2)
    words, options = process.given[1]
    assert words == ["--paths"] and json.loads(options["input"]) == ["/one/", "/two/"]
    process({"pages": 2, "failed": [], "posts": LOOKS | {"/two/": {"post": 2, "digest": "otherwise"}}})
    with pytest.raises(BackupFailed, match="/two/ looks otherwise than in the blog that is served"):
        drill_rendering.compare_looks(LOOKS, restored)


def test_pages_whose_rows_have_changed_since_the_backup_are_not_compared(process, two_databases):
    restored, served = two_databases
    change(served, "INSERT INTO comments_comment VALUES (1, 2, 'Well run')")
    process({"pages": 1, "failed": [], "posts": {"/one/": LOOKS["/one/"]}})
    assert drill_rendering.compare_looks(LOOKS, restored) == 1
    process({"pages": 1, "failed": [["/one/", 503]], "posts": {}})
    assert drill_rendering.compare_looks(LOOKS, restored) == 0, "it does not render where it is served"
    change(served, "UPDATE core_site SET name = 'Another title'")
    assert drill_rendering.compare_looks(LOOKS, restored) == 0 and drill_rendering.compare_looks({}, restored) == 0
    assert len(process.given) == 2, "there is nothing to render"


def test_a_text_that_nobody_has_changed_and_that_differs_is_found(make_post, tmp_path):
    post, changed = make_post("A run"), make_post("Changed since then")
    file = tmp_path / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("CREATE TABLE blog_post (id integer, title text, source text, updated_at text)")
        for each, source in ((post, post.source), (changed, "as it was")):
            moment = f"{each.updated_at:%Y-%m-%d %H:%M:%S.%f}" if each is post else "2020-01-01 00:00:00"
            rows.execute("INSERT INTO blog_post VALUES (?, ?, ?, ?)", [each.pk, each.title, source, moment])
    drill.compare_texts(file)
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("UPDATE blog_post SET source = source || '!' WHERE id = ?", [post.pk])
    with pytest.raises(BackupFailed, match=f"post {post.pk}, unchanged since then, has another text in the backup"):
        drill.compare_texts(file)


def test_a_result_that_cannot_be_written_or_read_is_none(settings, tmp_path, caplog):
    settings.LONGRUN_DATA = tmp_path / "gone"
    drill.save_drill(drill.Drill(timezone.now(), "2026-01-01-040000"))
    assert "the result of the restore drill could not be written" in caplog.text and drill.last_drill() is None
    settings.LONGRUN_DATA = tmp_path
    (tmp_path / drill.RESULT).write_text('{"when": "yesterday"}')
    assert drill.last_drill() is None


# The commands


def say(*words):
    told = io.StringIO()
    call_command(*map(str, words), stdout=told)
    return told.getvalue()


def test_a_backup_is_made_checked_and_restored_by_the_commands(written, tmp_path):
    picture = written.upload("bridge")
    said = say("backup")
    [made] = backups.list_backups()
    assert made.name in said
    assert f"{made.name} is complete: 3 files." in say("restore", "last")
    said = say("restore", made.name, "--into", tmp_path / "new")
    assert f"Serve it with LONGRUN_DATA={tmp_path / 'new'}" in said and "NOT RESTORED" not in said
    name = picture.relative_to(written.folder)
    assert (tmp_path / "new" / name).read_bytes() == picture.read_bytes()
    with pytest.raises(CommandError, match="Nothing was restored."):
        say("restore", made.name, "--into", tmp_path / "new")
    with pytest.raises(CommandError, match="there is no backup 'x'"):
        say("restore", "x")


def test_files_that_are_not_whole_are_named_left_out_and_refused_with_strict(written, tmp_path, monkeypatch):
    for number in range(3):
        written.upload(str(number))
    made = backups.create_backup()
    for stored in (folder() / "media").glob("*/*"):
        stored.unlink()
    (made.path / "secret_key").write_text("damaged")
    with pytest.raises(CommandError, match="4 of 5 files of .* are not whole: "):
        say("restore", made.name)
    with pytest.raises(CommandError, match="Nothing was restored."):
        say("restore", made.name, "--into", tmp_path / "strict", "--strict")
    monkeypatch.setattr(restore_command, "SHOWN", 2)
    said = say("restore", made.name, "--into", tmp_path / "new")
    assert "NOT RESTORED: 4 of 5 files" in said and "and 2 more" in said
    assert "`manage.py prepare --new-key` makes another" in said
    assert not (tmp_path / "strict").exists() and (tmp_path / "new" / "longrun.sqlite3").exists()


def test_the_way_of_a_postgresql_dump_is_told(monkeypatch, tmp_path):
    made = SimpleNamespace(name="2026-01-01-040000", sums={})
    restored = SimpleNamespace(names=["longrun.dump", restore_command.POSTGRES], missing={})
    monkeypatch.setattr(backups, "find", lambda said: made)
    monkeypatch.setattr(backups, "restore", lambda found, into, strict: restored)
    said = say("restore", "last", "--into", tmp_path / "new")
    assert f"pg_restore --no-owner --dbname=NAME {tmp_path / 'new' / restore_command.POSTGRES}" in said


def test_a_backup_that_fails_is_one_sentence(written):
    folder().mkdir()
    with exclusive_lock(backups.manifests.lock()), pytest.raises(CommandError, match="another backup is being made"):
        say("backup")


def test_the_drill_says_what_a_backup_brings_back_or_why_not(written, monkeypatch, ada):
    monkeypatch.setattr(drill, "render_pages", lambda place, compare: (7, 5))
    with pytest.raises(CommandError, match="The newest backup does not restore: there is no backup"):
        say("restore_drill")
    made = backups.create_backup()
    said = say("restore_drill")
    assert f"{made.name} restores: 0 posts and pages, 0 comments, 0 media files, 0 files of templates" in said
    assert "apps; 7 pages rendered, 5 of them compared with this blog" in said
    assert json.loads((written.folder / drill.RESULT).read_text())["pages"] == 7
    (made.path / "secret_key").unlink()
    with pytest.raises(CommandError, match=f"{made.name} does not restore: "):
        say("restore_drill")
    with exclusive_lock(written.folder / drill.LOCK), pytest.raises(CommandError, match="already at work"):
        say("restore_drill")
