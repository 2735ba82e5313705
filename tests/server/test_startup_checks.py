"""Whatever is wrong before the doors open is said in one plain line."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from server import startup_checks
from tests.blog_process import OURS, ROOT
from tests.ports import free_port

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
nas:/export /home/ada/nas nfs4 rw 0 0
/dev/sdb1 /home/ada/nas/local xfs rw 0 0
//nas/share /mnt/the\040share cifs rw 0 0
drvfs /mnt/c 9p rw 0 0
ada@host: /mnt/host fuse.sshfs rw 0 0
tmpfs /tmp tmpfs rw 0 0
overlay /nfs overlay rw 0 0
""".strip()


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/ada/nas/blog", "nfs4"),
        ("/mnt/the share", "cifs"),
        ("/mnt/c/Users/ada", "9p"),
        ("/mnt/host/blog", "fuse.sshfs"),
        ("/home/ada/nas/local/blog", ""),
        ("/home/ada/nasty", ""),
        ("/tmp/blog", ""),
        ("/nfs/blog", ""),
    ],
)
def test_sqlite_is_not_put_on_a_network(tmp_path, folder, kind):
    mounts = tmp_path / "mounts"
    mounts.write_text(MOUNTS)
    if not kind:
        assert startup_checks.check_local_file_system(Path(folder), mounts) is None
        return
    with pytest.raises(ImproperlyConfigured, match=f"network file system \\({kind}\\)"):
        startup_checks.check_local_file_system(Path(folder), mounts)


def test_where_the_system_does_not_tell_the_database_is_asked_alone(tmp_path):
    assert startup_checks.check_local_file_system(tmp_path, tmp_path / "no such file") is None


def test_this_machines_own_mounts_can_be_read(tmp_path):
    startup_checks.check_local_file_system(tmp_path)
    if sys.platform == "linux":
        assert startup_checks.file_system(tmp_path, startup_checks.MOUNTS)


@pytest.mark.django_db
def test_a_database_that_keeps_less_than_it_promises_is_refused():
    if connection.vendor != "sqlite":
        pytest.skip("a promise of SQLite")
    with pytest.raises(ImproperlyConfigured, match="journal_mode=memory where Longrun needs wal"):
        startup_checks.check_sqlite_settings()  # the tests' own database lives in memory


def test_a_free_port_is_welcome_and_a_taken_one_is_not():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(ImproperlyConfigured, match=f"port {port} is in use"):
            startup_checks.check_port("localhost", port)
    startup_checks.check_port("localhost", port)


@pytest.fixture
def serve(tmp_path):
    """serve(NAME="value" …): `manage.py serve` with something wrong; the one line that it says."""

    def start(**environment):
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        ours = {"LONGRUN_DATA": str(tmp_path / "data"), "LONGRUN_STATIC": str(tmp_path / "static")}
        env = clean | ours | {"PORT": str(free_port())} | environment
        command = [sys.executable, str(ROOT / "manage.py"), "serve"]
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        assert done.returncode == 1, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        assert done.stderr.count("\n") == 1, done.stderr
        assert done.stderr.startswith("Longrun cannot start: ")
        return done.stderr

    return start


