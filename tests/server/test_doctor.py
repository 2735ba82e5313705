"""The doctor names what is wrong and what to do; every fault here is really made."""

import contextlib
import json
import shutil
import socketserver
import sqlite3
import subprocess
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from blog.media import uploads
from core.media_storage import media_storage
from server import backups, damaged_database
from server.doctor import configuration, data
from server.doctor.problem import Problem
from server.doctor.variables import misspelt
from tests.blog_process import Blog, copy, wait_for
from tests.core import smtp
from tests.matrix import drawn
from tests.ports import free_port

ONCE = "2020-02-02 02:02:02"


@pytest.fixture
def blog_of_ada(tmp_path, owned, prepared):
    """Ada's blog, which nobody serves."""
    copy(owned, tmp_path / "data")
    return Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_LIMITS="on")


def doctor(blog, code=1):
    """{name: finding}"""
    said = json.loads(blog.manage("doctor", "--json", code=code))
    assert said["ok"] is (code == 0)
    assert all(
        found["todo"] for found in said["findings"] if found["state"] == "problem" and found["name"] != "database"
    )
    return {found["name"]: found for found in said["findings"]}


def problems(blog):
    return {name: f"{found['text']} {found['todo']}" for name, found in doctor(blog).items() if found["state"] != "ok"}


def run(blog, sql, *values):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as rows, rows:
        rows.execute(sql, values)


def dated(when):
    return when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


# Faults of the environment: (variables, the finding, words in it)


class Late(BaseHTTPRequestHandler):
    """A web server whose clock is twelve minutes behind ours."""

    def date_time_string(self, timestamp=None):
        return format_datetime(datetime.now(UTC) - timedelta(minutes=12), usegmt=False)

    def do_HEAD(self):
        self.send_response(404)
        self.end_headers()

    def log_message(self, *words):
        pass


class Greeting(socketserver.StreamRequestHandler):
    """A mail server that greets with a time: twelve minutes ahead of ours."""

    ahead = timedelta(minutes=12)

    def handle(self):
        then = format_datetime(datetime.now(UTC) + self.ahead)
        self.wfile.write(f"220 mx.example.org ESMTP Exim 4.96 {then}\r\n".encode())
        while line := self.rfile.readline():
            self.wfile.write(b"221 bye\r\n" if line.startswith(b"QUIT") else b"250 mx.example.org\r\n")


