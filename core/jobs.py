"""Work that no reader should wait for, and work that returns by itself. Nothing else imports django_tasks.

    @job                                  # or @job(queue="long") for imports, rerendering, backups
    def announce(post_id): …
    announce.enqueue(post.pk)             # a row in the caller's transaction: no commit, no job

    @minutely                             # or @daily
    def find_what_was_missed(): …

An app's entries stand in its `jobs.py` (found by `work`) or in a module that its AppConfig imports.

**A job must bear being run twice**, and must not be the only place where something important is written
down: what may never be lost is a row of its own that a @minutely sweep finds. A job that raises is tried
again after 10 s, 1 min, 10 min and 1 h, then stays FAILED with its traceback in the table and one line in the
log. A job whose worker died is started again, at most 20 times in all. A long job asks `stopping()` now and
then and raises `Again` to be continued after the restart. Arguments must be JSON, results are not kept, and
finished rows go after two weeks.
"""

import logging
import os
import threading
import time
import traceback
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import close_old_connections, connections, transaction
from django.utils import timezone
from django.utils.module_loading import autodiscover_modules
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from core import cache_version
from core.file_locks import only_one
from core.models import ScheduledTask
from core.stop_flag import StopFlag

logger = logging.getLogger(__name__)

PAUSE = 1  # seconds between two looks at an empty queue
AT_A_TIME = 20  # then the schedule has its turn, however long the queue
AFTER_TROUBLE = 5  # seconds, when the database itself does not answer
LAST_WORDS = 15  # seconds that a long job has to notice that we stop
RETRIES = [timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1)]
MOST_STARTS = 20
KEEP_FINISHED = timedelta(days=14)

_entries: dict[str, tuple[timedelta | None, Callable[[], object]]] = {}  # name → (how often, function)
_at_start: list[Callable[[], object]] = []
_stop = StopFlag()


class Again(Exception):
    """Raised by a job that has done a part: put it back, at once or after some seconds; no failure."""

    def __init__(self, seconds: float = 0):
        super().__init__(seconds)
        self.pause = timedelta(seconds=seconds)


def job(function=None, *, queue: str = "default"):
    """Make a module's function a job: `function.enqueue(…)` later, `function.call(…)` now."""
    if function is None:
        return lambda function: job(function, queue=queue)
    return task(queue_name=queue)(function)


def minutely(function):
    return _register(function, timedelta(minutes=1))


def daily(function):
    return _register(function, timedelta(days=1))


def at_start(function):
    """Run it whenever a worker starts, when nobody else can be at work: to take back what a dead one held."""
    _at_start.append(function)
    return function


def stopping() -> bool:
    """Whether the worker wants to end: a long job should save its place and raise `Again`."""
    return _stop.is_set()


def work(stop: StopFlag):
    """Be the worker until `stop` is set. Raises `locks.Taken` if another works on this data folder."""
    global _stop
    _stop = stop
    autodiscover_modules("jobs")
    with only_one(settings.LONGRUN_DATA / "worker.lock", patience=LAST_WORDS, unless=stop):
        # The last worker may have died between a commit and telling that something changed.
        for function in [cache_version.rise, requeue_orphans, *_at_start]:
            _patiently(function, stop)
        long = threading.Thread(target=_long_loop, args=(stop,), name="long", daemon=True)
        long.start()
        _loop(stop, "default", also=run_due)
        long.join(timeout=LAST_WORDS)  # then it dies with us, and the next start finds it as an orphan
    _stop = StopFlag()


def run_waiting(queue: str = "default", most: int | None = None) -> int:
    """Run what is ready in a queue until nothing is, or `most` are done, or the worker stops; how many."""
    done = 0
    while done != most and not stopping() and (row := _claim(queue)):
        _run(row)
        done += 1
    return done


def run_due():
    """Run the entries whose time has come. One that raises says so in its row and the log, and stops no other."""
    rows = {row.name: row for row in ScheduledTask.objects.all()}
    for name, (every, function) in list(_entries.items()):
        if stopping():
            return
        row = rows.get(name) or ScheduledTask.objects.create(name=name)
        if not row.is_due(every, timezone.now()):
            continue
        try:
            function()
        except Exception:
            logger.exception("%s failed", name)
            row.ran(timezone.now(), error=traceback.format_exc())
        else:
            row.ran(timezone.now())


def requeue_orphans(**where) -> int:
    """Put back what was running when the last worker died; how many. Only for who holds the lock."""
    count = 0
    for row in _rows().filter(status=TaskResultStatus.RUNNING, **where):
        if len(row.worker_ids) >= MOST_STARTS:
            row.set_failed(RuntimeError(f"the worker died {MOST_STARTS} times while it ran this job"))
            logger.error("%s was given up: the worker died with it too often", row.task_path)
        else:
            _put_back(row)
            count += 1
    return count


def _register(function, every):
    _entries[f"{function.__module__}.{function.__qualname__}"] = (every, function)
    return function


def _patiently(function, stop):
    """At the start the database may still be busy or away: ask until it answers."""
    while not stop.is_set():
        try:
            function()
            return
        except Exception:
            logger.exception("%s failed at the worker's start", function.__name__)
            close_old_connections()
            stop.wait(AFTER_TROUBLE)


def _loop(stop, queue, also=None):
    pause = PAUSE
    while not stop.is_set():
        try:
            close_old_connections()
            if pause == AFTER_TROUBLE:  # a job that could not even say that it failed is still running, by its row
                requeue_orphans(queue_name=queue)
            pause = PAUSE
            if run_waiting(queue, most=AT_A_TIME) == AT_A_TIME:
                pause = 0
            if also:
                also()
        except Exception:
            logger.exception("the worker's queue %s has trouble and goes on", queue)
            pause = AFTER_TROUBLE
        stop.wait(pause)


def _long_loop(stop):
    try:
        _loop(stop, "long")
    finally:
        connections.close_all()  # the thread's own


def _rows():
    return DBTaskResult.objects.filter(backend_name="default")


def _claim(queue):
    ready = _rows().ready().filter(queue_name=queue)
    if not ready.exists():  # a look takes no write lock
        return None
    with transaction.atomic():
        row = ready.get_locked()
        if row:
            row.claim(f"{os.getpid()}-{time.time():.0f}")
    return row


def _run(row):
    try:
        row.task.call(*row.args_kwargs["args"], **row.args_kwargs["kwargs"])
        row.set_successful(None)  # what a job has to say belongs into rows of its own
    except Again as again:
        row.worker_ids = row.worker_ids[:-1]
        _put_back(row, again.pause)
    except Exception as error:
        _failed(row, error)


def _failed(row, error):
    row.set_failed(error)
    tries = len(row.worker_ids)
    if tries > len(RETRIES):
        logger.error("%s failed %d times and was given up", row.task_path, tries, exc_info=error)
    else:
        logger.warning("%s failed and will be tried again: %s", row.task_path, error)
        _put_back(row, RETRIES[tries - 1])


def _put_back(row, pause=timedelta()):
    row.status, row.started_at, row.finished_at = TaskResultStatus.READY, None, None
    row.run_after = timezone.now() + pause
    row.save(update_fields=["status", "started_at", "finished_at", "run_after", "worker_ids"])


@daily
def forget_finished_jobs():
    old = timezone.now() - KEEP_FINISHED
    _rows().finished().filter(finished_at__lt=old).delete()
