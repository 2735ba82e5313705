"""The pages of docs/operations.md on incidents: their commands are run as they stand there, on such a blog."""

import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest

from tests.blog_process import ROOT, Blog, copy

TEXT = (
    (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").partition("## Incidents\n")[2].partition("\n## ")[0]
)
PAGES = dict(re.findall(r"^### (.+)\n((?:(?!^### ).*\n)*)", TEXT, re.MULTILINE))
TRIED = {"doctor": 1}  # it says what is wrong here: that nobody serves the blog

pytestmark = pytest.mark.long


def blocks(page):
    """The commands of a page, by block."""
    found = re.findall(r"^( *)```sh\n(.*?)^ *```", PAGES[page], re.MULTILINE | re.DOTALL)
    return [[line.removeprefix(indent) for line in text.splitlines()] for indent, text in found]


def run(blog, lines):
    """What the commands print, one after the other in one shell; each must do what it is there for."""
    said = ""
    settings = [line for line in lines if re.fullmatch(r"[A-Z]+=\S+", line)]
    for line in lines:
        if line in settings:
            continue
        command = "\n".join([*settings, "set -o pipefail", line])
        done = subprocess.run(["bash", "-c", command], cwd=ROOT, env=blog.env, capture_output=True, text=True)
        expected = next((code for name, code in TRIED.items() if line.endswith(f"manage.py {name}")), 0)
        assert done.returncode == expected, f"{line}\n{done.stdout}{done.stderr}"
        said += done.stdout
    return said


@pytest.fixture
def kept(tmp_path, owned, prepared):
    """Ada's blog, which nobody serves."""
    copy(owned, tmp_path / "data")
    return Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_LIMITS="on")


def test_there_is_a_page_for_each_incident():
    assert list(PAGES) == [
        "The disk is full",
        "I lost the password",
        "Mail does not arrive",
        "The site is slow: a robot",
        "I was hacked",
        "The upgrade failed",
    ]
    assert [len(blocks(page)) for page in PAGES] == [3, 2, 1, 2, 5, 2]


def test_the_disk_is_full(tmp_path, owned, prepared):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=180M", "none", str(disk)], capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    try:
        copy(owned, disk / "data")
        blog = Blog(disk / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_LIMITS="on")
        (blog.data / "backups").mkdir(mode=0o700)
        filler = blog.data / "backups" / "before-blog.0001.sqlite3"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(disk).free - 2**20)
        assert "the disk has" in blog.manage("backup", code=1)
        look, delete, again = blocks("The disk is full")
        said = run(blog, look)
        assert "LOOK space" in said and "100%" in said and "backups" in said
        run(blog, delete)
        said = run(blog, again)
        assert "checked:" in said and "ok   space" in said and "ok   backup" in said
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


def test_i_lost_the_password(kept):
    first, second = blocks("I lost the password")
    links = [re.search(rf"{kept.url}/accounts/\S+", run(kept, lines))[0] for lines in (first, second)]
    assert links[0] != links[1]


def test_mail_does_not_arrive(kept):
    kept.env |= {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": "9", "EMAIL_HOTS": "x"}
    said = run(kept, blocks("Mail does not arrive")[0])
    assert "LOOK mail" in said and "Connection refused" in said
    assert "LOOK names" in said and "EMAIL_HOTS" in said


def test_the_site_is_slow(kept, tmp_path):
    line = '{} - - [29/Nov/2026:22:00:00 +0000] "GET /?s=x HTTP/1.1" 200 5 "-" "{}"\n'
    robot, reader = line.format("192.0.2.7", "GreedyBot/1.0"), line.format("198.51.100.4", "Mozilla/5.0")
    (tmp_path / "access.log").write_text(robot * 900 + reader * 20)
    machine, log = blocks("The site is slow: a robot")
    assert log[0] == "LOG=/var/log/nginx/access.log"
    assert "load average" in run(kept, machine)
    said = run(kept, [f"LOG={tmp_path / 'access.log'}", *log[1:]]).splitlines()
    assert [line.split() for line in said] == [
        ["20", "198.51.100.4"],
        ["900", "192.0.2.7"],
        ["20", "Mozilla/5.0"],
        ["900", "GreedyBot/1.0"],
    ]


def test_i_was_hacked(kept):
    kept.manage("backup")
    before = kept.manage("login_link")
    key = (kept.data / "secret_key").read_text()
    copy_all, new_key, program, login, restore = blocks("I was hacked")
    run(kept, copy_all)
    run(kept, new_key)
    assert (kept.data / "secret_key").read_text() != key
    assert (kept.data.with_name("data.evidence") / "secret_key").read_text() == key
    run(kept, program)
    kept.start()
    try:
        token = re.search(r"/accounts/\S+", before)[0]
        assert kept.get(token) in (403, 404, 410), "a link that somebody copied"
        assert kept.get(re.search(r"/accounts/\S+", run(kept, login))[0]) == 200
    finally:
        kept.kill()
    assert "was checked and restored" in run(kept, restore)


def test_the_upgrade_failed(kept):
    kept.manage("migrate", "sessions", "zero")
    look, back = blocks("The upgrade failed")
    assert "sessions.0001_initial" in run(kept, look)
    kept.manage("prepare")
    run(kept, back)
    with closing(sqlite3.connect(kept.data / "longrun.sqlite3")) as rows:
        tables = {name for (name,) in rows.execute("SELECT name FROM sqlite_master")}
    assert "accounts_user" in tables and "django_session" not in tables
    assert (kept.data / "after-upgrade" / "longrun.sqlite3").exists()
    assert "Ready." in kept.manage("prepare")
