"""The steps of an upgrade and of a rollback, called in this process; the programs that they ask are stand-ins.

test_upgrade_command.py upgrades a blog that is served, from one real wheel to another.
"""

import io
import json
import shutil
import sqlite3
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from comments.models import Comment
from core.file_locks import exclusive_lock
from core.read_only import read_only
from server import backups, sqlite_copies, startup_checks
from server.management.commands import upgrade as upgrade_command
from server.upgrade import environments, since, steps, version_switch
from server.upgrade.programs import STAY, Program, current_program, this_program, write_file
from server.upgrade.steps import UpgradeFailed

NEW = "9.0.0"
CHANGES = f"# Changelog\n\n## {NEW}\n\n- A later version.\n\n## 0.0.1\n\n- The first.\n"


@pytest.fixture
def data(settings, tmp_path, monkeypatch, db):
    """A data folder whose database is a file with a table."""
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.LONGRUN_DATA.mkdir()
    file = settings.LONGRUN_DATA / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("CREATE TABLE runs (miles integer)")
        rows.execute("INSERT INTO runs VALUES (26)")
    monkeypatch.setattr(startup_checks, "database_file", lambda: file)
    monkeypatch.setattr(connection, "close", lambda: None)  # the tests' database would be gone
    monkeypatch.setattr(version_switch.connections, "close_all", lambda: None)
    monkeypatch.setattr(backups, "create_backup", lambda: None)
    (settings.LONGRUN_DATA / "backups").mkdir()
    return settings.LONGRUN_DATA


@pytest.fixture
def new(data, tmp_path):
    """`new(code)` is a version whose manage.py is this Python code, which writes down how it was called."""
    calls = tmp_path / "calls"
    calls.touch()

    def make(code="", version=NEW):
        folder = data / "versions" / version
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "complete").write_text("hash")
        place = folder / "manage.py"
        place.write_text(
            "import os, sqlite3, sys\n"
            f"with open({str(calls)!r}, 'a') as file:\n"
            f"    print(*sys.argv[1:], os.environ[{STAY!r}], os.environ.get('DATABASE_URL', ''), file=file)\n{code}\n"
        )
        return Program(version, sys.executable, str(place))

    make.calls = lambda: [line.split() for line in calls.read_text().splitlines()]
    return make


@pytest.fixture
def wheel(monkeypatch, new):
    """`wheel(code)` lets an upgrade find this version in a wheel."""

    def make(code="", version=NEW):
        program = new(code, version)
        monkeypatch.setattr(environments, "read_version", lambda path: (version, CHANGES))
        monkeypatch.setattr(environments, "install_wheel", lambda path, version, data: program)
        return program

    return make


def upgrade(said=None, confirm=True):
    told = [] if said is None else said
    steps.upgrade("longrun-9.0.0.whl", told.append, is_confirmed=lambda news: told.append(news) or confirm)
    return told


MIGRATE = """
if sys.argv[1] == "prepare":
    file = sqlite3.connect(os.environ["DATABASE_URL"].removeprefix("sqlite:///"))
    file.execute("CREATE TABLE of_the_next_version (id integer)")
    file.commit()
"""


