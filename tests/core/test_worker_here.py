"""The loops of a worker and its lease, in this process: at the start, without its database, and at the end."""

import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import jobs, worker_leases
from core.file_locks import exclusive_lock
from core.models import ScheduledTask, Worker
from core.read_only import read_only
from core.stop_flag import StopFlag
from core.worker_leases import Lease, lock_file
from tests.core import work


@pytest.fixture
def folder(settings, tmp_path, db):
    settings.LONGRUN_DATA = tmp_path
    return tmp_path


@pytest.fixture
def killed(monkeypatch):
    """The signals that a lease would have sent to its own process."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    monkeypatch.setattr(worker_leases.logging, "shutdown", lambda: None)
    return sent


@pytest.fixture
def postgresql(monkeypatch):
    """The lease behaves as on several machines that share one PostgreSQL."""

    class Connection:
        vendor = "postgresql"

    monkeypatch.setattr(worker_leases, "connection", Connection)


@pytest.fixture
def clock(monkeypatch):
    """`clock.now` is the time by which leases are measured."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(worker_leases, "time", clock)
    return clock


# The lease


def test_a_worker_holds_its_file_while_it_lives(folder):
    lease = Lease()
    with lease.held():
        lease.register()
        assert not worker_leases.has_died(lease.name) and [row.name for row in worker_leases.alive()] == [lease.name]
        lease.register()
        assert Worker.objects.count() == 1 and str(Worker.objects.get()) == lease.name
    assert not lock_file(lease.name).exists() and worker_leases.alive() == []
    lease.release()
    assert not Worker.objects.exists()


def test_the_file_of_one_that_still_works_stays_locked_until_its_process_ends(folder):
    lease = Lease()
    with lease.held(), lease.at_work():
        lease.working += 1  # a job that does not notice the end
    assert lock_file(lease.name).exists() and not worker_leases.has_died(lease.name)
    lease.file.close()
    assert worker_leases.has_died(lease.name)


def test_a_lease_is_renewed_and_one_that_is_gone_is_taken_again_if_nothing_is_claimed(folder, clock):
    lease = Lease()
    lease.register()
    Worker.objects.update(renewed_at=timezone.now() - timedelta(minutes=5))
    clock.now += 10
    lease.renew()
    assert lease.renewed == clock.now and timezone.now() - Worker.objects.get().renewed_at < timedelta(minutes=1)
    Worker.objects.all().delete()
    lease.renew()
    assert Worker.objects.get().name == lease.name


def test_a_worker_whose_lease_was_taken_over_in_the_middle_of_its_work_ends(folder, postgresql, killed, caplog):
    lease = Lease()
    lease.register()
    Worker.objects.all().delete()
    with lease.at_work():
        lease.renew()
    assert killed == [(os.getpid(), signal.SIGKILL)] and "its lease was taken over" in caplog.text
    assert not Worker.objects.exists()


def test_a_worker_that_cannot_renew_its_lease_ends_before_another_takes_it_over(folder, postgresql, killed, clock):
    lease = Lease()
    assert not lease.is_valid(), "it has no row yet"
    lease.register()
    assert lease.is_valid()

    class Seconds:
        """An event that ends the watch after the second look."""

        looks = 0

        def wait(self, _seconds):
            self.looks += 1
            return self.looks > 2

    clock.now += worker_leases.GIVE_UP_SECONDS + 1
    lease.watch(Seconds())
    assert not lease.is_valid() and killed == [], "nothing is claimed"
    with lease.at_work():
        lease.watch(Seconds())
    assert set(killed) == {(os.getpid(), signal.SIGKILL)}


def test_on_one_machine_time_alone_ends_no_lease(folder, clock):
    lease = Lease()
    lease.register()
    clock.now += 9999
    assert lease.is_valid()


def test_of_other_machines_those_are_dead_that_have_not_renewed_for_the_time_of_a_lease(folder, postgresql, clock):
    observer = Lease()
    Worker.objects.create(name="silent")
    Worker.objects.create(name="living")
    assert observer.find_dead() == []
    for _look in range(7):
        clock.now += worker_leases.LEASE_SECONDS / 6
        Worker.objects.filter(name="living").update(renewed_at=timezone.now())
        found = observer.find_dead()
    assert [row.name for row in found] == ["silent"]
    clock.now += worker_leases.LEASE_SECONDS
    assert observer.find_dead() == [], "after a long time without a look nobody is known to be dead"


def test_on_one_machine_the_locked_file_decides(folder):
    observer = Lease()
    for name in ("dead", "living"):
        Worker.objects.create(name=name)
        lock_file(name).parent.mkdir(exist_ok=True)
        lock_file(name).touch()
    with exclusive_lock(lock_file("living")):
        [dead] = observer.find_dead()
        assert dead.name == "dead" and worker_leases.delete_dead(dead)
        assert not lock_file("dead").exists()
    assert [row.name for row in Worker.objects.all()] == ["living"]
    assert not worker_leases.delete_dead(dead), "somebody else has done it"


