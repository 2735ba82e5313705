"""Background jobs and scheduled tasks. No other module imports django_tasks.

    @job                                  # or @job(queue="long") for imports, rerendering, backups
    def announce(post_id): …
    announce.enqueue(post.pk)             # a row in the caller's transaction: without the commit there is no job

    @minutely                             # or @daily
    def find_what_was_missed(): …

An app's tasks are in its `jobs.py` (imported by `run_worker`) or in a module that its AppConfig imports.

**A job must be idempotent**, and must not be the only record of something important: what may never be lost is a
row of its own, for which a @minutely task looks. A job that raises is retried after 10 s, 1 min, 10 min and 1 h, then
stays FAILED with its traceback in the table and one line in the log. Several workers share the jobs and the schedule
(`core.worker_leases`): never two at once on the same. A job whose worker died is started again by one that finds that
out, at most 20 times in all. A long job checks `is_stopping()` regularly and raises `Requeue` to be continued after the
restart.
Arguments must be JSON values, results are not stored, and finished rows are deleted after two weeks.
"""

import logging
import os
import threading
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, ParamSpec, TypeVar, overload

from django.db import close_old_connections, connections, transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_tasks import TaskResultStatus, task
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult, DBTaskResultQuerySet

from core import cache_version, read_only, worker_leases
from core.clock_watch import ClockWatch
from core.models import ScheduledTask, Worker
from core.stop_flag import StopFlag
from core.worker_leases import Lease

logger = logging.getLogger(__name__)

LONGEST_STEP = timedelta(days=400)  # what runs at once has a time thousands of years ahead
POLL_SECONDS = 1  # seconds between two polls of an empty queue
BATCH_SIZE = 20  # jobs; then scheduled tasks that are due are run
ERROR_SECONDS = 5  # seconds to wait after a database error
SHUTDOWN_SECONDS = 15  # seconds that a long job has to notice `is_stopping()`
RETRIES = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]
MAX_STARTS = 20
KEEP_FINISHED = timedelta(days=14)

P = ParamSpec("P")
T = TypeVar("T")
Function = TypeVar("Function", bound=Callable[[], object])

_entries: dict[str, tuple[timedelta, Callable[[], object]]] = {}  # name → (how often, function)
_at_start: list[Callable[[], object]] = []
_stop = StopFlag()
_lease: Lease | None = None  # of the worker that this process runs


class Requeue(Exception):
    """Raised by a job that has done a part of its work: run it again, at once or after some seconds. Not a failure."""

    def __init__(self, seconds: float = 0) -> None:
        super().__init__(seconds)
        self.pause = timedelta(seconds=seconds)


@overload
def job(function: Callable[P, T]) -> Task[P, T]: ...
@overload
def job(*, queue: str) -> Callable[[Callable[P, T]], Task[P, T]]: ...
def job(
    function: Callable[P, T] | None = None, *, queue: str = "default"
) -> Task[P, T] | Callable[[Callable[P, T]], Task[P, T]]:
    """Decorator: make a module's function a job. `function.enqueue(…)` runs it later, `function.call(…)` now."""
    make: Callable[[Callable[P, T]], Task[P, T]] = task(queue_name=queue)
    return make if function is None else make(function)


def minutely(function: Function) -> Function:
    return _register(function, timedelta(minutes=1))


def daily(function: Function) -> Function:
    return _register(function, timedelta(days=1))


def at_start(function: Function) -> Function:
    """Decorator: run the function when a worker starts, before any job. Workers that start at once run it in turn."""
    _at_start.append(function)
    return function


def is_stopping() -> bool:
    """Whether the worker is about to exit: a long job should save its progress and raise `Requeue`."""
    return _stop.is_set()


def is_only_worker() -> bool:
    """Whether no other worker runs, so that what looks claimed was claimed by one that has died."""
    return not Worker.objects.exclude(name=_worker_name()).exists()


def is_queued(job: Task[..., Any]) -> bool:
    """Whether this job waits for the worker or is running."""
    active = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return _rows().filter(task_path=job.module_path, status__in=active).exists()


def waiting_jobs() -> dict[str, tuple[int, datetime]]:
    """{queue: (how many jobs are due and have not begun, since when the first of them is due)}."""
    found: dict[str, tuple[int, datetime]] = {}
    for queue, enqueued, run_after in _rows().ready().values_list("queue_name", "enqueued_at", "run_after"):
        due = run_after if enqueued < run_after < timezone.now() else enqueued
        count, first = found.get(queue, (0, due))
        found[queue] = count + 1, min(first, due)
    return found


def running_jobs() -> list[tuple[str, datetime]]:
    """(name, since when) of each job that a worker runs now."""
    rows = _rows().filter(status=TaskResultStatus.RUNNING).order_by("started_at")
    return [(path, began) for path, began in rows.values_list("task_path", "started_at") if began]