def tables(file):
    with closing(sqlite3.connect(file)) as rows:
        return {name for (name,) in rows.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


def test_a_blog_that_nobody_serves_is_upgraded_by_a_migrated_copy(data, wheel, new):
    program = wheel(MIGRATE)
    said = upgrade()
    assert [call[0] for call in new.calls()] == ["prepare", "check_pages"]
    assert {call[1] for call in new.calls()} == {"on"}, "it may not hand over to the present version"
    assert {call[2] for call in new.calls()} == {steps.sqlite_url(version_switch.new_database())}
    assert current_program(data) == program and said[-1] == "Version 9.0.0 is installed; the next start runs it."
    assert "- A later version." in said[1] and "The first" in said[1]
    present, [kept] = data / "longrun.sqlite3", (data / "backups").glob("version-*.sqlite3")
    assert tables(present) == {"runs", "of_the_next_version"} and tables(kept) == {"runs"}
    assert json.loads(version_switch.former().read_text())["kept"] == str(kept)
    assert not version_switch.new_database().exists() and not version_switch.unproven().exists()


def test_what_it_shows_is_confirmed_or_nothing_is_changed(data, wheel, new):
    wheel(MIGRATE)
    with pytest.raises(UpgradeFailed, match="nothing was changed"):
        upgrade(confirm=False)
    assert new.calls() == [] and current_program(data) is None and tables(data / "longrun.sqlite3") == {"runs"}


def test_an_older_or_equal_version_is_no_upgrade(data, wheel):
    wheel(version=this_program().version)
    with pytest.raises(UpgradeFailed, match="is running: `rollback` goes back"):
        upgrade()


@pytest.mark.parametrize(
    "code, reason",
    [
        ("sys.exit('division by zero')", "version 9.0.0, prepare: division by zero"),
        (f"{MIGRATE}\nif sys.argv[1] == 'check_pages': print('/ answers 500'); sys.exit(1)", "check_pages: / answers"),
        (f"{MIGRATE}\nif sys.argv[1] == 'check_pages':\n    with open(os.environ['DATABASE_URL'][10:], 'r+b') as file:"
         " file.write(bytes(5000))", "after the migration the copy cannot be used: file is not a database"),
    ],
)  # fmt: skip
def test_a_version_that_fails_leaves_everything_as_it_was(data, wheel, code, reason):
    wheel(code)
    with pytest.raises(UpgradeFailed, match=reason):
        upgrade()
    assert tables(data / "longrun.sqlite3") == {"runs"} and current_program(data) is None
    assert not version_switch.new_database().exists() and not version_switch.is_pending()
    with read_only(timeout=0):
        pass  # and nothing is read-only any more


def test_a_program_that_cannot_be_run_is_named(data, wheel, monkeypatch):
    monkeypatch.setattr(steps.environments, "install_wheel", None)
    program = wheel()
    Path(program.manage).chmod(0o600)
    broken = Program(NEW, "/nowhere/python", program.manage)
    monkeypatch.setattr(environments, "install_wheel", lambda path, version, data: broken)
    with pytest.raises(UpgradeFailed, match="version 9.0.0 could not be run: .*No such file"):
        upgrade()


def test_without_a_backup_or_a_copy_nothing_is_upgraded(data, wheel, monkeypatch, new):
    wheel(MIGRATE)

    def full(*_words):
        raise backups.BackupFailed("no backup was made: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(backups, "create_backup", full)
        with pytest.raises(UpgradeFailed, match="the disk is full"):
            upgrade()

    def uncopied(*_words):
        raise sqlite_copies.CopyFailed("the disk is full")

    monkeypatch.setattr(sqlite_copies, "copy", uncopied)
    with pytest.raises(UpgradeFailed, match="the disk is full"):
        upgrade()
    assert new.calls() == []


def test_two_upgrades_or_one_beside_somebody_who_writes_are_refused(data, wheel):
    wheel(MIGRATE)
    with exclusive_lock(data / "upgrade.lock"), pytest.raises(UpgradeFailed, match="another upgrade is at work"):
        upgrade()
    refused = pytest.raises(UpgradeFailed, match="after 0 seconds this still writes: .*--wait 3600")
    with read_only(timeout=0), refused:
        steps.upgrade("longrun-9.0.0.whl", print, is_confirmed=lambda news: True, wait=0)


def test_a_wheel_that_is_none_is_named(data):
    with pytest.raises(UpgradeFailed, match="there is no file .*longrun-9.0.0.whl"):
        upgrade()


# While the blog is served


@pytest.fixture
def serving(data, monkeypatch):
    """`serving(deed)` is a `serve` that does this when it sees the decision."""
    monkeypatch.setattr(steps.time, "sleep", lambda _seconds: None)
    threads = []

    def start(deed):
        held, done = threading.Event(), threading.Event()

        def serve():
            with exclusive_lock(data / "serve.lock"):
                held.set()
                while not version_switch.is_pending() and not done.wait(0.005):
                    pass
                deed()
                done.wait(30)

        thread = threading.Thread(target=serve)
        thread.start()
        threads.append((thread, done))
        assert held.wait(10)

    yield start
    for thread, done in threads:
        done.set()
        thread.join()


def complete_by_hand(data, program):
    """As `serve` does it, without the database, which belongs to the thread of the test."""
    facts = json.loads((data / version_switch.SWITCH).read_text())
    write_file(data / "versions" / "current.json", program)
    write_file(version_switch.former(), facts)
    (data / version_switch.SWITCH).unlink()


def test_a_serve_that_runs_is_told_and_waited_for(data, wheel, serving):
    program = wheel(MIGRATE)
    serving(lambda: complete_by_hand(data, program))
    said = upgrade()
    assert said[-2:] == ["Version 9.0.0 takes over …", "Version 9.0.0 serves the blog."]


def test_a_version_that_does_not_come_up_is_told(data, wheel, serving):
    wheel(MIGRATE)
    serving(lambda: complete_by_hand(data, this_program()))
    with pytest.raises(UpgradeFailed, match="did not come up, and the former one serves again"):
        upgrade()


def test_a_serve_that_never_answers_is_waited_for_in_vain(data, wheel, serving, monkeypatch):
    wheel(MIGRATE)
    monkeypatch.setattr(steps, "PATIENCE", 0)
    serving(lambda: None)
    with pytest.raises(UpgradeFailed, match="has not answered for 0 s; its log says why"):
        upgrade()
    assert version_switch.is_pending(), "the decision stands, and the next start carries it out"


# A rollback


def rollback(confirm=True):
    told = []
    steps.rollback(told.append, is_confirmed=lambda what: told.append(what) or confirm)
    return told


@pytest.fixture
def upgraded(data, wheel, new, monkeypatch):
    """A blog that was upgraded a moment ago: this is the new version."""
    wheel(MIGRATE)
    upgrade()
    old = new(version="0.0.9")
    facts = json.loads(version_switch.former().read_text())
    write_file(version_switch.former(), facts | {"former": old})
    return old


def test_a_rollback_exports_what_came_since_and_lets_the_former_version_serve(data, upgraded, make_post):
    Comment.objects.create(post=make_post("Since then"), text="And a comment", name="Ann", state="approved")
    said = rollback()
    [export] = (data / "backups").glob("before-rollback-*.json")
    assert "Since then" in export.read_text() and "And a comment" in export.read_text()
    assert any("Comments since then: 1" in line and f"All of it is in {export}." in line for line in said)
    assert current_program(data) == upgraded and tables(data / "longrun.sqlite3") == {"runs"}
    with pytest.raises(UpgradeFailed, match="is not there any more, so this cannot be undone"):
        shutil.rmtree(data / "versions" / "0.0.9")
        write_file(version_switch.former(), json.loads(version_switch.former().read_text()) | {"former": upgraded})
        rollback()


def test_a_rollback_that_is_not_confirmed_changes_nothing(data, upgraded):
    with pytest.raises(UpgradeFailed, match="nothing was changed"):
        rollback(confirm=False)
    assert "of_the_next_version" in tables(data / "longrun.sqlite3") and not version_switch.is_pending()


def test_a_rollback_needs_a_former_version_and_its_database(data, upgraded, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(connection, "vendor", "postgresql")
        with pytest.raises(UpgradeFailed, match="PostgreSQL: restore the backup"):
            rollback()
    [kept] = (data / "backups").glob("version-*.sqlite3")
    kept.unlink()
    with pytest.raises(UpgradeFailed, match=f"{kept.name} is not there any more"):
        rollback()
    version_switch.former().unlink()
    with pytest.raises(UpgradeFailed, match="there is no former version"):
        rollback()


def test_what_came_since_a_moment_is_counted(make_post):
    post = make_post("An old run")
    Comment.objects.create(post=post, text="Old", name="Ann")
    moment = timezone.now()
    assert since.describe(moment).splitlines() == [
        "Posts and pages written or changed since then: 0", "Comments since then: 0", "Files since then: 0",
    ]  # fmt: skip
    assert "  An old run" in since.describe(moment - timedelta(hours=1)).splitlines()


# PostgreSQL, whose database is migrated itself


@pytest.fixture
def postgresql(data, monkeypatch):
    """Migrations that are applied to it; the database of these tests is another one."""
    applied = {("core", "0001_initial"), ("blog", "0001_initial")}
    monkeypatch.setattr(steps, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(steps, "applied_migrations", lambda: sorted(applied))
    return applied


def test_migrations_of_a_version_that_fails_are_undone(postgresql, new):
    program = new("if sys.argv[1] == 'check_pages': sys.exit('/ answers 500')")
    said, call = [], steps.call

    def migrating(program, environment, *words):
        if words == ("prepare",):
            postgresql.update({("core", "0002_next"), ("fresh", "0001_initial")})
        call(program, environment, *words)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "call", migrating)
        with pytest.raises(UpgradeFailed, match="/ answers 500"):
            steps.try_out(program, said.append)
    words = [call[:-1] for call in new.calls()]
    assert words == [["prepare"], ["check_pages"], ["migrate", "core", "0001_initial"], ["migrate", "fresh", "zero"]]
    assert not version_switch.unfinished().exists() and "Undoing the migrations of core …" in said


def test_a_version_that_answers_keeps_its_migrations(postgresql, new):
    assert steps.try_out(new(), lambda line: None) is None
    assert version_switch.unfinished().exists(), "until it serves"


def test_what_a_killed_upgrade_left_is_undone_or_named(postgresql, new, data):
    steps.undo_killed(lambda line: None)  # there is nothing
    write_file(version_switch.unfinished(), {"program": new("sys.exit('not today')"), "before": []})
    with pytest.raises(ImproperlyConfigured, match="the migrations of a failed upgrade cannot be undone: .*not today"):
        steps.undo_killed(lambda line: None)
    new()
    steps.undo_killed(lambda line: None)
    assert not version_switch.unfinished().exists()
    with exclusive_lock(data / "upgrade.lock"), pytest.raises(ImproperlyConfigured, match="cannot be undone: another"):
        steps.undo_killed(lambda line: None)


def test_the_applied_migrations_are_those_of_the_database(db):
    assert ("sessions", "0001_initial") in steps.applied_migrations()


def test_the_moment_of_a_decision_can_be_read_again(data):
    version_switch.decide(this_program(), this_program(), None)
    facts = json.loads((data / version_switch.SWITCH).read_text())
    assert datetime.now(UTC) - datetime.fromisoformat(facts["at"]) < timedelta(minutes=5)


# The commands


@pytest.fixture
def terminal(monkeypatch):
    """`terminal("y")` is what somebody types there; None: there is no terminal."""

    def answer(words):
        monkeypatch.setattr(upgrade_command.sys, "stdin", SimpleNamespace(isatty=lambda: words is not None))
        monkeypatch.setattr("builtins.input", lambda question: words)

    return answer


def test_the_commands_ask_at_a_terminal_and_refuse_without_one(data, wheel, terminal):
    program = wheel(MIGRATE)
    for words in (None, "n", ""):
        terminal(words)
        with pytest.raises(CommandError, match=r"Nothing was upgraded: nothing was changed\."):
            call_command("upgrade", "longrun-9.0.0.whl", stdout=io.StringIO())
    terminal(" Yes ")
    told = io.StringIO()
    call_command("upgrade", "longrun-9.0.0.whl", stdout=told)
    assert "- A later version." in told.getvalue() and current_program(data) == program
    terminal(None)
    with pytest.raises(CommandError, match=r"Nothing was rolled back: nothing was changed\."):
        call_command("rollback", stdout=io.StringIO())
    call_command("rollback", "--yes", stdout=told)
    assert "Comments since then: " in told.getvalue() and current_program(data) == this_program()
