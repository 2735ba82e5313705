from contextlib import ExitStack, nullcontext
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from core import clock_watch, jobs, worker_leases
from core.file_locks import exclusive_lock
from core.models import Email, ScheduledTask, Worker
from core.read_only import read_only
from core.stop_flag import StopFlag
from tests.core import work

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def traces(kind):
    return Email.objects.filter(kind=kind).count()


def row():
    return DBTaskResult.objects.get()


def due_now():
    DBTaskResult.objects.update(run_after=timezone.now())


def test_a_job_is_done_once_and_in_its_own_queue():
    work.trace.enqueue("here")
    work.long_trace.enqueue("there")
    assert jobs.run_ready() == 1
    assert (traces("here"), traces("there")) == (1, 0)
    assert jobs.run_ready("long") == 1
    assert jobs.run_ready() == jobs.run_ready("long") == 0
    assert (traces("here"), traces("there")) == (1, 1)


def test_what_is_rolled_back_leaves_no_job():
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        work.trace.enqueue("never")
        raise ZeroDivisionError
    assert jobs.run_ready() == 0


def test_a_worker_starts_when_what_it_writes_is_not_lost(monkeypatch):
    """During an upgrade its row would be: it waits."""
    upgrade, rows = ExitStack(), []

    class Stop(StopFlag):
        def wait(self, seconds):
            rows.append(Worker.objects.count())
            upgrade.close()
            return False

    monkeypatch.setattr(jobs, "_work", lambda stop, lease: rows.append(Worker.objects.count()))
    upgrade.enter_context(read_only(timeout=0))
    jobs.run_worker(Stop())
    assert rows == [0, 1]


def test_an_empty_queue_costs_one_look(django_assert_num_queries):
    with django_assert_num_queries(1):
        assert jobs.run_ready() == 0


def test_a_job_that_stumbles_is_tried_again_a_little_later():
    work.trouble["times"] = 1
    work.stumble.enqueue()
    before = timezone.now()
    assert jobs.run_ready() == 1, "not again at once"
    assert row().status == "READY"
    assert timedelta(seconds=9) < row().run_after - before < timedelta(seconds=12)
    assert "not this time" in row().traceback
    due_now()
    jobs.run_ready()
    assert (row().status, row().traceback, traces("stumble")) == ("SUCCESSFUL", "", 2)


def test_a_job_that_always_fails_is_given_up_with_its_traceback(caplog):
    work.trouble["times"] = 99
    work.stumble.enqueue()
    for _ in range(9):
        due_now()
        jobs.run_ready()
    assert traces("stumble") == 5
    assert row().status == "FAILED"
    assert "RuntimeError: not this time" in row().traceback
    assert "given up" in caplog.text


def test_one_bad_job_does_not_stop_the_next():
    work.trouble["times"] = 1
    work.stumble.enqueue()
    work.trace.enqueue("next")
    assert jobs.run_ready() == 2
    assert traces("next") == 1


def test_a_job_whose_code_is_gone_is_a_failure_like_others():
    work.trace.enqueue("gone")
    DBTaskResult.objects.update(task_path="tests.core.work.gone")
    assert jobs.run_ready() == 1
    assert "gone" in row().traceback


def test_what_a_job_returns_is_not_kept_and_does_no_harm():
    work.give_back_nonsense.enqueue()
    jobs.run_ready()
    assert (row().status, row().return_value, traces("nonsense")) == ("SUCCESSFUL", None, 1)


def test_a_long_job_may_do_its_work_in_parts():
    work.in_parts.enqueue(12)
    assert jobs.run_ready("long") == 12
    assert (row().status, traces("part")) == ("SUCCESSFUL", 12)


def test_what_ran_when_the_worker_died_is_run_again():
    work.trace.enqueue("orphan")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"], started_at=timezone.now())
    assert jobs.run_ready() == 0
    assert jobs.requeue_orphans() == 1
    assert jobs.run_ready() == 1
    assert traces("orphan") == 1


@pytest.mark.django_db(transaction=True)  # the loop closes a connection that is within one
def test_what_could_not_say_how_it_ended_is_run_again(monkeypatch):
    work.trace.enqueue("mute")
    says, rounds = DBTaskResult.set_successful, []

    def away(row, result):
        monkeypatch.setattr(DBTaskResult, "set_successful", says)
        raise OperationalError("the connection is closed")

    class Stop:
        def is_set(self):
            return len(rounds) == 2

        def wait(self, pause):
            rounds.append(pause)

    monkeypatch.setattr(DBTaskResult, "set_successful", away)
    monkeypatch.setattr(DBTaskResult, "set_failed", away)
    jobs._loop(Stop(), "default")
    assert (row().status, rounds[0]) == ("SUCCESSFUL", jobs.ERROR_SECONDS)


def test_a_job_that_kills_every_worker_is_given_up():
    work.trace.enqueue("deadly")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["dead"] * 20)
    assert jobs.requeue_orphans() == 0
    assert row().status == "FAILED"
    assert "died 20 times" in row().traceback


def test_what_another_worker_has_taken_over_is_left_to_it(caplog):
    work.trace.enqueue("late")
    taken = jobs._claim("default")
    DBTaskResult.objects.update(worker_ids=[*taken.worker_ids, "another"])
    jobs._run(taken)
    assert (row().status, row().worker_ids[-1], traces("late")) == ("RUNNING", "another", 1)
    assert "taken over by another worker" in caplog.text


