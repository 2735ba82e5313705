"""Another version takes over, or the former one again: each file is in its place, whatever a start of `serve` finds."""

import os
import signal
import socket
import tempfile
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.environment import database_at
from core.read_only import SWITCH
from server import startup_checks
from server.management.commands import serve
from server.upgrade import steps, version_switch
from server.upgrade.programs import Program, current_program, this_program, write_file
from tests.blog_process import PATIENCE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no upgrades")
OLD, NEW = (Program(version, "/usr/bin/python3", f"/{version}/manage.py") for version in ("0.2.0", "0.3.0"))


@pytest.fixture
def data(tmp_path, settings, monkeypatch):
    """A data folder in which the version 0.3.0 has just taken over, with its database, and has not answered yet."""
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr(version_switch, "this_program", lambda: NEW)
    monkeypatch.setattr(version_switch.connection, "vendor", "sqlite")
    monkeypatch.setattr(startup_checks, "database_file", lambda: tmp_path / "longrun.sqlite3")
    (tmp_path / "backups").mkdir()
    (tmp_path / "upgrade").mkdir()
    take_over(tmp_path, NEW, OLD)
    return tmp_path


def take_over(data, program, former):
    startup_checks.database_file().write_bytes(b"")  # SQLite takes it for a database without tables
    version_switch.new_database().write_text("new")
    version_switch.decide(program, former, data / "backups/former.sqlite3")
    version_switch.complete()


def test_the_database_may_lie_on_another_file_system(data, monkeypatch):
    if not os.access("/dev/shm", os.W_OK) or Path("/dev/shm").stat().st_dev == data.stat().st_dev:
        pytest.skip("NOTICE: there is no second file system here.")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as elsewhere:
        file = Path(elsewhere, "longrun.sqlite3")
        monkeypatch.setattr(startup_checks, "database_file", lambda: file)
        take_over(data, NEW, OLD)
        assert file.read_text() == "new" and file.stat().st_mode & 0o777 == 0o600
        assert [each.name for each in Path(elsewhere).iterdir()] == [file.name]
    assert not version_switch.new_database().exists() and not version_switch.is_pending()


def test_a_version_that_never_answers_gives_way_once(data, monkeypatch):
    """If the former one does not come up either, the two do not take turns for ever."""
    assert current_program(data) == NEW
    assert version_switch.go_back_if_unproven(print)
    version_switch.complete()
    assert current_program(data) == OLD and (data / "longrun.sqlite3").read_bytes() == b""
    monkeypatch.setattr(version_switch, "this_program", lambda: OLD)
    assert not version_switch.go_back_if_unproven(print) and current_program(data) == OLD


def test_after_a_failed_upgrade_rollback_goes_back_behind_the_last_one(data):
    version_switch.proven()
    before = version_switch.former().read_text()
    take_over(data, Program("0.4.0", "/usr/bin/python3", "/0.4.0/manage.py"), NEW)
    assert version_switch.go_back_if_unproven(print)
    version_switch.complete()
    version_switch.proven()
    assert version_switch.former().read_text() == before and not version_switch.unproven().exists()


def test_an_upgrade_that_gives_up_leaves_the_database_to_which_serve_goes_back(data):
    """`serve` has made it and has not written its decision yet."""
    with pytest.raises(steps.UpgradeFailed), steps.read_only_now(print):
        version_switch.new_database().write_text("the former one")
        raise steps.UpgradeFailed("it has not answered for 180 s")
    assert version_switch.new_database().exists()
    version_switch.proven()
    with pytest.raises(steps.UpgradeFailed), steps.read_only_now(print):
        raise steps.UpgradeFailed("it could not be migrated")
    assert not version_switch.new_database().exists()


def test_a_version_may_write_once_it_answers_and_not_when_its_port_is_open(data, monkeypatch):
    command = serve.Command()
    command.began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as port:
        command.prove(port.getsockname())
        assert version_switch.unproven().exists()
        monkeypatch.setattr(serve, "ANSWER_SECONDS", -1)
        with pytest.raises(ImproperlyConfigured, match="has not answered"):
            command.prove(port.getsockname())
    for status, is_there in ((500, True), (200, False)):
        monkeypatch.setattr(serve, "ANSWER_SECONDS", 90)
        with served(status) as place:
            command.prove(place)
        assert version_switch.unproven().exists() == is_there


@contextmanager
def served(status):
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server.server_address
        server.shutdown()


@pytest.mark.process
def test_a_version_shows_that_it_answers_for_the_main_pages(running_blog):
    assert "All pages answer" in running_blog.manage("check_pages")


@pytest.mark.process
def test_a_signal_stops_a_blog_although_another_version_is_about_to_take_over(start_blog):
    blog = start_blog()
    os.kill(blog.process.pid, signal.SIGSTOP)  # so that it finds both at once
    facts = {"program": this_program(), "former": this_program(), "kept": ""}
    write_file(blog.data / SWITCH, facts)
    blog.process.terminate()
    os.kill(blog.process.pid, signal.SIGCONT)
    assert blog.process.wait(PATIENCE) == 0 and "takes over" not in blog.log
    assert (blog.data / SWITCH).exists(), "the next start carries it out"
    blog.start()
    assert current_program(blog.data) == this_program() and not (blog.data / SWITCH).exists()


@pytest.mark.parametrize("name", ["my blog", "50%25", "a#b", "what?", "grün"])
def test_the_url_of_a_copy_names_this_file_alone(name):
    file = Path("/srv", name, "new.sqlite3")
    assert database_at(steps.sqlite_url(file))["NAME"] == str(file)