def run_worker(stop: StopFlag) -> None:
    """Run a worker until `stop` is set."""
    global _stop, _lease
    _stop, lease = stop, Lease()
    autodiscover_modules("jobs")
    with lease.held():
        # The last worker may have died between a commit and the second increment of the cache version.
        for function in (cache_version.increment, _when_writable(lease.register)):
            _retry_until_done(function, stop)
        if not stop.is_set():
            _lease = lease
            _work(stop, lease)
    _stop, _lease = StopFlag(), None


def _work(stop: StopFlag, lease: Lease) -> None:
    ended = threading.Event()
    renewing = threading.Thread(target=_lease_loop, args=(lease, ended), name="lease", daemon=True)
    renewing.start()
    threading.Thread(target=lease.watch, args=(ended,), name="lease watch", daemon=True).start()
    for function in [requeue_orphans, *map(_in_turn, _at_start)]:
        _retry_until_done(_when_writable(function), stop)
    long = threading.Thread(target=_long_loop, args=(stop,), name="long", daemon=True)
    long.start()
    _loop(stop, "default", also=run_due)
    long.join(timeout=SHUTDOWN_SECONDS)
    ended.set()
    renewing.join()
    if not lease.working:  # a job that still runs may go on until the process has ended
        try:
            lease.release()
        except Exception:
            logger.exception("the lease of this worker could not be given back: it ends by itself")


def run_ready(queue: str = "default", limit: int | None = None) -> int:
    """Run ready jobs of a queue until none is left, `limit` have run, or the worker is stopping; return how many."""
    done = 0
    while done != limit and not is_stopping():
        with read_only.writing() as allowed:
            if not (allowed and (row := _claim(queue))):
                break
            _run(row)
        done += 1
    return done


def run_due() -> None:
    """Run the scheduled tasks that are due and that no other worker runs. An exception is stored in the row and logged;
    the others still run."""
    with read_only.writing() as allowed:
        if allowed:
            _run_due()


def _run_due() -> None:
    rows = {row.name: row for row in ScheduledTask.objects.all()}
    for name, (every, function) in list(_entries.items()):
        if is_stopping():
            return
        row = rows.get(name) or ScheduledTask.objects.get_or_create(name=name)[0]
        if not row.is_due(every, timezone.now()) or not _may_claim() or not row.claim(_worker_name()):
            continue
        with _at_work():
            try:
                function()
            except Exception:
                logger.exception("%s failed", name)
                row.record_run(timezone.now(), error=traceback.format_exc())
            else:
                row.record_run(timezone.now())


def requeue_orphans() -> int:
    """Free what workers had claimed that have died; return how many jobs were requeued.

    A job or task that is claimed by nobody who has a row was left by such a worker too.
    """
    dead = (_lease or Lease()).find_dead()
    for worker in dead:
        if worker_leases.delete_dead(worker):
            logger.warning("the worker %s has died: what it had claimed is free again", worker.name)
            cache_version.increment()  # it may have died between a commit and its second increment
    # In this order: a worker has its row before it claims anything.
    running, claimed = list(_rows().running()), list(ScheduledTask.objects.exclude(claimed_by=""))
    if not (running or claimed):
        return 0
    alive = {*Worker.objects.values_list("name", flat=True), _worker_name()}
    for entry in claimed:
        if entry.claimed_by not in alive:
            ScheduledTask.objects.filter(pk=entry.pk, claimed_by=entry.claimed_by).update(claimed_by="")
    return sum(_requeue(row) for row in running if (row.worker_ids or [""])[-1] not in alive)


def _requeue(row: DBTaskResult[..., Any]) -> bool:
    """Put back a job whose worker has died in the middle, or give it up; False if somebody else has done so."""
    with transaction.atomic():
        if not _is_claimed(row):
            return False
        if len(row.worker_ids) >= MAX_STARTS:
            row.set_failed(RuntimeError(f"the worker died {MAX_STARTS} times while it ran this job"))
            logger.error("%s was given up: the worker died with it too often", row.task_path)
            return False
        _put_back(row)
        return True


def _requeue_own(queue: str) -> None:
    """Put back what this worker claimed and does not run: its end could not be stored. Called by the queue's thread."""
    for row in _rows().running().filter(queue_name=queue):
        if row.worker_ids[-1:] == [_worker_name()]:
            _requeue(row)


def _end_pauses(queue: str) -> None:
    """Let jobs run that were to wait some seconds: the clock was set back, so they would wait longer by as much."""
    now = timezone.now()
    paused = _rows().filter(status=TaskResultStatus.READY, queue_name=queue, run_after__gt=now)
    if count := paused.exclude(run_after__gt=now + LONGEST_STEP).update(run_after=now):
        logger.warning("the clock was set back: %d jobs of the queue %s do not wait for their time", count, queue)


def _in_turn(function: Callable[[], object]) -> Callable[[], object]:
    """The function in a transaction that waits for other workers that are at it (by a lock on the rows of all)."""

    @wraps(function)
    def run() -> None:
        with transaction.atomic():
            list(Worker.objects.select_for_update())
            function()

    return run


def _when_writable(function: Callable[[], object]) -> Callable[[], bool]:
    """The function, outside read-only times, when its rows would be lost; returns False if it was not called."""

    @wraps(function)
    def run() -> bool:
        with read_only.writing() as allowed:
            if allowed:
                function()
            return allowed

    return run