def test_a_worker_that_renews_in_the_last_moment_is_not_deleted(folder):
    row = Worker.objects.create(name="slow")
    Worker.objects.update(renewed_at=timezone.now() + timedelta(seconds=1))
    assert not worker_leases.delete_dead(row) and Worker.objects.exists()


# The loops


@pytest.fixture
def quick(monkeypatch, folder):
    monkeypatch.setattr(jobs, "close_old_connections", lambda: None)  # that of the test stays
    monkeypatch.setattr(jobs.connections, "close_all", lambda: None)


class Rounds(StopFlag):
    """A flag that stops after some waits, and says how long they would have been."""

    def __init__(self, most):
        super().__init__()
        self.most, self.pauses = most, []

    def wait(self, seconds):
        self.pauses.append(seconds)
        if len(self.pauses) >= self.most:
            self.set()
        return self.is_set()


def test_a_dead_workers_job_is_free_again_and_said_to_be(folder, caplog):
    Worker.objects.create(name="dead")
    work.trace.enqueue("theirs")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"], started_at=timezone.now())
    assert jobs.requeue_orphans() == 1
    assert "the worker dead has died: what it had claimed is free again" in caplog.text
    assert not Worker.objects.exists() and DBTaskResult.objects.get().status == "READY"


def test_a_job_that_somebody_else_has_put_back_is_not_put_back_twice(folder):
    work.trace.enqueue("one")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"], started_at=timezone.now())
    row = DBTaskResult.objects.get()
    assert jobs._requeue(row) is True
    assert jobs._requeue(DBTaskResult.objects.get()) is False


def test_a_start_that_fails_is_tried_again(quick, caplog):
    attempts = []

    def start():
        attempts.append(True)
        if len(attempts) == 1:
            raise OperationalError("the database is locked")
        return len(attempts) > 2  # once it was not allowed to begin

    stop = Rounds(9)
    jobs._retry_until_done(start, stop)
    assert len(attempts) == 3 and stop.pauses == [jobs.ERROR_SECONDS, jobs.POLL_SECONDS]
    assert "start failed at the worker's start" in caplog.text
    jobs._retry_until_done(lambda: attempts.append("once more"), stop)
    assert attempts[-1] == "once more"


def test_a_full_queue_is_polled_again_at_once_and_trouble_after_a_while(quick, monkeypatch, caplog):
    monkeypatch.setattr(jobs, "BATCH_SIZE", 2)
    for number in range(3):
        work.trace.enqueue(str(number))
    stop, also = Rounds(3), []
    monkeypatch.setattr(jobs, "_stop", stop)

    def look():
        also.append(True)
        if len(also) == 2:
            raise OperationalError("the database is locked")

    jobs._loop(stop, "default", also=look)
    assert stop.pauses == [0, jobs.ERROR_SECONDS, jobs.POLL_SECONDS] and len(also) == 3
    assert "the worker's queue default has trouble and goes on" in caplog.text


def test_the_long_queue_has_a_loop_of_its_own(quick, monkeypatch):
    work.long_trace.enqueue("long")
    stop = Rounds(1)
    monkeypatch.setattr(jobs, "_stop", stop)
    jobs._long_loop(stop)
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


def test_a_lease_that_could_not_be_renewed_is_tried_again_sooner(quick, monkeypatch, caplog):
    renewals = []

    class Renewing(Lease):
        def renew(self):
            renewals.append(True)
            if len(renewals) == 1:
                raise OperationalError("the connection is closed")

    ended = Rounds(3)
    jobs._lease_loop(Renewing(), ended)
    usual = worker_leases.RENEW_SECONDS
    assert len(renewals) == 2 and ended.pauses == [usual, usual / 5, usual]
    assert "the lease of this worker could not be renewed" in caplog.text


@pytest.fixture
def one_thread(monkeypatch, quick):
    """Threads of the worker are not started: the database of a test belongs to one."""

    class Thread:
        names = []

        def __init__(self, target, args, name, daemon):
            self.names.append(name)

        def start(self):
            pass

        def join(self, timeout=None):
            pass

    monkeypatch.setattr(jobs.threading, "Thread", Thread)
    monkeypatch.setattr(jobs, "autodiscover_modules", lambda name: None)
    monkeypatch.setattr(jobs, "_entries", {})
    Thread.names.clear()
    return Thread


