"""From a folder and a program to a blog that is served: a real one, with its web server, its worker and its files."""

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import time
from contextlib import closing

import pytest

from tests.blog_process import Blog
from tests.pace import allowed

COMMANDS = ["setup_link", "login_link", "spam_report", "seed_demo"]


@pytest.fixture
def blog(tmp_path, prepared):
    """A prepared blog that nobody serves yet."""
    shutil.copytree(prepared / "data", tmp_path / "data")
    return Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"))


def backups(blog):
    return sorted(file.name for file in (blog.data / "backups").glob("*"))


def test_an_empty_folder_becomes_a_blog_and_only_its_owner_can_read_it(tmp_path):
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(tmp_path / "static"))
    assert blog.manage("prepare").splitlines() == ["Collecting static files …", "Ready."]
    assert stat.S_IMODE(blog.data.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in blog.data.iterdir() if file.is_file())
    assert not (blog.data / "backups").exists(), "there was nothing to keep"


@pytest.mark.parametrize(
    "command",
    ["createsuperuser", *(pytest.param(each, marks=pytest.mark.long) for each in COMMANDS)],
)
def test_a_command_on_an_empty_folder_says_what_comes_first(tmp_path, command):
    said = Blog(tmp_path / "data").manage(command, code=1)
    assert said.splitlines()[-1].startswith("The database is not prepared yet: run `make setup`"), said


def test_the_second_time_nothing_is_left_to_do(blog):
    assert blog.manage("prepare").strip() == "Ready."


def test_a_changed_static_file_is_collected_and_an_unchanged_one_is_not(tmp_path, prepared):
    shutil.copytree(prepared / "data", tmp_path / "data")
    shutil.copytree(prepared / "static", tmp_path / "static")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(tmp_path / "static"))
    assert blog.manage("prepare").strip() == "Ready."
    (tmp_path / "static" / ".collected").write_text("an older program")
    assert "Collecting static files" in blog.manage("prepare")


def test_before_migrations_touch_a_database_in_use_a_copy_is_kept(blog):
    blog.set_up()
    blog.manage("migrate", "sessions", "zero")
    said = blog.manage("prepare")
    (copy,) = backups(blog)
    assert copy.startswith("before-sessions.0001")
    assert f"is kept in {blog.data / 'backups' / copy}" in said
    with closing(sqlite3.connect(blog.data / "backups" / copy)) as kept:
        assert kept.execute("SELECT count(*) FROM accounts_user").fetchone() == (1,)
        tables = {name for (name,) in kept.execute("SELECT name FROM sqlite_master")}
    assert "django_session" not in tables, "it is the database as it was before"
    assert blog.manage("prepare").strip() == "Ready."
    assert backups(blog) == [copy]


@pytest.mark.long
def test_without_a_copy_nothing_is_migrated(blog):
    blog.manage("migrate", "sessions", "zero")
    (blog.data / "backups").write_text("a file where the folder should be")
    said = blog.manage("prepare", code=1)
    assert "nothing was migrated" in said
    assert "Traceback" not in said
    assert "0001" in blog.manage("showmigrations", "--plan").split("[ ]", 1)[1]


@pytest.mark.long
def test_an_older_longrun_leaves_the_database_of_a_newer_one_alone(blog):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as rows, rows:
        rows.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('sessions', '0009_theirs', '2027-01-01')"
        )
    assert blog.manage("prepare").strip() == "Ready.", "other people's apps may come and go"

    def migrated(app, name):
        with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as rows, rows:
            row = [app, name, "2027-01-01 00:00:00"]
            rows.execute("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", row)

    migrated("sessions", "0009_theirs")
    assert blog.manage("prepare").strip() == "Ready.", "other people's apps may come and go"
    migrated("blog", "9999_wings")
    said = blog.manage("serve", code=1)
    assert said.startswith("Longrun cannot start: the database")
    assert "newer Longrun (this one does not know blog.9999_wings)" in said
    assert said.count("\n") == 1
    assert "newer Longrun" in doctor(blog, code=1)["migrations"]
    migrated("ground", "0001_initial")
    for said in (blog.manage("serve", code=1), doctor(blog, code=1)["migrations"]):
        assert "was made by a development version before 0.2.0" in said and "newer Longrun" not in said


