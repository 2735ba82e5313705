"""Whatever kills a backup, in whichever moment: what looks whole afterwards is whole, and the next one is made."""

import hashlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import pytest

from server import backups
from server.backups.files import folder
from tests.blog_process import OURS, ROOT
from tests.pace import often

MANY = [pytest.param(often(40), marks=pytest.mark.long)]


@pytest.fixture
def seed():
    number = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"SEED={number} repeats this test")
    return random.Random(number)


@pytest.fixture
def start(written):
    """start(line) is a process that makes backups, ready to be killed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    env = clean | {"LONGRUN_DATA": str(written.folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
    started = []

    def process(*line):
        command = [sys.executable, "-m", "tests.server.backing_up", *map(str, line)]
        child = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True)
        started.append(child)
        assert child.stdout.readline() == "ready\n"
        return child

    yield process
    for child in started:
        child.kill()
        child.wait()
        child.stdout.close()


def what_looks_whole_is_whole():
    for backup in backups.list_backups():
        assert backups.verify_backup(backup)
    for file in (folder() / "media").glob("*/*"):
        if not file.name.endswith(".part"):
            assert hashlib.sha256(file.read_bytes()).hexdigest() == file.name


def the_next_one_is_made():
    assert backups.verify_backup(backups.create_backup())
    assert not list(folder().rglob("*.part")), "and what the dead ones left is gone"


def some_are_old():
    """So that rotation has to remove some, which is a moment to be killed in as well."""
    made = backups.latest() or backups.create_backup()
    for day in range(1, 12):
        shutil.copytree(made.path, folder() / f"2020-01-{day:02}-040000", dirs_exist_ok=True)


@pytest.mark.long
@pytest.mark.parametrize("kills", [3, *MANY])
def test_killed_at_any_time_while_somebody_writes(written, write_load, start, seed, kills):
    for number in range(20):
        written.upload(number, os.urandom(200_000))
    took = time.monotonic()
    backups.create_backup()
    took = time.monotonic() - took
    for _ in range(kills):
        child = start()
        time.sleep(seed.uniform(0, 2 * took))
        child.kill()
        assert child.wait() == -signal.SIGKILL
        what_looks_whole_is_whole()
    the_next_one_is_made()


@pytest.mark.long
@pytest.mark.parametrize("kills", [5, *MANY])
def test_killed_before_any_line_of_its_own(written, start, seed, kills):
    for number in range(5):
        written.upload(number)
    some_are_old()
    lines = int(start(0).stdout.readline())
    assert lines > 300
    for kill in range(kills):
        written.upload(f"new {kill}")
        some_are_old()
        assert start(seed.randint(1, lines)).wait() == -signal.SIGKILL
        what_looks_whole_is_whole()
    the_next_one_is_made()