def test_a_worker_runs_what_belongs_to_its_start_once_then_its_queue_and_gives_its_lease_back(one_thread, monkeypatch):
    begun = []
    monkeypatch.setattr(jobs, "_at_start", [lambda: begun.append(Worker.objects.get().name)])
    monkeypatch.setattr(jobs, "_loop", lambda stop, queue, also: begun.append((queue, jobs.is_only_worker())))
    jobs.run_worker(StopFlag())
    assert begun[1:] == [("default", True)] and str(os.getpid()) in begun[0]
    assert one_thread.names == ["lease", "lease watch", "long"] and not Worker.objects.exists()


def test_a_worker_that_is_stopped_before_it_has_a_lease_does_nothing(one_thread):
    stop = StopFlag()
    stop.set()
    jobs.run_worker(stop)
    assert one_thread.names == [] and not Worker.objects.exists()


def test_a_lease_that_cannot_be_given_back_ends_by_itself(one_thread, monkeypatch, caplog):
    def away(self):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(jobs, "_at_start", [])
    monkeypatch.setattr(jobs, "_loop", lambda *_words, **_more: None)
    monkeypatch.setattr(Lease, "release", away)
    jobs.run_worker(StopFlag())
    assert "could not be given back: it ends by itself" in caplog.text and Worker.objects.count() == 1


def test_the_lease_of_a_worker_whose_job_still_runs_is_kept(one_thread, monkeypatch):
    monkeypatch.setattr(jobs, "_at_start", [])
    monkeypatch.setattr(jobs, "_loop", lambda *_words, **_more: setattr(jobs._lease, "working", 1))
    jobs.run_worker(StopFlag())
    assert Worker.objects.count() == 1, "until its process has ended"


def test_the_schedule_stands_still_while_nothing_may_be_written_and_stops_with_the_worker(folder, monkeypatch):
    monkeypatch.setattr(jobs, "_entries", {})
    done = []
    jobs.minutely(lambda: done.append(1))
    with read_only(timeout=0):
        jobs.run_due()
        assert jobs.run_ready() == 0
    stop = StopFlag()
    stop.set()
    with monkeypatch.context() as stopping:
        stopping.setattr(jobs, "_stop", stop)
        jobs.run_due()
    assert done == [] and not ScheduledTask.objects.exists()
    jobs.run_due()
    assert done == [1] and str(ScheduledTask.objects.get()) == ScheduledTask.objects.get().name


def test_a_worker_without_a_valid_lease_claims_nothing(folder, monkeypatch, postgresql, clock):
    lease = Lease()
    lease.register()
    monkeypatch.setattr(jobs, "_lease", lease)
    monkeypatch.setattr(jobs, "_entries", {})
    done = []
    jobs.minutely(lambda: done.append(1))
    work.trace.enqueue("one")
    clock.now += worker_leases.GIVE_UP_SECONDS + 1
    assert jobs.run_ready() == 0
    jobs.run_due()
    assert done == [] and DBTaskResult.objects.get().status == "READY"
    lease.renew()
    assert jobs.run_ready() == 1 and DBTaskResult.objects.get().worker_ids == [lease.name]
    jobs.run_due()
    assert done == [1]


def test_jobs_that_wait_are_counted_by_queue_from_when_they_are_due(folder):
    assert jobs.waiting_jobs() == {}
    work.trace.enqueue("one")
    work.trace.enqueue("two")
    work.long_trace.enqueue("three")
    hours = [timezone.now() - timedelta(hours=number) for number in (5, 3)]
    first = DBTaskResult.objects.filter(queue_name="default").earliest("enqueued_at")
    DBTaskResult.objects.filter(pk=first.pk).update(enqueued_at=hours[0], run_after=hours[1])
    waiting = jobs.waiting_jobs()
    assert waiting["default"] == (2, hours[1]), "a job that was for later is due since then"
    assert waiting["long"][0] == 1
    assert jobs.is_queued(work.trace) and not jobs.is_queued(work.stumble)


def test_the_threads_of_a_real_worker_end_with_it(settings, tmp_path, transactional_db, monkeypatch):
    """With its threads, as in life; on the database of the tests, which they share."""
    if connection.vendor != "sqlite":
        pytest.skip("the threads would leave connections behind")
    settings.LONGRUN_DATA = tmp_path
    monkeypatch.setattr(jobs, "autodiscover_modules", lambda name: None)
    monkeypatch.setattr(jobs, "_entries", {})
    monkeypatch.setattr(jobs, "_at_start", [])
    stop = StopFlag()
    threading.Timer(0.3, stop.set).start()
    before, began = threading.active_count(), time.monotonic()
    jobs.run_worker(stop)
    assert not Worker.objects.exists() and time.monotonic() - began < 60
    deadline = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not [each for each in threading.enumerate() if each.name in ("lease", "long")]
