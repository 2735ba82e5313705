"""What an upgrade waits for, refuses and leaves alone, step by step and without a second version."""

import os
import sqlite3
import subprocess
import sys
import zipfile
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer
from types import SimpleNamespace

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from config import folders
from core.file_locks import try_shared_lock
from core.read_only import LOCK
from server import sqlite_copies, startup_checks
from server.upgrade import programs, steps, version_switch, writers
from server.upgrade.programs import Program, this_program

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no upgrades")


@pytest.fixture
def data(tmp_path, settings, monkeypatch):
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr(startup_checks, "database_file", lambda: tmp_path / "longrun.sqlite3")
    for name in ("upgrade", "backups"):
        (tmp_path / name).mkdir()
    return tmp_path


@contextmanager
def somebody_writes(data):
    with try_shared_lock(data / LOCK) as lock:
        yield lock


# Waiting for those who write


@pytest.mark.django_db
def test_a_long_job_is_named_and_waited_for_as_long_as_the_owner_wants(data, monkeypatch):
    monkeypatch.setattr(steps, "ROUND", 0.1)
    began, said = timezone.now(), []
    DBTaskResult.objects.create(
        task_path="transfer.jobs.run_import", status="RUNNING", started_at=began, queue_name="long",
        backend_name="default", args_kwargs={"args": [], "kwargs": {}}, run_after=began,
    )  # fmt: skip
    job = f"the job transfer.jobs.run_import, since {began:%H:%M} UTC"
    with somebody_writes(data) as lock:
        refused = pytest.raises(steps.UpgradeFailed, match=f"after 0 seconds this still writes: {job}.*--wait")
        with refused, steps.read_only_now(said.append, wait=0):
            pytest.fail("somebody writes")
        assert said == []
        Timer(0.5, lock.close).start()
        with steps.read_only_now(said.append, wait=60):
            assert try_shared_lock(data / LOCK) is None
    assert said == [f"Waiting up to 60 seconds for what writes now: {job} …", "The blog is read-only from here on …"]


@pytest.mark.django_db
def test_without_a_job_a_form_is_what_writes(data):
    with somebody_writes(data):
        assert writers.describe() == "a form that somebody has sent, or a short job"


@pytest.mark.process
@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="Linux alone tells who holds a lock")
def test_a_command_that_writes_is_named(data):
    manage = data / "manage.py"
    manage.write_text(f"""
import fcntl, sys
file = open({str(data / LOCK)!r}, "a")
fcntl.flock(file, fcntl.LOCK_SH)
print("locked", flush=True)
sys.stdin.read()
""")
    for words, named in ((["import_wordpress", "a.xml"], ["the command import_wordpress a.xml"]), (["worker"], [])):
        command = [sys.executable, str(manage), *words]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "locked\n"
        assert writers.commands() == named
        process.communicate(timeout=30)
    assert writers.commands() == []


def test_a_process_that_has_ended_has_no_words():
    assert writers.command_of("0") == []


# Room on every disk, and a journal in use


def test_each_disk_has_to_have_room_for_all_its_copies(tmp_path, monkeypatch):
    one, other = tmp_path / "one", tmp_path / "other"
    free = {one: 30, other: 9}
    for folder in free:
        folder.mkdir()
    monkeypatch.setattr(sqlite_copies.shutil, "disk_usage", lambda folder: SimpleNamespace(free=free[folder] * 2**20))
    sqlite_copies.check_room([(27 * 2**20, one)])
    with pytest.raises(sqlite_copies.CopyFailed, match="one has 30 MB left and a copy needs 28 MB"):
        sqlite_copies.check_room([(14 * 2**20, one), (14 * 2**20, one)])
    monkeypatch.setattr(Path, "stat", lambda self: SimpleNamespace(st_dev=str(self)))
    with pytest.raises(sqlite_copies.CopyFailed, match="other has 9 MB"):
        sqlite_copies.check_room([(14 * 2**20, one), (9 * 2**20, other)])


