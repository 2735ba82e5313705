"""Real workers on one PostgreSQL, each with a data folder of its own as on a machine of its own: a job has one of them
at a time, whatever becomes of them, and the schedule runs once. `test_worker.py` has two on one SQLite database."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from urllib.parse import quote

import pytest
from django.db import connection
from django_tasks_db.models import DBTaskResult

from core.models import Email, ScheduledTask, Worker
from tests.core import work

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]

LEASE = 6  # seconds
WORK = f"""
    import signal, django; django.setup()
    from datetime import timedelta
    from core import jobs, worker_leases
    from core.stop_flag import StopFlag
    from tests.core import work
    worker_leases.LEASE_SECONDS, worker_leases.GIVE_UP_SECONDS, worker_leases.RENEW_SECONDS = {LEASE}, 4, 0.3
    jobs._entries = {{"look": (timedelta(minutes=1), lambda: work.leave("looked"))}}
    jobs.autodiscover_modules = lambda name: None
    stop = StopFlag()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    jobs.run_worker(stop)
"""


@pytest.fixture
def worker(tmp_path):
    """worker("a") starts a worker on machine "a"; what is alive after the test is killed."""
    if connection.vendor != "postgresql":
        pytest.skip("several machines share a PostgreSQL")
    started = []
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + "/" + quote(connection.settings_dict["NAME"])

    def start(machine):
        (tmp_path / machine).mkdir(exist_ok=True)
        env = os.environ | {"LONGRUN_DATA": str(tmp_path / machine), "PYTHONPATH": os.pathsep.join(sys.path)}
        env |= {"DJANGO_SETTINGS_MODULE": "config.settings", "DATABASE_URL": url}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        started.append(subprocess.Popen([sys.executable, "-c", textwrap.dedent(WORK)], env=env, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def traces(kind):
    return Email.objects.filter(kind__startswith=kind)


def test_two_workers_share_the_jobs_and_neither_does_what_the_other_does(worker, eventually):
    numbers = [f"{number:02}" for number in range(60)]
    workers = [worker("a"), worker("b"), worker("b")]
    eventually(lambda: Worker.objects.count() == 3)
    for number in numbers:
        work.take_time.enqueue(number, 0.05)
    eventually(lambda: traces("end").count() == 60)
    assert sorted(traces("begin").values_list("kind", flat=True)) == [f"begin {number}" for number in numbers]
    assert len(set(traces("begin").values_list("text", flat=True))) == 3, "each has done some"
    assert traces("looked").count() == 1, "all three have looked at the schedule many times by now"
    for process in workers:
        process.terminate()
        assert process.wait(60) == 0
    assert not Worker.objects.exists() and not ScheduledTask.objects.exclude(claimed_by="").exists()


def test_a_killed_worker_is_noticed_when_its_lease_ends_and_not_before(worker, eventually):
    workers = {process.pid: process for process in (worker("a"), worker("b"))}
    eventually(lambda: Worker.objects.count() == 2)
    work.take_time.enqueue("job", 3)
    eventually(lambda: traces("begin").count() == 1)
    first = workers.pop(int(traces("begin").get().text))
    first.kill()
    killed = time.monotonic()
    eventually(lambda: traces("begin").count() == 2)
    assert LEASE - 1 < time.monotonic() - killed < LEASE * 10
    eventually(lambda: traces("end").count() == 1)
    assert int(traces("end").get().text) in workers
    eventually(lambda: DBTaskResult.objects.filter(status="SUCCESSFUL").exists())
    assert Worker.objects.count() == 1


@pytest.mark.long
def test_a_worker_that_was_stopped_ends_when_it_wakes_instead_of_working_beside_the_next(worker, eventually):
    first = worker("a")
    work.take_time.enqueue("job", 15)
    eventually(lambda: traces("begin").exists())
    worker("b")
    first.send_signal(signal.SIGSTOP)
    eventually(lambda: traces("begin").count() == 2)
    first.send_signal(signal.SIGCONT)
    assert first.wait(10) == -signal.SIGKILL
    assert "this worker ends in the middle of its work" in first.stdout.read()
    eventually(lambda: traces("end").exists())
    time.sleep(1)
    assert traces("end").count() == 1


@pytest.mark.long
def test_a_worker_whose_lease_was_taken_over_ends_its_work(worker, eventually):
    first = worker("a")
    work.take_time.enqueue("job", 30)
    eventually(lambda: traces("begin").exists())
    name = Worker.objects.get().name
    deadline = time.monotonic() + 60
    while first.poll() is None:
        assert time.monotonic() < deadline
        Worker.objects.filter(name=name).delete()
        time.sleep(0.1)
    assert first.returncode == -signal.SIGKILL and "its lease was taken over" in first.stdout.read()