@pytest.mark.process
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
        pytest.param({"DATABASE_URL": "mysql://ada@localhost/blog"}, "PostgreSQL", marks=pytest.mark.long),
        pytest.param(
            {"DATABASE_URL": "postgres://ada:secret@127.0.0.1:1/blog"}, "cannot be opened", marks=pytest.mark.long
        ),
        pytest.param({"LONGRUN_URL": "blog.example.org"}, "LONGRUN_URL", marks=pytest.mark.long),
        ({"PORT": "eighty"}, "PORT"),
        pytest.param({"PORT": "70000"}, "from 1 to 65535", marks=pytest.mark.long),
        pytest.param({"HOST": "nowhere.invalid"}, "no such name", marks=pytest.mark.long),
        pytest.param({"HOST": "192.0.2.1"}, "no such address", marks=pytest.mark.long),
        ({"LONGRUN_DATA": "/proc/blog"}, "/proc/blog"),
        pytest.param({"LONGRUN_DATA": __file__}, "cannot be used", marks=pytest.mark.long),
        pytest.param({"LONGRUN_STATIC": "/proc/static"}, "static files", marks=pytest.mark.long),
        ({"SECRET_KEY_FILE": "/nowhere/key"}, "/nowhere/key"),
        pytest.param(
            {"LONGRUN_LOG": "plain", "LONGRUN_LOG_PATH": "/proc/log"}, "/proc/log, which", marks=pytest.mark.long
        ),
        pytest.param({"EMAIL_PROVIDER": "postmark"}, "EMAIL_API_KEY", marks=pytest.mark.long),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else value,
)
def test_a_wrong_word_in_the_environment_is_one_clear_line(serve, environment, said):
    line = serve(**environment)
    assert said in line
    assert "secret" not in line.replace("secret_key", "")


@pytest.mark.process
def test_a_folder_that_may_only_be_read_is_one_clear_line(serve, tmp_path):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere; /proc above stands for it")
    (tmp_path / "data").mkdir(mode=0o500)
    assert "cannot be written" in serve()


@pytest.mark.process
def test_a_taken_port_is_one_clear_line(serve):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert f"PORT={port + 1} make run" in serve(PORT=str(port))


@pytest.mark.process
def test_a_file_that_is_no_database_is_one_clear_line_and_stays_as_it_is(serve, tmp_path):
    (tmp_path / "data").mkdir(mode=0o700)
    file = tmp_path / "data" / "longrun.sqlite3"
    file.write_bytes(b"a letter to a friend " * 100)
    (tmp_path / "data" / "secret_key").write_text("k" * 50)
    assert "not a database" in serve()
    assert file.read_bytes() == b"a letter to a friend " * 100


class Applied:
    """What a database says of its migrations, for a program that knows ours."""

    def __init__(self, *more):
        loader = MigrationLoader(connection)
        self.disk_migrations = loader.disk_migrations
        self.applied_migrations = dict.fromkeys([*loader.disk_migrations, *more])


@pytest.mark.parametrize(
    "more",
    [
        [("ground", "0001_initial")],
        [("moving", "0001_initial")],
        [("blog", "0002_search")],
        [("comments", "0007_equal_comments_by_index"), ("ground", "0002_the_ledger")],
        [("accounts", "0003_invitations"), ("blog", "9999_wings")],
    ],
)
def test_a_database_of_a_development_version_is_told_from_a_newer_one(db, more):
    with pytest.raises(ImproperlyConfigured) as refused:
        startup_checks.check_migrations(Applied(*more))
    said = str(refused.value)
    assert "was made by a development version before 0.2.0" in said and "newer Longrun" not in said
    assert "Set up a new one (LONGRUN_DATA=…), or go on with the program that made it." in said


@pytest.mark.parametrize(
    ("more", "refused"), [([("blog", "0002_wings")], True), ([("sessions", "0009_theirs")], False)]
)
def test_a_newer_one_is_still_called_newer(db, more, refused):
    if not refused:
        startup_checks.check_migrations(Applied(*more))
        return
    with pytest.raises(ImproperlyConfigured, match="newer Longrun .this one does not know blog.0002_wings"):
        startup_checks.check_migrations(Applied(*more))


def test_no_migration_of_ours_is_among_the_retired(db):
    known = MigrationLoader(connection).disk_migrations.keys()
    assert (
        not known & startup_checks.RETIRED_MIGRATIONS
        and not {app for app, _name in known} & startup_checks.RETIRED_APPS
    )


def test_a_file_that_goes_away_has_no_size(tmp_path):
    (tmp_path / "log").write_bytes(b"abc")
    assert startup_checks.file_size(tmp_path / "log") == 3
    assert startup_checks.file_size(tmp_path / "gone") == 0