def _worker_name() -> str:
    return _lease.name if _lease else f"no worker, {os.getpid()}"


def _may_claim() -> bool:
    return _lease is None or _lease.is_valid()


def _at_work() -> AbstractContextManager[None]:
    return _lease.at_work() if _lease else nullcontext()


def _register(function: Function, every: timedelta) -> Function:
    _entries[f"{function.__module__}.{function.__qualname__}"] = (every, function)
    return function


def _retry_until_done(function: Callable[[], object], stop: StopFlag) -> None:
    """At the start the database may be busy, unreachable or read-only: retry until the function succeeds. One that
    returns False was not allowed to begin."""
    while not stop.is_set():
        try:
            if function() is not False:
                return
            stop.wait(POLL_SECONDS)
        except Exception:
            logger.exception("%s failed at the worker's start", function.__name__)
            close_old_connections()
            stop.wait(ERROR_SECONDS)


def _loop(stop: StopFlag, queue: str, also: Callable[[], object] | None = None) -> None:
    pause, clock = POLL_SECONDS, ClockWatch()
    while not stop.is_set():
        try:
            close_old_connections()
            if clock.was_set_back():
                _end_pauses(queue)
            if pause == ERROR_SECONDS:  # a job that could not store its failure is RUNNING
                _requeue_own(queue)
            pause = POLL_SECONDS
            if run_ready(queue, limit=BATCH_SIZE) == BATCH_SIZE:
                pause = 0
            if also:
                also()
        except Exception:
            logger.exception("the worker's queue %s has trouble and goes on", queue)
            pause = ERROR_SECONDS
        stop.wait(pause)


def _long_loop(stop: StopFlag) -> None:
    try:
        _loop(stop, "long")
    finally:
        connections.close_all()  # those of this thread


def _lease_loop(lease: Lease, ended: threading.Event) -> None:
    """Renew the lease and look for workers that have died, until the worker has ended."""
    pause = worker_leases.RENEW_SECONDS
    try:
        while not ended.wait(pause):
            try:
                close_old_connections()
                lease.renew()
                requeue_orphans()
                pause = worker_leases.RENEW_SECONDS
            except Exception:
                logger.exception("the lease of this worker could not be renewed")
                pause = worker_leases.RENEW_SECONDS / 5
    finally:
        connections.close_all()  # those of this thread


def _rows() -> DBTaskResultQuerySet:
    return DBTaskResult.objects.filter(backend_name="default")


def _claim(queue: str) -> DBTaskResult[..., Any] | None:
    ready = _rows().ready().filter(queue_name=queue)
    if not ready.exists() or not _may_claim():  # checking first takes no write lock
        return None
    with transaction.atomic():
        row = ready.get_locked()  # on PostgreSQL it skips rows that another worker has locked
        if row:
            row.claim(_worker_name())
    return row


def _is_claimed(row: DBTaskResult[..., Any]) -> bool:
    """Whether the job still runs as this row says, in a transaction; then nobody else can change it until its end."""
    now = _rows().select_for_update().filter(pk=row.pk, status=TaskResultStatus.RUNNING).first()
    return now is not None and now.worker_ids == row.worker_ids and now.started_at == row.started_at


def _run(row: DBTaskResult[..., Any]) -> None:
    with _at_work():
        try:
            row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        except Requeue as again:
            pause = again.pause
            _store(row, lambda: _continue_later(row, pause))
        except Exception as error:
            failure = error
            _store(row, lambda: _failed(row, failure))
        else:
            _store(row, lambda: row.set_successful(None))  # results are not stored


def _store(row: DBTaskResult[..., Any], store: Callable[[], object]) -> None:
    """Store how the job ended, unless another worker has taken it over."""
    with transaction.atomic():
        if _is_claimed(row):
            store()
        else:
            logger.warning("%s was taken over by another worker before it ended here", row.task_path)


def _continue_later(row: DBTaskResult[..., Any], pause: timedelta) -> None:
    row.worker_ids = row.worker_ids[:-1]
    _put_back(row, pause)


def _failed(row: DBTaskResult[..., Any], error: Exception) -> None:
    row.set_failed(error)
    tries = len(row.worker_ids)
    if tries > len(RETRIES):
        logger.error("%s failed %d times and was given up", row.task_path, tries, exc_info=error)
    else:
        logger.warning("%s failed and will be tried again: %s", row.task_path, error)
        _put_back(row, RETRIES[tries - 1])


def _put_back(row: DBTaskResult[..., Any], pause: timedelta = timedelta()) -> None:
    row.status, row.started_at, row.finished_at = TaskResultStatus.READY, None, None
    row.run_after = timezone.now() + pause
    row.save(update_fields=["status", "started_at", "finished_at", "run_after", "worker_ids"])


@daily
def delete_finished_jobs() -> None:
    old = timezone.now() - KEEP_FINISHED
    _rows().finished().filter(finished_at__lt=old).delete()