def test_it_serves_works_and_ends_when_asked(start_blog):
    blog = start_blog()
    assert f"Longrun is at {blog.url}" in blog.log
    assert blog.setup_link.startswith(f"{blog.url}/setup/")
    assert blog.get("/") == 503
    assert "Service Unavailable" not in blog.log, "nobody has set it up yet, which is no error"
    assert "at work" in doctor(blog, code=1)["worker"]
    began = time.monotonic()
    assert blog.stop() == 0
    assert time.monotonic() - began < allowed(10)
    assert "Longrun has stopped." in blog.log
    assert "Traceback" not in blog.log
    assert not (blog.data / "running").exists()


def test_a_first_start_warns_of_nothing(running_blog):
    """Whatever the machine: granian finds these threads many where there are few cores."""
    assert "[WARNING]" not in running_blog.log


def test_who_owns_a_blog_is_shown_no_way_to_set_it_up_again(running_blog):
    assert "/setup/" not in running_blog.log
    assert running_blog.get("/") == 200


def test_two_servers_do_not_share_a_data_folder(running_blog):
    other = Blog(running_blog.data)
    assert "another Longrun serves" in other.manage("serve", code=1)
    assert running_blog.get("/health/") == 200


@pytest.mark.long
def test_what_was_cut_off_is_looked_at_and_goes_on(start_blog):
    blog = start_blog(set_up=True)
    blog.kill()
    assert (blog.data / "running").exists()
    blog.start()
    wait_until(lambda: "was not stopped properly" in blog.log)  # for a moment a child of the killed one may answer
    wait_until(lambda: blog.get("/") == 200)


@pytest.mark.long
def test_nothing_is_left_behind_by_a_parent_that_was_killed(start_blog):
    blog = start_blog(set_up=True)
    blog.process.kill()
    blog.process.wait(30)
    wait_until(lambda: blog.get("/health/") == 0)
    wait_until(lambda: group_is_gone(blog.process.pid))
    blog.start()
    assert blog.get("/") == 200


def group_is_gone(number):
    try:
        os.killpg(number, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.mark.long
@pytest.mark.parametrize("name", ["longrun web", "longrun worker"])
def test_a_dead_child_comes_back(start_blog, name):
    blog = start_blog()
    child = next(number for number, command in children(blog) if name in command)
    subprocess.run(["kill", "-KILL", str(child)], check=True)
    wait_until(lambda: "starting it again" in blog.log)
    wait_until(lambda: blog.get("/health/") == 200)
    wait_until(lambda: "at work" in doctor(blog, code=1)["worker"])


@pytest.mark.long
def test_a_blog_may_be_developed(start_blog):
    blog = start_blog(DEBUG="on")
    assert blog.get("/static/site.css") == 200
    assert blog.get("/static/css/tokens.css") == 404
    blog.process.send_signal(signal.SIGINT)
    assert blog.process.wait(20) == 0


def test_the_doctor_says_what_is_missing(blog):
    found = doctor(blog, code=1)
    assert found["owner"].startswith("LOOK nobody yet")
    assert found["worker"].startswith("LOOK no worker is running")
    blog.manage("migrate", "sessions", "zero")
    found = doctor(blog, code=1)
    assert found["migrations"].startswith("LOOK")
    assert "worker" not in found, "what stands on the tables is not asked"


def doctor(blog, code=0):
    """What the doctor says, by subject."""
    lines = blog.manage("doctor", code=code).splitlines()
    return {line[5:17].strip(): line[:5] + line[17:] for line in lines}


def children(blog):
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,comm=", "--ppid", str(blog.process.pid)], capture_output=True, text=True, check=True
    )
    return [(int(line.split()[0]), line) for line in listed.stdout.splitlines()]


def wait_until(truth, seconds=30):
    deadline = time.monotonic() + seconds
    while not truth():
        assert time.monotonic() < deadline
        time.sleep(0.1)
