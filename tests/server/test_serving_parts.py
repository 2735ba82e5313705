"""Parts of serving, in this process: the WSGI application, the web server's settings, what is loaded before a fork, the
pages of a restored blog, and what is told of a damaged database."""

import gc
import importlib
import io
import json
import logging
import multiprocessing
import shutil
import sqlite3
import sys
from contextlib import closing
from types import SimpleNamespace

import django
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError, connections

from core import child_process, page_cache
from core.models import Site
from server import damaged_database, drill_pages, error_pages, forked_process, sqlite_copies, startup_checks, web_server
from server.request_queues import SERVER_THREADS
from server.setup import AlreadySetUp, create_blog
from tests.cast import person
from tests.ports import free_port

# The WSGI application


@pytest.fixture
def application(monkeypatch):
    """The application of config/wsgi.py, imported anew; what it changes of this process is undone."""
    frozen, requests = [], logging.getLogger("longrun.requests")
    monkeypatch.setattr(gc, "freeze", lambda: frozen.append(True))
    monkeypatch.setattr(django, "setup", lambda set_prefix=True: None)
    monkeypatch.setattr(child_process, "_waiting", child_process._waiting)
    monkeypatch.setattr(requests, "handlers", requests.handlers)
    monkeypatch.delitem(sys.modules, "config.wsgi", raising=False)
    module = importlib.import_module("config.wsgi")
    assert frozen == [True] and child_process._waiting is not None
    yield module.application
    for queue in module.behind.application.application.queues.values():
        queue.executor.shutdown()
    sys.modules.pop("config.wsgi", None)


def ask(application, path, method="GET", **more):
    begun = []
    environ = {
        "REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost",
        "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost",
        "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr, "wsgi.url_scheme": "gopher",
    }  # fmt: skip
    body = application(environ | more, lambda status, headers, *_more: begun.append((int(status[:3]), dict(headers))))
    content = b"".join(body)
    if hasattr(body, "close"):
        body.close()
    return (*begun[-1], content)


