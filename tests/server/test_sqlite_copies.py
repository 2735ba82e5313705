"""A copy of the database is whole, or there is none."""

import shutil
import sqlite3
import stat
from contextlib import closing

import pytest

from server import sqlite_copies


@pytest.fixture
def database(tmp_path):
    """One that is being written to: the last rows are in its log only, and it is open."""
    file = tmp_path / "longrun.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("PRAGMA wal_autocheckpoint=0")
        writer.execute("CREATE TABLE post (id INTEGER PRIMARY KEY, text TEXT)")
        writer.execute("BEGIN")
        writer.executemany("INSERT INTO post (text) VALUES (?)", [(f"{n} " * 100,) for n in range(500)])
        writer.execute("COMMIT")
        yield file


def posts(file):
    with closing(sqlite3.connect(file)) as copy:
        return copy.execute("SELECT count(*) FROM post").fetchone()[0]


def test_a_copy_holds_what_is_written_so_far_and_only_its_owner_reads_it(database, tmp_path):
    target = tmp_path / "backups" / "before-blog.0002.sqlite3"
    sqlite_copies.copy(database, target)
    assert posts(target) == 500
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert stat.S_IMODE(target.parent.stat().st_mode) == 0o700
    assert [file.name for file in target.parent.iterdir()] == [target.name]


def test_what_a_killed_run_left_behind_is_in_nobodys_way(database, tmp_path):
    (tmp_path / "backups").mkdir()
    (tmp_path / "backups/a.sqlite3.part").write_bytes(b"half a copy")
    sqlite_copies.copy(database, tmp_path / "backups/a.sqlite3")
    assert posts(tmp_path / "backups/a.sqlite3") == 500


def test_a_failed_copy_leaves_the_old_one_alone(database, tmp_path):
    target = tmp_path / "a.sqlite3"
    sqlite_copies.copy(database, target)
    database.with_name("longrun.sqlite3-wal").unlink()
    database.write_bytes(b"not a database, however one looks at it")
    with pytest.raises(sqlite_copies.CopyFailed, match="could not be written"):
        sqlite_copies.copy(database, target)
    assert posts(target) == 500
    assert not list(tmp_path.glob("*.part"))


def test_a_damaged_database_makes_no_copy_that_looks_sound(database, tmp_path):
    whole = tmp_path / "whole.sqlite3"
    sqlite_copies.copy(database, whole)
    with whole.open("r+b") as file:
        file.seek(3 * 4096 + 100)
        file.write(b"\xff" * 3000)
    with pytest.raises(sqlite_copies.CopyFailed):
        sqlite_copies.copy(whole, tmp_path / "copy.sqlite3")
    assert not (tmp_path / "copy.sqlite3").exists()


def test_without_room_for_a_copy_it_says_so(database, tmp_path, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(10**9, 10**9, 0))
    with pytest.raises(sqlite_copies.CopyFailed, match="0 MB left"):
        sqlite_copies.copy(database, tmp_path / "copy.sqlite3")


def test_the_last_three_are_kept(database, tmp_path):
    for name in "abcde":
        sqlite_copies.copy(database, tmp_path / f"before-{name}.sqlite3")
    sqlite_copies.delete_old_copies(tmp_path, "before-*.sqlite3")
    assert sorted(file.name for file in tmp_path.glob("before-*")) == [f"before-{n}.sqlite3" for n in "cde"]
    assert database.exists()
