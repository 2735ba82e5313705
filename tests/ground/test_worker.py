"""The worker as a process of its own, on a data folder of its own, killed as machines kill."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from ground import generation, jobs
from ground.locks import Taken, only_one
from ground.models import Letter
from tests.ground import work

START = "import django; django.setup(); import tests.ground.work; "
MIGRATE = "from django.core.management import call_command as call; call('migrate', verbosity=0); "
WORK = """
import signal, threading
from ground import generation, jobs
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
jobs.work(stop)
"""


@pytest.fixture
def blog(tmp_path):
    """Run some Python in a process that has its own data folder; what is still alive afterwards is killed."""
    started = []
    inherited = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}

    def start(code):
        env = inherited | {"LONGRUN_DATA": str(tmp_path), "PYTHONPATH": os.pathsep.join(sys.path)}
        env["DJANGO_SETTINGS_MODULE"] = "config.settings"
        started.append(
            subprocess.Popen(
                [sys.executable, "-c", START + code],
                env=env,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    def traces(kind):
        with sqlite3.connect(tmp_path / "longrun.sqlite3", timeout=10) as rows:
            return rows.execute("select count(*) from ground_letter where kind = ?", [kind]).fetchone()[0]

    start.traces = traces
    yield start
    for process in started:
        process.kill()
        process.communicate()


def finished(process):
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    return out


def test_a_killed_worker_loses_no_job_and_the_next_one_finishes_it(blog, eventually):
    finished(blog(MIGRATE + "tests.ground.work.die_once.enqueue(); tests.ground.work.long_trace.enqueue('long')"))
    first = blog(WORK)
    first.wait(timeout=60)
    assert first.returncode == -signal.SIGKILL
    assert (blog.traces("die"), blog.traces("lived")) == (1, 0)

    second = blog(WORK)
    eventually(lambda: blog.traces("lived") == 1 and blog.traces("long") == 1)
    assert blog.traces("die") == 2
    second.terminate()
    assert second.wait(timeout=30) == 0


def test_a_second_worker_is_turned_away_in_one_clear_line(blog, eventually):
    finished(blog(MIGRATE + "tests.ground.work.trace.enqueue('up')"))
    first = blog(WORK)
    eventually(lambda: blog.traces("up"))
    second = blog("from ground import jobs; jobs.LAST_WORDS = 0.5" + WORK)
    out, _ = second.communicate(timeout=60)
    assert second.returncode == 1
    assert "Another process is already at work here" in out.splitlines()[-1]
    first.terminate()
    assert first.wait(timeout=30) == 0


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_the_worker_does_both_queues_and_the_schedule_until_it_is_stopped(settings, tmp_path, eventually, monkeypatch):
    settings.LONGRUN_DATA = tmp_path
    looked, before = [], generation.current()
    monkeypatch.setattr(jobs, "_entries", {"look": (jobs.timedelta(minutes=1), lambda: looked.append(1))})
    work.trace.enqueue("short")
    work.long_trace.enqueue("long")
    stop = threading.Event()
    worker = threading.Thread(target=work_and_hang_up, args=(stop,))
    worker.start()
    try:
        eventually(lambda: set(Letter.objects.values_list("kind", flat=True)) == {"short", "long"} and looked)
    finally:
        stop.set()
        worker.join(timeout=30)
    assert not worker.is_alive()
    assert len(looked) == 1
    assert generation.current() > before, "the last worker may have died before it told of its change"
    assert not jobs.stopping()


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_trouble_with_one_job_or_the_database_does_not_end_the_worker(
    settings, tmp_path, eventually, monkeypatch, caplog
):
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr(jobs, "AFTER_TROUBLE", 0.1)
    calls = []

    def run_due():
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("the database is locked")

    monkeypatch.setattr(jobs, "run_due", run_due)
    stop = threading.Event()
    worker = threading.Thread(target=work_and_hang_up, args=(stop,))
    worker.start()
    try:
        eventually(lambda: len(calls) >= 3)
    finally:
        stop.set()
        worker.join(timeout=30)
    assert "the database is locked" in caplog.text


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_a_long_queue_does_not_keep_the_schedule_waiting(settings, tmp_path, eventually, monkeypatch):
    settings.LONGRUN_DATA = tmp_path
    done_before = []
    traces = Letter.objects.filter(kind="one of many")
    monkeypatch.setattr(jobs, "_entries", {"look": (jobs.timedelta(0), lambda: done_before.append(traces.count()))})
    for _ in range(50):
        work.trace.enqueue("one of many")
    stop = threading.Event()
    worker = threading.Thread(target=work_and_hang_up, args=(stop,))
    worker.start()
    try:
        eventually(lambda: traces.count() == 50 and 50 in done_before)
    finally:
        stop.set()
        worker.join(timeout=30)
    assert done_before[:3] == [20, 40, 50]


def work_and_hang_up(stop):
    from django.db import connections

    try:
        jobs.work(stop)
    finally:
        connections.close_all()


def test_a_lock_is_held_by_one_and_free_again_after(tmp_path):
    path = tmp_path / "worker.lock"
    with only_one(path), pytest.raises(Taken, match="already at work"), only_one(path):
        pass
    with only_one(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_who_waits_for_a_lock_may_be_called_off(tmp_path, in_time):
    nobody_wants_it = threading.Event()
    nobody_wants_it.set()
    with only_one(tmp_path / "lock"), in_time(2), only_one(tmp_path / "lock", patience=30, unless=nobody_wants_it):
        pass