@contextlib.contextmanager
def serving(kind, handler):
    with kind(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


ENVIRONMENT = {
    "a host misspelt": ({"EMAIL_HOTS": "mx.example.org"}, "names", "EMAIL_HOTS (do you mean EMAIL_HOST?)"),
    "proxies misspelt": ({"LONGRUN_PROXYS": "1"}, "names", "LONGRUN_PROXYS (do you mean LONGRUN_PROXIES?)"),
    "a provider's id misspelt": (
        {"GITHUB_CLIENTID": "x"},
        "names",
        "GITHUB_CLIENTID (do you mean GITHUB_CLIENT_ID?)",
    ),
    "a host as a URL": (
        {"LONGRUN_ALSO_HOSTS": "https://www.example.org/ old.example.org"},
        "hosts",
        "LONGRUN_ALSO_HOSTS=www.example.org",
    ),
    "no proxies behind https": ({"LONGRUN_URL": "https://blog.example.org"}, "proxies", "Set LONGRUN_PROXIES=1"),
    "DEBUG with https": (
        {"LONGRUN_URL": "https://blog.example.org", "LONGRUN_PROXIES": "1", "DEBUG": "on"},
        "debug",
        "Remove DEBUG",
    ),
    "a folder that cannot be made": ({"LONGRUN_STATIC": "/proc/static"}, "static", "cannot be written"),
    "an id without its secret": (
        {"GITHUB_CLIENT_ID": "Ov23liAAAAAAAAAAAAAA"},
        "logins",
        "GITHUB_CLIENT_SECRET is missing",
    ),
    "a user without a password": (
        {"EMAIL_HOST": "127.0.0.1", "EMAIL_HOST_USER": "ada"},
        "mail",
        "Set EMAIL_HOST_PASSWORD",
    ),
    "mail is closed": (
        {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(free_port())},
        "mail",
        "cannot be used: [Errno 111] Connection refused",
    ),
    "Redis is dead": (
        {"CACHE_URL": f"redis://:hush@127.0.0.1:{free_port()}/0"},
        "redis",
        "systemctl start redis-server",
    ),
}  # fmt: skip


def test_many_faults_of_the_environment_are_named_at_once(blog_of_ada):
    together = [name for name in ENVIRONMENT if name not in ("DEBUG with https", "a user without a password")]
    blog_of_ada.env |= {"LONGRUN_URL": "https://blog.example.org"}
    for name in together:
        blog_of_ada.env |= ENVIRONMENT[name][0]
    found = problems(blog_of_ada)
    for name in together:
        _environment, finding, words = ENVIRONMENT[name]
        assert words in found[finding], name
    assert "hush" not in str(found)


@pytest.mark.long
@pytest.mark.parametrize("name", ENVIRONMENT)
def test_a_fault_of_the_environment_is_named_and_nothing_else(blog_of_ada, name):
    environment, finding, words = ENVIRONMENT[name]
    blog_of_ada.env |= environment
    found = problems(blog_of_ada)
    found.pop("worker", None)  # none runs here
    assert found.keys() == {finding}
    assert words in found[finding]


@pytest.mark.long
def test_static_files_do_not_lie_among_the_data(blog_of_ada):
    blog_of_ada.env["LONGRUN_STATIC"] = str(blog_of_ada.data)
    assert "everybody could read them" in problems(blog_of_ada)["static"]
    blog_of_ada.env["LONGRUN_STATIC"] = str(blog_of_ada.data / "longrun.sqlite3")
    assert "cannot be written" in problems(blog_of_ada)["static"]


@pytest.mark.parametrize(
    "static, media, is_well",
    [("www", "www/media", False), ("data/backups/static", "data/media", False), ("data/static", "www/media", True)],
)
def test_media_and_backups_do_not_lie_among_static_files(settings, tmp_path, static, media, is_well):
    settings.LONGRUN_DATA, settings.STATIC_ROOT = tmp_path / "data", tmp_path / static
    settings.MEDIA_ROOT = tmp_path / media
    if is_well:
        assert configuration.static() == str(tmp_path / static)
    else:
        with pytest.raises(Problem, match="everybody could read them"):
            configuration.static()


def test_with_all_servers_there_a_served_blog_is_found_well(start_blog, inbox, redis_server):
    mail = smtp.Server(inbox)
    mail.start()
    try:
        blog = start_blog(
            set_up=True,
            LONGRUN_LIMITS="on",
            CACHE_URL=redis_server.url,
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=str(mail.port),
            EMAIL_USE_TLS="off",
        )
        wait_for(lambda: (blog.data / "database_check").exists(), "the worker did not check the database", blog)
        found = doctor(blog, code=0)
        assert blog.get("/health/ready/") == 200
        assert json.loads((blog.data / "database_check").read_text())["found"] == ""
        blog.stop()
    finally:
        mail.stop()
    assert found["redis"]["text"].endswith("answers") and found["mail"]["text"].endswith("answers")
    assert found["worker"]["text"] == "at work"


# Faults of the data


def test_a_file_that_is_there_is_found(ada):
    picture = uploads.store_upload(SimpleUploadedFile("bridge.png", drawn(), "image/png"), ada)
    assert data.media_files() == "1 files, the newest are where they belong"
    media_storage().delete_folder(picture.folder)
    with pytest.raises(Problem, match="1 of the 1 newest files are missing"):
        data.media_files()


def test_faults_of_the_data_are_named(blog_of_ada):
    ages_ago = datetime.now(UTC) - timedelta(days=30)
    run(blog_of_ada, "UPDATE accounts_user SET date_joined = ?", dated(ages_ago))
    run(blog_of_ada, "INSERT INTO core_scheduledtask (name, last_run, last_error) VALUES ('x', ?, '')", dated(ages_ago))
    run(
        blog_of_ada,
        'INSERT INTO core_email ("to", subject, text, html, kind, headers, state, tries, next_try, last_error,'
        " created_at, provider_id) VALUES ('a@example.org', 's', '', '', '', '{}', 'sent', 0, ?, '', ?, '')",
        dated(ages_ago),
        dated(datetime.now(UTC) + timedelta(hours=3)),
    )
    run(
        blog_of_ada,
        "INSERT INTO blog_media (name, kind, title, file_name, format, size, width, height, widths, alt, caption,"
        " created_at, upload_key) VALUES ('ab12', 'picture', 't', 't.jpg', 'jpeg', 1, 1, 1, '[]', '', '', ?, '')",
        dated(ages_ago),
    )
    blog_of_ada.manage("shell", "-c", "from server.backups.schedule import request_backup as ask; ask()")
    run(
        blog_of_ada,
        "UPDATE django_tasks_database_dbtaskresult SET queue_name = 'default', enqueued_at = ?",
        dated(ages_ago),
    )
    shutil.rmtree(blog_of_ada.data / "media", ignore_errors=True)
    found = problems(blog_of_ada)
    assert "none" in found["backup"] and "`manage.py backup` makes one now" in found["backup"]
    assert f"{blog_of_ada.data / 'media'} is gone, and 1 files belong there" in found["media_files"]
    assert "the clock is wrong, or it was" in found["clock"]
    assert "1 in “default” since" in found["queue"] and "Restart Longrun" in found["queue"]
    assert "no worker is running" in found["worker"]

    assert "is their disk mounted?" in blog_of_ada.manage("backup", code=1)
    blog_of_ada.manage("backup", "--without-media")
    (made,) = (blog_of_ada.data / "backups").glob("????-??-??-??????")
    made.rename(made.with_name(f"{ages_ago:%Y-%m-%d-%H%M%S}"))
    (blog_of_ada.data / "media").mkdir()
    found = problems(blog_of_ada)
    assert "is 30 days old" in found["backup"]
    assert "1 of the 1 newest files are missing" in found["media_files"]


@pytest.fixture
def small_disk(tmp_path):
    """A disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8M", "none", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def test_a_disk_that_is_nearly_full_is_named(small_disk, owned, prepared):
    copy(owned, small_disk / "data")
    blog = Blog(small_disk / "data", LONGRUN_STATIC=str(prepared / "static"))
    found = problems(blog)["space"]
    assert "Only " in found and "MB are left on the disk" in found and "The disk is full" in found


def test_a_clock_beside_those_of_the_mail_server_and_a_provider_is_named(blog_of_ada):
    with serving(ThreadingHTTPServer, Late) as web, serving(socketserver.ThreadingTCPServer, Greeting) as mail:
        blog_of_ada.env |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail), "EMAIL_USE_TLS": "off"}
        blog_of_ada.env |= {"OIDC_ISSUER": f"http://127.0.0.1:{web}", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}
        found = problems(blog_of_ada)["time"]
    assert f"12 minutes behind 127.0.0.1:{mail}" in found
    assert "12 minutes ahead of OpenID Connect" in found


@pytest.mark.long
def test_the_clock_of_an_email_provider_and_one_that_is_away_are_named(blog_of_ada):
    with serving(ThreadingHTTPServer, Late) as web:
        blog_of_ada.env |= {"EMAIL_PROVIDER": "postmark", "EMAIL_API_KEY": "x"}
        blog_of_ada.env |= {"EMAIL_API_URL": f"http://127.0.0.1:{web}/"}
        assert "12 minutes ahead of postmark" in problems(blog_of_ada)["time"]
    assert "postmark cannot be used" in problems(blog_of_ada)["mail"]


# A damaged database


def damage(blog, *, header=False):
    file = blog.data / "longrun.sqlite3"
    with file.open("r+b") as opened:
        if header:
            opened.write(b"\0" * 100)
        for page in range(4, file.stat().st_size // 4096, 2):
            opened.seek(page * 4096)
            opened.write(b"\xff" * 2000)


@pytest.mark.parametrize("header", [True, pytest.param(False, marks=pytest.mark.long)])
def test_a_damaged_database_is_one_sentence_with_the_newest_backup(blog_of_ada, header):
    blog_of_ada.manage("backup")
    (made,) = (blog_of_ada.data / "backups").glob("????-??-??-??????")
    damage(blog_of_ada, header=header)
    found = doctor(blog_of_ada)
    assert list(found)[0] == "database"
    way = f"`manage.py restore {made.name} --into FOLDER` restores it into a new folder."
    assert "is damaged" in found["database"]["text"]
    assert way in f"{found['database']['text']} {found['database']['todo']}"
    said = blog_of_ada.manage("serve", code=1)
    assert said.startswith("Longrun cannot start: the database") and said.count("\n") == 1
    assert "is damaged" in said and way in said
    assert "Traceback" not in blog_of_ada.manage("spam_report", code=1)
    blog_of_ada.manage("restore", made.name, "--into", blog_of_ada.data.with_name("again"))
    again = Blog(blog_of_ada.data.with_name("again"), LONGRUN_STATIC=blog_of_ada.env["LONGRUN_STATIC"])
    assert doctor(again)["database"]["state"] == "ok"


@pytest.mark.long
def test_a_database_that_was_cut_short_is_found_before_it_is_served(blog_of_ada):
    file = blog_of_ada.data / "longrun.sqlite3"
    with file.open("r+b") as opened:
        opened.truncate(file.stat().st_size // 2)
    assert "bytes are expected, and the file has" in blog_of_ada.manage("serve", code=1)


def test_the_worker_finds_a_page_that_nobody_reads(start_blog):
    """The index of an empty table is damaged: pages are served, and only the whole check finds it."""
    blog = start_blog(set_up=True)
    blog.stop()
    file = blog.data / "longrun.sqlite3"
    with closing(sqlite3.connect(file)) as rows:
        (page,) = rows.execute(
            "SELECT rootpage FROM sqlite_master WHERE name LIKE 'accounts_loginstate_created%'"
        ).fetchone()
    with file.open("r+b") as opened:
        opened.seek((page - 1) * 4096)
        opened.write(b"\xff" * 64)
    (blog.data / "database_check").unlink(missing_ok=True)
    blog.start()
    wait_for(lambda: (blog.data / "database_check").exists(), "the worker did not check the database", blog)
    assert blog.get("/") == 200
    assert json.loads((blog.data / "database_check").read_text())["found"]
    wait_for(lambda: "is damaged" in blog.log, "the log does not say it", blog)
    assert problems(blog).keys() >= {"database"}


def test_the_finding_stands_at_the_desk(written, as_, ada):
    desk = as_(ada)
    damaged_database.check_and_record()
    assert "damaged" not in desk.get("/desk/").content.decode()
    made = backups.create_backup()
    written.database.write_bytes(b"\xff" * 10_000)
    damaged_database.check_and_record()
    page = desk.get("/desk/").content.decode()
    assert "is damaged (file is not a database)." in page and f"manage.py restore {made.name}" in page


def test_how_is_it_shows_owners_what_needs_them_and_what_is_in_order(written, as_, ada, ed, settings):
    assert as_(ed).get("/desk/status/").status_code == 403
    settings.LONGRUN_ALSO_HOSTS = ["https://www.example.org"]
    page = " ".join(as_(ada).get("/desk/status/").content.decode().split())
    assert "LONGRUN_ALSO_HOSTS=www.example.org" in page and "items need your attention" in page
    assert "<dt>Variables</dt>" in page


# The names


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("EMAIL_HOTS", "EMAIL_HOST"),
        ("LONGRUN_PROXYS", "LONGRUN_PROXIES"),
        ("LONGRUN_URI", "LONGRUN_URL"),
        ("EMIAL_PROVIDER", "EMAIL_PROVIDER"),
        ("SECRETKEY_FILE", "SECRET_KEY_FILE"),
        ("EMAIL_HOST_PASSWORD_FILE", None),
        ("EMAIL", None),
        ("PORTS", None),
        ("XDG_DATA_HOME", None),
        ("GITHUB_TOKEN", None),
        ("GOOGLE_APPLICATION_CREDENTIALS", None),
        ("LONGRUN_CHECKS", None),
    ],
)
def test_a_name_is_misspelt_if_it_is_nearly_one_of_ours(name, meant):
    assert misspelt([name]) == ({name: meant} if meant else {})
