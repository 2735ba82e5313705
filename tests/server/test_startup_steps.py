"""The steps before serving, called in this process: what is locked, checked, copied, migrated and collected."""

import io
import os
import sqlite3
from contextlib import closing

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db.migrations.loader import MigrationLoader

from core.file_locks import exclusive_lock
from server import damaged_database, sqlite_copies, startup, startup_checks


@pytest.fixture(autouse=True)
def the_same_umask():
    before = os.umask(0o022)
    os.umask(before)
    yield
    os.umask(before)


@pytest.fixture
def data(settings, tmp_path, monkeypatch):
    """A data folder; the file of its database is one of SQLite with a table."""
    settings.LONGRUN_DATA, settings.STATIC_ROOT = tmp_path / "data", tmp_path / "static"
    settings.LONGRUN_DATA.mkdir()
    file = settings.LONGRUN_DATA / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("CREATE TABLE runs (miles integer)")
        rows.execute("INSERT INTO runs VALUES (26)")
    for module in (startup_checks, damaged_database):
        if hasattr(module, "database_file"):
            monkeypatch.setattr(module, "database_file", lambda: file)
    return settings.LONGRUN_DATA


@pytest.fixture
def collected(monkeypatch):
    """The commands that would migrate and collect, which are not run."""
    calls = []
    monkeypatch.setattr(startup_checks, "check_sqlite_settings", lambda: None)  # that of the tests is no file
    monkeypatch.setattr(startup, "call_command", lambda name, **options: calls.append(name))
    return calls


def test_a_data_folder_is_served_once_and_says_whether_it_was_left_properly(data):
    with startup.serving() as unclean:
        assert unclean is False and (data / "running").stat().st_mode & 0o777 == 0o600
        with pytest.raises(ImproperlyConfigured, match=f"another Longrun serves the data folder {data} already"):
            startup.serving().__enter__()
        assert (data / "running").exists(), "the one that was refused changes nothing"
    assert not (data / "running").exists()
    (data / "running").touch()  # as a power cut leaves it
    with pytest.raises(ZeroDivisionError), startup.serving() as unclean:
        assert unclean is True
        raise ZeroDivisionError
    assert not (data / "running").exists()


def test_an_empty_plan_migrates_and_copies_nothing(data, db, collected):
    said = []
    startup.migrate(said.append)
    assert (said, collected) == ([], []) and not (data / "backups").exists()


class Plan:
    """Stands for a database that lacks the last migrations of the sessions, or all of them."""

    def __init__(self, lacking, applied=True):
        self.lacking, self.applied = lacking, applied

    def __call__(self, _connection):
        self.loader = MigrationLoader(None)
        self.loader.applied_migrations = {("core", "0001_initial"): None} if self.applied else {}
        return self

    def migration_plan(self, _targets):
        graph = self.loader.graph
        return [(graph.nodes[key], False) for key in self.lacking]


SESSIONS = ("sessions", "0001_initial")


def test_before_migrations_a_copy_of_the_database_is_kept(data, db, collected, monkeypatch):
    said = []
    monkeypatch.setattr(startup, "MigrationExecutor", Plan([SESSIONS]))
    startup.migrate(said.append)
    kept = data / "backups" / "before-sessions.0001_initial.sqlite3"
    assert said == [f"A copy of the database is kept in {kept}", "Applying sessions.0001_initial …"]
    assert collected == ["migrate"]
    with closing(sqlite3.connect(kept)) as rows:
        assert rows.execute("SELECT miles FROM runs").fetchone() == (26,)


def test_a_new_database_is_migrated_without_a_copy(data, db, collected, monkeypatch):
    said = []
    monkeypatch.setattr(startup, "MigrationExecutor", Plan([SESSIONS, ("core", "0001_initial")], applied=False))
    startup.migrate(said.append)
    assert (said, collected) == ([], ["migrate"]) and not (data / "backups").exists()


def test_without_a_copy_nothing_is_migrated(data, db, collected, monkeypatch):
    (data / "backups").write_text("a file where the folder should be")
    monkeypatch.setattr(startup, "MigrationExecutor", Plan([SESSIONS, SESSIONS]))
    with pytest.raises((ImproperlyConfigured, OSError)) as reason:
        startup.migrate(lambda line: None)
    assert collected == [] and isinstance(reason.value, ImproperlyConfigured), reason.value
    assert "nothing was migrated, because no copy could be kept first" in str(reason.value)


def test_postgresql_keeps_its_own_copies(data, monkeypatch, db):
    said = []
    monkeypatch.setattr(startup.connection, "vendor", "postgresql")
    startup.copy_before_migrating(None, said.append)
    assert "pg_dump" in said[0] and not (data / "backups").exists()


def test_old_copies_of_migrations_go(data, db, collected, monkeypatch):
    folder = data / "backups"
    folder.mkdir()
    for number in range(6):
        sqlite_copies.copy(data / "longrun.sqlite3", folder / f"before-blog.{number:04}.sqlite3")
    migration = MigrationLoader(None).graph.nodes[SESSIONS]
    startup.copy_before_migrating(migration, lambda line: None)
    kept = sorted(file.name for file in folder.iterdir())
    assert "before-sessions.0001_initial.sqlite3" in kept and "before-blog.0000.sqlite3" not in kept


def test_static_files_are_collected_when_they_have_changed(data, settings, tmp_path, collected):
    said = []
    startup.collect_static(said.append)
    startup.collect_static(said.append)
    assert said == ["Collecting static files …"] and collected == ["collectstatic"]
    (tmp_path / "static" / ".collected").write_text("an older program")
    startup.collect_static(said.append)
    assert collected == ["collectstatic", "collectstatic"]
    assert (tmp_path / "static" / ".collected").read_text() == startup.static_hash()


def test_a_folder_for_static_files_that_cannot_be_written_is_named(data, settings, tmp_path):
    (tmp_path / "taken").write_text("a file")
    settings.STATIC_ROOT = tmp_path / "taken"
    with pytest.raises(ImproperlyConfigured, match=r"taken, cannot be written .*LONGRUN_STATIC names another"):
        startup.collect_static(lambda line: None)


def test_to_prepare_looks_at_the_disk_and_after_a_crash_at_every_page(data, db, collected, monkeypatch):
    said, looked = [], []
    monkeypatch.setattr(damaged_database, "check_integrity", lambda: looked.append("integrity"))
    monkeypatch.setattr(startup_checks, "disk_space_warning", lambda: "Only 3 MB are left.")
    startup.prepare(said.append)
    assert said == ["Only 3 MB are left.", "Collecting static files …"] and looked == []
    startup.prepare(said.append, unclean=True)
    assert said[2:] == ["Longrun was not stopped properly; checking the database …", "Only 3 MB are left."]
    assert looked == ["integrity"] and os.umask(startup.UMASK) == startup.UMASK, "new files are this user's alone"


def test_the_command_prepares_and_says_so(data, db, collected):
    told = io.StringIO()
    call_command("prepare", stdout=told)
    assert told.getvalue().split("\n")[-2] == "Ready." and (data / "prepare.lock").exists()


def test_of_two_that_prepare_one_waits(data, db, collected, monkeypatch):
    """Whether it waits for the lock is seen by the error of one that may not wait."""
    locks = []

    def impatient(path, timeout=0):
        locks.append((path.name, timeout))
        return exclusive_lock(path)

    monkeypatch.setattr(startup, "exclusive_lock", impatient)
    startup.prepare(lambda line: None)
    assert locks[0] == ("prepare.lock", 600)