def test_a_switch_needs_room_on_the_disk_of_the_database_and_on_that_of_the_backups(data, monkeypatch):
    """A database elsewhere (DATABASE_URL) is copied there and back, and its former content into the backups."""
    asked = []
    monkeypatch.setattr(version_switch, "check_room_on_disks", asked.extend)
    present, elsewhere = data / "longrun.sqlite3", Path("/dev/shm")
    present.write_bytes(b"a" * 10)
    version_switch.new_database().write_bytes(b"b" * 15)
    kept = data / "backups/former.sqlite3"
    version_switch.check_room(present, kept)
    assert asked == [(10, data / "upgrade")], "for going back; the former one is linked, the new one moved"
    assert list(kept.parent.iterdir()) == []
    if not os.access(elsewhere, os.W_OK) or elsewhere.stat().st_dev == data.stat().st_dev:
        pytest.skip("NOTICE: there is no second file system here.")
    asked.clear()
    present = elsewhere / f"longrun-{os.getpid()}.sqlite3"
    present.write_bytes(b"a" * 10)
    try:
        version_switch.check_room(present, kept)
    finally:
        present.unlink()
    assert asked == [(10, data / "upgrade"), (10, data / "backups"), (15, elsewhere)]


def test_without_room_nothing_is_decided(data, monkeypatch):
    (data / "longrun.sqlite3").write_bytes(b"a")
    version_switch.new_database().write_bytes(b"b")
    monkeypatch.setattr(sqlite_copies.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(steps.UpgradeFailed, match="has 0 MB left"):
        steps.room_for_former(data / "longrun.sqlite3")


@pytest.fixture
def in_use(data, monkeypatch):
    """The database, whose last row is in its journal, where a reader holds it."""
    monkeypatch.setattr(sqlite_copies, "BUSY_SECONDS", 0.1)
    file = data / "longrun.sqlite3"
    with closing(sqlite3.connect(file, isolation_level=None)) as rows:
        rows.execute("PRAGMA journal_mode=WAL")
        rows.execute("PRAGMA wal_autocheckpoint=0")
        rows.execute("CREATE TABLE post (id INTEGER PRIMARY KEY)")
        rows.execute("BEGIN")
        rows.execute("SELECT count(*) FROM post").fetchone()
        with closing(sqlite3.connect(file, isolation_level=None)) as writer:
            writer.execute("INSERT INTO post DEFAULT VALUES")
            yield file


def test_the_former_database_is_kept_whole_although_somebody_reads_it(in_use, data):
    assert not sqlite_copies.checkpoint(in_use)
    version_switch.new_database().write_bytes(b"new")
    kept = data / "backups/former.sqlite3"
    version_switch.replace_database(in_use, str(kept))
    with closing(sqlite_copies.open_immutable(kept)) as rows:
        assert rows.execute("SELECT count(*) FROM post").fetchone() == (1,)
    assert in_use.read_bytes() == b"new"


def test_a_former_database_that_cannot_be_kept_is_not_replaced(in_use, data, monkeypatch):
    version_switch.new_database().write_bytes(b"new")
    monkeypatch.setattr(sqlite_copies.shutil, "disk_usage", lambda folder: SimpleNamespace(free=0))
    with pytest.raises(ImproperlyConfigured, match="the former database could not be kept: the disk of"):
        version_switch.replace_database(in_use, str(data / "backups/former.sqlite3"))
    assert version_switch.new_database().exists() and in_use.read_bytes() != b"new"


def test_a_new_version_that_does_not_let_go_of_the_copy_is_refused(in_use, monkeypatch):
    monkeypatch.setattr(version_switch, "new_database", lambda: in_use)
    monkeypatch.setattr(startup_checks, "database_file", lambda: in_use.with_name("present.sqlite3"))
    monkeypatch.setattr(sqlite_copies, "copy", lambda *_files: None)
    monkeypatch.setattr(steps, "check", lambda *_words: None)
    monkeypatch.setattr(Path, "unlink", lambda *_path, **_how: None)
    with pytest.raises(steps.UpgradeFailed, match="a process of version 9.0.0 still has .* open"):
        steps.try_out_with_copy(Program("9.0.0", "python", "manage.py"), print)


# What the present version uses stays as it is


def test_a_version_that_is_tried_out_has_static_files_of_its_own(data, settings):
    (data / "manage.py").write_text("import os, sys; sys.exit(os.environ['LONGRUN_STATIC'])")
    with pytest.raises(steps.UpgradeFailed) as refused, steps.read_only_now(print):
        steps.static_folder().mkdir()
        steps.call(Program("9.0.0", sys.executable, str(data / "manage.py")), {}, "prepare")
    assert str(refused.value) == f"version 9.0.0, prepare: {data / 'upgrade/static'}"
    assert data / "upgrade/static" != settings.STATIC_ROOT and not steps.static_folder().exists()


def wheel(folder, version):
    file = folder / f"longrun-{version}-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as files:
        files.writestr(
            f"longrun-{version}.dist-info/METADATA", f"Metadata-Version: 2.1\nName: longrun\nVersion: {version}\n"
        )
        files.writestr("longrun/CHANGELOG.md", "# Changelog\n")
        files.writestr("longrun/requirements.txt", "")
    return str(file)


def test_another_wheel_with_the_number_of_the_present_version_does_not_take_its_place(data):
    present = Program("0.3.0", sys.executable, str(data / "versions/0.3.0/manage.py"))
    running = data / "versions/0.3.0/complete"
    running.parent.mkdir(parents=True)
    running.write_text("another hash")
    for version in ("0.3.0", "0.2.9"):
        with pytest.raises(steps.UpgradeFailed, match=f"is version {version}, and 0.3.0 is running"):
            steps.candidate(wheel(data, version), present, data, pytest.fail)
    assert running.read_text() == "another hash"


# A checkout that was changed after `upgrade` installed a version of it


@pytest.fixture
def checkout(data, monkeypatch):
    """(git, program): a checkout and the program that was installed from its first commit, under the same number."""
    here = data / "checkout"
    here.mkdir()
    (here / "pyproject.toml").write_text('[project]\nversion = "0.3.0"\n')
    monkeypatch.setattr(folders, "HERE", here)
    monkeypatch.setattr(folders, "IS_CHECKOUT", True)
    monkeypatch.setenv("LONGRUN_DATA", str(data))

    def git(*words):
        person = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", "-C", str(here), *person, *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("commit", "--quiet", "--allow-empty", "--message", "one")
    program = Program("0.3.0", sys.executable, str(data / "versions/0.3.0/manage.py"))
    folder = Path(program.manage).parent
    folder.mkdir(parents=True)
    Path(program.manage).write_text("")
    (folder / "complete").write_text(git("rev-parse", "HEAD"))
    programs.write_file(data / "versions/current.json", program)
    return git, program


@pytest.fixture
def runs(monkeypatch):
    """runs(): the version that `manage.py` becomes, or None if it stays what it is."""
    monkeypatch.delenv("LONGRUN_THIS_VERSION", raising=False)

    def runs():
        became = [None]
        monkeypatch.setattr(programs, "run", lambda program, words: became.append(program.version))
        programs.hand_over(["serve"])
        return became[-1]

    return runs


def test_after_git_pull_the_checkout_runs_although_its_number_is_the_same(checkout, runs, capsys):
    git, _program = checkout
    assert runs() == "0.3.0", "the checkout of what was installed"
    git("commit", "--quiet", "--allow-empty", "--message", "a later one")
    assert runs() is None
    assert capsys.readouterr() == ("", "")


def test_a_checkout_that_is_no_later_one_says_that_its_code_does_not_run(checkout, runs, data, capsys):
    git, program = checkout
    git("checkout", "--quiet", "--orphan", "other")
    git("commit", "--quiet", "--allow-empty", "--message", "another beginning")
    assert runs() == "0.3.0"
    assert (
        f"both 0.3.0. To run the checkout's code instead, delete {data}/versions/current.json."
        in capsys.readouterr().err
    )
    Path(program.manage).with_name("complete").unlink()
    assert runs() == "0.3.0" and "both 0.3.0" in capsys.readouterr().err


def test_the_number_decides_where_it_differs(checkout, runs, capsys):
    (folders.HERE / "pyproject.toml").write_text('[project]\nversion = "0.3.1"\n')
    assert runs() is None
    (folders.HERE / "pyproject.toml").write_text('[project]\nversion = "0.2.0"\n')
    assert runs() == "0.3.0" and this_program().version == "0.2.0"
    assert capsys.readouterr().err == ""