def test_a_request_passes_all_layers_to_django(application):
    status, headers, content = ask(application, "/health/live/")
    assert (status, content) == (200, b"ok\n") and headers["Cache-Control"] == "no-store"
    assert ask(application, "/health/live/", "DELETE")[0] == 405
    assert ask(application, "/health/live/", "OPTIONS")[0] == 204
    form = {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_TYPE": "application/x-www-form-urlencoded"}
    assert ask(application, "/search/", "POST", **form)[0] == 411, "nobody can tell its end"


# The web server


def test_the_web_server_keeps_slow_headers_from_its_threads_and_leaves_its_forks_no_handlers(monkeypatch, settings):
    started, prepared = [], []

    class Granian:
        def __init__(self, application, **options):
            self.application, self.options = application, options

        def serve(self):
            started.append(self)

    header = SimpleNamespace(HTTP1Settings=lambda **options: options)
    for name, module in {
        "granian": SimpleNamespace(Granian=Granian), "granian.http": header,
        "granian.log": SimpleNamespace(LogLevels=SimpleNamespace(error="error")),
    }.items():  # fmt: skip
        monkeypatch.setitem(sys.modules, name, module)
    monkeypatch.setattr(multiprocessing, "set_start_method", lambda *words, force: prepared.append(words))
    monkeypatch.setattr(web_server, "end_forks_with_this", lambda: prepared.append("ends with it"))
    web_server.serve_web("127.0.0.1", 8000)
    [server] = started
    assert prepared == [("fork",), "ends with it"] and server.application == "config.wsgi:application"
    assert server.options["blocking_threads"] == SERVER_THREADS and server.options["interface"] == "wsgi"
    assert server.options["http1_settings"] == {"header_read_timeout": web_server.SECONDS_FOR_A_HEADER * 1000}
    words = web_server.command("127.0.0.1", 8000)
    assert words[words.index("--blocking-threads") + 1] == str(server.options["blocking_threads"])
    assert words[words.index("--backpressure") + 1] == str(server.options["backpressure"])


def test_before_a_fork_everything_is_loaded_and_no_connection_is_open(monkeypatch):
    done = []
    monkeypatch.setattr(gc, "collect", lambda: done.append("collect"))
    monkeypatch.setattr(gc, "freeze", lambda: done.append("freeze"))
    monkeypatch.setattr(connections, "close_all", lambda: done.append("close"))
    forked_process.preload()
    assert done == ["close", "collect", "freeze"], "a connection that is shared by two processes breaks both"
    assert "blog.jobs" in sys.modules and "transfer.jobs" in sys.modules


# The pages of a restored blog


@pytest.fixture
def rendered(monkeypatch, capsys):
    """What `python -m server.drill_pages` says of the blog of this test, and whether it has migrated it."""
    migrated = []
    monkeypatch.setattr(django, "setup", lambda: None)  # it would set up the log of this process anew
    monkeypatch.setattr(drill_pages, "call_command", lambda name, **options: migrated.append(name))

    def render(*words, given=None):
        migrated.clear()
        monkeypatch.setattr(sys, "argv", ["drill_pages", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(given)))
        drill_pages.main()
        return json.loads(capsys.readouterr().out.splitlines()[-1]) | {"migrated": migrated == ["migrate"]}

    return render


def test_pages_of_a_restored_blog_are_rendered_and_told_by_what_they_look_like(make_post, rendered):
    posts = [make_post(f"Run {number}") for number in range(3)]
    make_post("Not public", draft=True)
    said = rendered()
    assert (said["pages"], said["failed"], said["migrated"]) == (5, [], True)
    assert {path: each["post"] for path, each in said["posts"].items()} == {
        post.get_absolute_url(): post.pk for post in posts
    }
    digests = {path: each["digest"] for path, each in said["posts"].items()}
    assert len(set(digests.values())) == 3
    first = posts[0].get_absolute_url()
    again = rendered("--paths", given=[first])
    assert again["posts"][first]["digest"] == digests[first] and list(again["posts"]) == [first]
    assert not again["migrated"], "the blog that is served is left as it is"
    posts[0].source = "Eleven miles."
    posts[0].save()
    assert rendered("--paths", given=[first])["posts"][first]["digest"] != digests[first]


def test_the_newest_posts_and_some_of_all_years_are_rendered(make_post, rendered, monkeypatch):
    posts = [make_post(f"Run {number}") for number in range(6)]
    monkeypatch.setattr(drill_pages, "NEWEST", 2)
    monkeypatch.setattr(drill_pages, "SPREAD", 2)
    chosen = [each["post"] for each in rendered()["posts"].values()]
    assert chosen == [posts[number].pk for number in (5, 4, 3, 1)]


def test_a_page_that_does_not_render_is_named_with_its_status(make_post, rendered, monkeypatch):
    make_post("A run")

    class Broken(drill_pages.Client):
        def get(self, path, **options):
            answer = super().get(path, **options)
            answer.status_code = 500 if path == "/feed/" else answer.status_code
            return answer

    monkeypatch.setattr(drill_pages, "Client", Broken)
    said = rendered()
    assert said["failed"] == [["/feed/", 500]] and len(said["posts"]) == 1


def test_a_restored_blog_that_nobody_has_set_up_has_no_pages(db, rendered, monkeypatch):
    monkeypatch.setattr("server.setup.owner_exists", lambda: False)
    said = rendered()
    assert (said["pages"], said["posts"], said["migrated"]) == (0, {}, True)


# A damaged database


@pytest.fixture
def file(settings, tmp_path, monkeypatch):
    """An SQLite file that stands for the database of the blog."""
    settings.LONGRUN_DATA = tmp_path
    file = tmp_path / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows, rows:
        rows.execute("CREATE TABLE runs (miles integer)")
        rows.executemany("INSERT INTO runs VALUES (?)", [(number,) for number in range(2000)])
    for module in (damaged_database, startup_checks):
        monkeypatch.setattr(module, "database_file", lambda: file)
    return file


def overwrite(file, place, content):
    with file.open("r+b") as opened:
        opened.seek(place)
        opened.write(content)


def test_a_whole_database_and_a_new_one_are_well(file):
    damaged_database.check_header_and_schema()
    damaged_database.check_integrity()
    damaged_database.check_and_record()
    when, found = damaged_database.last_check()
    assert found == "" and when is not None
    file.write_bytes(b"")
    damaged_database.check_header_and_schema()


@pytest.mark.parametrize(
    "place, content, reason",
    [
        (0, bytes(16), "file is not a database"),
        (16, b"\x03\x00", "its header names an impossible page size"),
    ],
)
def test_a_damaged_header_is_one_sentence_with_a_way_back(file, place, content, reason):
    overwrite(file, place, content)
    with pytest.raises(ImproperlyConfigured) as found:
        damaged_database.check_header_and_schema()
    assert f"is damaged ({reason}). Nothing was changed. There is no backup in" in str(found.value)


def test_a_database_that_was_cut_short_is_named_with_its_sizes(file):
    size = file.stat().st_size
    with file.open("r+b") as opened:
        opened.truncate(size // 2)
    with pytest.raises(ImproperlyConfigured, match=f"{size:,} bytes are expected, and the file has {size // 2:,}"):
        damaged_database.check_header_and_schema()
    file.with_name(f"{file.name}-wal").write_bytes(b"what is missing may stand here")
    with file.open("rb") as opened:
        assert damaged_database.header_problem(opened.read(100), file) == ""


def test_a_damaged_page_is_found_by_reading_all_and_is_told_with_the_newest_backup(file, caplog, monkeypatch):
    overwrite(file, 4096, b"\xff" * 4096)
    with pytest.raises(ImproperlyConfigured, match="is damaged"):
        damaged_database.check_integrity()
    backup = SimpleNamespace(name="2026-01-01-040000", problem="")
    broken = SimpleNamespace(name="2026-01-02-040000", problem="its list is damaged")
    monkeypatch.setattr(damaged_database.backups, "list_backups", lambda: [broken, backup])
    damaged_database.check_and_record()
    assert damaged_database.last_check()[1] != ""
    assert "`manage.py restore 2026-01-01-040000 --into FOLDER` restores it into a new folder." in caplog.text


def test_errors_that_speak_of_damage_are_one_sentence_and_others_stay_what_they_are(file):
    with pytest.raises(ImproperlyConfigured, match="malformed"), damaged_database.naming_damage():
        raise OperationalError("database disk image is malformed")
    with pytest.raises(OperationalError, match="is locked"), damaged_database.naming_damage():
        raise OperationalError("database is locked")
    overwrite(file, 100, b"\xff" * 300)
    with pytest.raises(ImproperlyConfigured, match="is damaged"):
        damaged_database.check_header_and_schema()


def test_a_check_that_cannot_be_made_or_written_down_is_logged(file, settings, caplog, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "gone"
    damaged_database.check_and_record()
    assert "the finding of the database check could not be written" in caplog.text
    file.unlink()
    damaged_database.check_and_record()
    assert "the database could not be checked: unable to open database file" in caplog.text
    assert damaged_database.last_check() == (None, "")


# Checks before serving


def test_a_place_that_cannot_be_listened_at_is_said_in_a_sentence():
    for host, port, reason in (
        ("127.0.0.1", 0, "ports go from 1 to 65535"),
        ("no.such.name.invalid", free_port(), "this machine has no such name"),
        ("192.0.2.1", free_port(), "this machine has no such address"),
    ):
        with pytest.raises(ImproperlyConfigured, match=reason):
            startup_checks.check_port(host, port)


@pytest.mark.parametrize(
    "number, reason", [(13, "may not be opened by this user"), (5, "cannot be opened: Input/output error")]
)
def test_a_port_that_the_system_refuses_is_told_apart(monkeypatch, number, reason):
    def refuse(*_words, **_options):
        raise OSError(number, "Input/output error")

    monkeypatch.setattr(startup_checks.socket, "create_server", refuse)
    with pytest.raises(ImproperlyConfigured, match=reason):
        startup_checks.check_port("127.0.0.1", 80)


def test_a_log_that_cannot_be_written_is_named_before_each_request_would_say_so(settings, tmp_path):
    settings.LONGRUN_LOG, settings.LONGRUN_LOG_PATH = "off", str(tmp_path / "gone" / "requests.log")
    startup_checks.check_log_file()
    settings.LONGRUN_LOG = "json"
    with pytest.raises(ImproperlyConfigured, match="LONGRUN_LOG_PATH is .*requests.log, which cannot be written"):
        startup_checks.check_log_file()
    settings.LONGRUN_LOG_PATH = str(tmp_path / "requests.log")
    startup_checks.check_log_file()
    assert (tmp_path / "requests.log").exists()


def test_a_database_that_does_not_answer_is_named_without_its_password(monkeypatch, settings):
    def away():
        raise OperationalError("connection refused\nIs the server running?")

    monkeypatch.setattr(startup_checks.connection, "ensure_connection", away)
    monkeypatch.setattr(startup_checks.connection, "vendor", "postgresql")
    facts = {"NAME": "blog", "HOST": "db.example.org", "PORT": "5433", "PASSWORD": "hush"}
    monkeypatch.setitem(settings.DATABASES, "default", facts)
    with pytest.raises(ImproperlyConfigured) as found:
        startup_checks.check_connection()
    assert str(found.value) == "the database 'blog' at db.example.org:5433 cannot be opened: connection refused."
    assert startup_checks.place().startswith("the database 'blog'") and startup_checks.database_size() == 0


def test_the_room_of_a_copy_is_that_of_the_database_and_its_journal(file, monkeypatch):
    file.with_name(f"{file.name}-wal").write_bytes(bytes(1000))
    assert startup_checks.database_size() == file.stat().st_size + 1000
    assert startup_checks.disk_space_warning() == "" or "MB are left" in startup_checks.disk_space_warning()
    monkeypatch.setattr(startup_checks.shutil, "disk_usage", lambda _folder: SimpleNamespace(free=5 * 2**20))
    assert startup_checks.disk_space_warning().startswith("Only 5 MB are left on the disk of")


def test_a_copy_that_is_not_whole_is_refused(file, tmp_path):
    copy = tmp_path / "copy.sqlite3"
    shutil.copy(file, copy)
    sqlite_copies.verify(copy)
    with closing(sqlite3.connect(copy)) as rows, rows:
        rows.execute("CREATE TABLE pairs (id integer PRIMARY KEY, of integer REFERENCES pairs (id))")
        rows.execute("INSERT INTO pairs (of) VALUES (77)")
    with pytest.raises(sqlite_copies.CopyFailed, match="a row of pairs points at one of pairs that is not there"):
        sqlite_copies.verify(copy)


# The set-up


def test_of_two_set_ups_at_once_the_second_is_told(db, monkeypatch):
    words = {"title": "Ada runs", "name": "Ada", "email": "ada@example.org", "password": "a long and quiet run"}
    create = Site.objects.create

    def late(**facts):
        person("The First", "owner")
        raise IntegrityError("UNIQUE constraint failed: core_site.id")

    monkeypatch.setattr(Site.objects, "create", late)
    monkeypatch.setattr("server.setup.create_site.transaction.atomic", NoTransaction)
    with pytest.raises(AlreadySetUp):
        create_blog(**words)
    with pytest.raises(AlreadySetUp):
        create_blog(**words)
    monkeypatch.setattr(Site.objects, "create", create)


class NoTransaction:
    """The other one has committed: its owner stays."""

    def __enter__(self):
        pass

    def __exit__(self, *_error):
        pass


def test_trouble_of_another_kind_is_not_taken_for_a_second_set_up(db, monkeypatch):
    def broken(**facts):
        raise IntegrityError("NOT NULL constraint failed: core_site.title")

    monkeypatch.setattr(Site.objects, "create", broken)
    with pytest.raises(IntegrityError, match="NOT NULL"):
        create_blog(title="x", name="Ada", email="ada@example.org", password="a long and quiet run")


# Error pages and addresses of WordPress


def test_a_health_check_says_that_the_database_is_away(rf, monkeypatch):
    class Away:
        def cursor(self):
            raise OperationalError("connection refused")

    monkeypatch.setattr(error_pages, "connection", Away())
    answer = error_pages.health(rf.get("/health/"))
    assert (answer.status_code, answer.content) == (503, b"database unreachable\n")


def test_the_login_of_wordpress_leads_to_ours(client, blog, monkeypatch):
    cached = []
    monkeypatch.setattr(page_cache, "cache_also", cached.append)
    answer = client.get("/wp-login.php")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/") and len(cached) == 1