def test_what_a_living_worker_has_claimed_is_left_to_it():
    Worker.objects.create(name="another")
    work.trace.enqueue("theirs")
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["another"], started_at=timezone.now())
    ScheduledTask.objects.create(name="theirs", claimed_by="another")
    ScheduledTask.objects.create(name="free", claimed_by="nobody any more")
    if connection.vendor == "sqlite":  # on one machine a living worker has a locked file
        path = worker_leases.lock_file("another")
        path.parent.mkdir(exist_ok=True)
    else:
        path = None
    with exclusive_lock(path) if path else nullcontext():
        assert jobs.requeue_orphans() == 0
    assert row().status == "RUNNING"
    assert dict(ScheduledTask.objects.values_list("name", "claimed_by")) == {"theirs": "another", "free": ""}
    if path:
        path.unlink()


def test_finished_jobs_are_forgotten_after_two_weeks():
    for kind in ("old", "new", "waiting"):
        work.trace.enqueue(kind)
    old, new, waiting = DBTaskResult.objects.order_by("enqueued_at")
    long_ago = timezone.now() - timedelta(days=15)
    DBTaskResult.objects.filter(pk=old.pk).update(status="FAILED", finished_at=long_ago)
    DBTaskResult.objects.filter(pk=new.pk).update(status="SUCCESSFUL", finished_at=timezone.now())
    DBTaskResult.objects.filter(pk=waiting.pk).update(enqueued_at=long_ago)
    jobs.delete_finished_jobs()
    assert set(DBTaskResult.objects.all()) == {new, waiting}


@pytest.fixture
def entry(monkeypatch):
    """A @minutely entry alone on the schedule, and what it did."""
    monkeypatch.setattr(jobs, "_entries", {})
    done = []

    @jobs.minutely
    def look():
        done.append("looked")
        if "fail" in done:
            raise RuntimeError("the disk is full")

    return done


def put_back(**ago):
    for row in ScheduledTask.objects.all():
        row.record_run(row.last_run - timedelta(**ago), row.last_error)


def test_an_entry_returns_after_a_minute_and_not_before(entry):
    jobs.run_due()
    jobs.run_due()
    assert entry == ["looked"]
    put_back(seconds=59)
    jobs.run_due()
    assert entry == ["looked"]
    put_back(seconds=2)
    jobs.run_due()
    assert entry == ["looked"] * 2


def test_an_entry_that_another_worker_runs_or_has_just_run_is_left_to_it(entry, monkeypatch):
    jobs.run_due()
    put_back(minutes=2)
    ScheduledTask.objects.update(claimed_by="another")
    jobs.run_due()
    assert entry == ["looked"]
    ScheduledTask.objects.update(claimed_by="")
    read = ScheduledTask.objects.get()
    jobs.run_due()
    assert entry == ["looked"] * 2
    assert not read.claim("late"), "the row has changed since it was read"


def test_a_clock_that_differs_by_seconds_runs_nothing_twice(entry):
    jobs.run_due()
    put_back(seconds=-30)
    jobs.run_due()
    assert entry == ["looked"]


def test_a_daily_entry_that_was_missed_for_a_week_runs_once(monkeypatch):
    monkeypatch.setattr(jobs, "_entries", {})
    done = []
    jobs.daily(lambda: done.append(1))
    jobs.run_due()
    put_back(days=7)
    jobs.run_due()
    jobs.run_due()
    assert len(done) == 2


def test_a_clock_put_back_does_not_stop_the_schedule(entry):
    jobs.run_due()
    put_back(hours=-5)
    jobs.run_due()
    assert entry == ["looked"] * 2
    jobs.run_due()
    assert entry == ["looked"] * 2


@pytest.mark.django_db(transaction=True)  # the loop closes a connection that is within one
def test_a_clock_put_back_an_hour_ends_the_pauses_of_jobs(monkeypatch, caplog):
    hours, rounds = [0, -0.001, -1, -1], []

    class Clock:
        monotonic = staticmethod(lambda: 1_000.0)

        @staticmethod
        def time():
            return 1_000_000 + 3600 * hours[min(len(rounds), 3)]

    class Stop(StopFlag):
        def wait(self, seconds):
            rounds.append(traces("late"))
            self._is_set = len(rounds) == 4
            return self._is_set

    monkeypatch.setattr(clock_watch, "time", Clock)
    work.trace.using(run_after=timezone.now() + timedelta(minutes=65)).enqueue("late")
    work.long_trace.using(run_after=timezone.now() + timedelta(minutes=65)).enqueue("another queue")
    jobs._loop(Stop(), "default")
    assert rounds == [0, 0, 1, 1] and traces("another queue") == 0
    assert "the clock was set back: 1 jobs" in caplog.text


def test_an_entry_that_fails_says_so_and_stops_no_other(entry, caplog):
    others = []
    jobs.daily(lambda: others.append("done"))
    entry.append("fail")
    jobs.run_due()
    assert others == ["done"]
    assert "the disk is full" in ScheduledTask.objects.get(name__contains="look").last_error
    assert "the disk is full" in caplog.text


def test_a_daily_entry_that_failed_is_tried_again_after_a_quarter_of_an_hour(monkeypatch):
    monkeypatch.setattr(jobs, "_entries", {})
    done = []

    @jobs.daily
    def back_up():
        done.append(1)
        if len(done) == 1:
            raise RuntimeError("no space")

    jobs.run_due()
    put_back(minutes=14)
    jobs.run_due()
    assert len(done) == 1
    put_back(minutes=2)
    jobs.run_due()
    put_back(minutes=16)
    jobs.run_due()
    assert len(done) == 2
    assert ScheduledTask.objects.get().last_error == ""


def test_the_schedule_costs_one_look_when_nothing_is_due(entry, django_assert_num_queries):
    jobs.run_due()
    with django_assert_num_queries(1):
        jobs.run_due()
