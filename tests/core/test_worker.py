"""The worker as a process of its own, on a data folder of its own, killed as machines kill."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing

import pytest

from core import jobs
from core.file_locks import AlreadyLocked, exclusive_lock

START = "import django; django.setup(); import tests.core.work; "
WORK = """
import signal, threading
from core import jobs
stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())
jobs.run_worker(stop)
"""


@pytest.fixture
def blog(tmp_path, prepared):
    """Run some Python in a process that has its own data folder; what is still alive afterwards is killed."""
    shutil.copy(prepared / "data" / "longrun.sqlite3", tmp_path)
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

    def count(what):
        with closing(sqlite3.connect(tmp_path / "longrun.sqlite3", timeout=10)) as rows:
            return rows.execute(f"select count(*) from {what}").fetchone()[0]

    start.count = count
    start.traces = lambda kind: count(f"core_email where kind = '{kind}'")
    yield start
    for process in started:
        process.kill()
        process.communicate()


def finished(process):
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0, out
    return out


def test_a_killed_worker_loses_no_job_and_the_next_one_finishes_it(blog, eventually):
    finished(blog("tests.core.work.die_once.enqueue(); tests.core.work.long_trace.enqueue('long')"))
    first = blog(WORK)
    first.wait(timeout=60)
    assert first.returncode == -signal.SIGKILL
    assert (blog.traces("die"), blog.traces("lived")) == (1, 0)

    second = blog(WORK)
    eventually(lambda: blog.traces("lived") and blog.traces("long"))  # long perhaps twice: so it may be
    assert blog.traces("die") == 2
    second.terminate()
    assert second.wait(timeout=30) == 0


SOON = "from core import jobs, worker_leases; worker_leases.RENEW_SECONDS = 0.3\n"


def test_two_workers_on_one_data_folder_share_its_jobs(blog, eventually):
    finished(blog("[tests.core.work.take_time.enqueue(f'{n:02}', 0.05) for n in range(40)]"))
    workers = [blog(WORK), blog(WORK)]
    eventually(lambda: blog.count("core_email where kind like 'end %'") == 40)
    assert blog.count("core_email where kind like 'begin %'") == 40
    assert blog.count("(select distinct text from core_email where kind like 'begin %')") == 2, "both have done some"
    for process in workers:
        process.terminate()
        assert finished(process) == ""
    assert blog.count("core_worker") == 0


def test_on_one_machine_a_killed_worker_is_replaced_at_once_and_a_stopped_one_is_not(blog, eventually):
    finished(blog("tests.core.work.take_time.enqueue('one', 60)"))
    first = blog(SOON + WORK)
    eventually(lambda: blog.count("core_email where kind = 'begin one'"))
    blog(SOON + "worker_leases.LEASE_SECONDS = 1\n" + WORK)
    eventually(lambda: blog.count("core_worker") == 2)
    first.send_signal(signal.SIGSTOP)
    time.sleep(2)
    assert blog.count("core_email where kind = 'begin one'") == 1, "it may wake again"
    first.kill()
    eventually(lambda: blog.count("core_email where kind = 'begin one'") == 2, seconds=15)


def test_the_worker_does_both_queues_and_the_schedule_until_it_is_stopped(blog, eventually, tmp_path):
    leave = "tests.core.work.trace.enqueue('short'); tests.core.work.long_trace.enqueue('long')"
    finished(blog(leave))
    worker = blog(WORK)
    eventually(lambda: blog.traces("short") and blog.traces("long"))
    eventually(lambda: blog.count("core_scheduledtask where name = 'core.mail.deliver_waiting'"))
    worker.terminate()
    assert finished(worker) == ""
    assert (tmp_path / "cache_version").stat().st_size, "the last worker may have died before it told of its change"


def test_a_long_queue_does_not_keep_the_schedule_waiting(blog, eventually):
    finished(blog("[tests.core.work.trace.enqueue('one of many') for _ in range(50)]"))
    look = """
from datetime import timedelta
from core import jobs, models
many = models.Email.objects.filter(kind="one of many")
jobs._entries = {"look": (timedelta(0), lambda: print(many.count(), flush=True))}
"""
    worker = blog(look + WORK)
    eventually(lambda: blog.traces("one of many") == 50)
    assert [int(worker.stdout.readline()) for _ in range(3)] == [20, 40, 50]
    worker.terminate()
    finished(worker)


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_trouble_with_one_job_or_the_database_does_not_end_the_worker(
    settings, tmp_path, eventually, monkeypatch, caplog
):
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr(jobs, "ERROR_SECONDS", 0.1)
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


def work_and_hang_up(stop):
    from django.db import connections

    try:
        jobs.run_worker(stop)
    finally:
        connections.close_all()


def test_a_lock_is_held_by_one_and_free_again_after(tmp_path):
    path = tmp_path / "worker.lock"
    with exclusive_lock(path), pytest.raises(AlreadyLocked, match="already at work"), exclusive_lock(path):
        pass
    with exclusive_lock(path):
        assert path.stat().st_mode & 0o777 == 0o600


def test_who_waits_for_a_lock_may_be_called_off(tmp_path, in_time):
    nobody_wants_it = threading.Event()
    nobody_wants_it.set()
    with (
        exclusive_lock(tmp_path / "lock"),
        in_time(2),
        exclusive_lock(tmp_path / "lock", timeout=30, cancelled=nobody_wants_it),
    ):
        pass
