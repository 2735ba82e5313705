"""A number that rises with each change of what readers see, and at each start of a process.

Whatever is made from the database and kept in memory (pages, the frame, settings) lives for one generation:
who finds the number changed, makes it anew. Between the processes of one machine the number is the size of a
small file in the data folder: appending a byte needs no lock, `stat` reads it in a microsecond, and no clock
is involved. Where `CACHE_URL` names a Redis, it is a key there.

A change raises the number twice: while its transaction is open, and after the commit. In between it is "under way",
and what others make of the rows of before is used and not kept (`settled()`). So a process may die at any moment,
also right after its commit: whatever anybody kept is of a number that is gone, and a mark that the system takes away
with the process tells the others when they may keep again.
"""

import logging
import os
import secrets
import threading
import time
from functools import cache, wraps
from pathlib import Path

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.utils.translation import get_language

from core import file_locks

logger = logging.getLogger(__name__)

_starting = threading.Lock()
_request = threading.local()  # the number that the request of this thread has found, and what was made for it alone
EVERY = 60  # seconds
_complained: dict[str, float] = {}  # what: when, in monotonic seconds
_started_in = 0  # the process that has raised the number for its own start


def changed():
    """Raise the number now and when the transaction commits; outside of one what changed is committed: once."""
    _request.number = None
    if not connection.in_atomic_block:
        rise_or_say_why()
        return
    change = _change_of_ours()
    if change:
        change.results.clear()
    if not change or not change.is_counted_on(connection.savepoint_ids):
        change = change or Change()
        change.savepoints = set(connection.savepoint_ids)
        transaction.on_commit(change.is_committed, robust=True)


def rise():
    """Raise it at once: for who changed rows behind Django's back (a restore, a test)."""
    _request.number = None
    _counter().rise()


def current() -> int:
    """The number now; two equal answers mean that nothing which readers see has changed in between."""
    counter = _counter()
    try:
        if _started_in != os.getpid():
            _raise_at_start()
        return counter.read()
    except counter.errors as error:
        complain("the generation cannot be read, so nothing is kept", error)
        return -time.monotonic_ns()  # a number of its own for everyone who asks: slow, and never stale


def settled() -> bool:
    """Whether no change is under way. Asked after `current()` and before the work whose result is to be kept."""
    counter = _counter()
    try:
        return not counter.is_changing()
    except counter.errors as error:
        complain("it cannot be told whether something changes, so nothing is kept", error)
        return False


def kept_for_generation(function):
    """Call a function without arguments once per generation, language and process; all threads share the result.

    Inside a transaction that has called `changed()` the result is made anew, and serves until it calls that again or
    a savepoint begins or ends: others must not see what may still be rolled back. While others change something it
    serves for one request.
    """
    kept = {}  # {language: (number, result)}: the desk may be shown in another one than the readers' pages

    @wraps(function)
    def wrapper():
        language = get_language()
        if connection.in_atomic_block and (change := _change_of_ours()):
            place = (wrapper, language, *connection.savepoint_ids)
            if place not in change.results:
                change.results[place] = function()
            return change.results[place]
        number = _found_once()  # before the work: what changes meanwhile makes the result old, never wrongly new
        known, result = kept.get(language, (None, None))
        if known == number:
            return result
        may_be_kept, ours = settled(), getattr(_request, "results", None)
        if not may_be_kept and ours and (wrapper, language, number) in ours:
            return ours[wrapper, language, number]
        result = function()
        if may_be_kept:
            kept[language] = (number, result)
        elif ours is not None:
            ours[wrapper, language, number] = result
        return result

    return wrapper


def begin_request(**_signal):
    _request.results, _request.number = {}, None


def end_request(**_signal):
    _request.results = _request.number = None


def _found_once():
    """The number now; within a request as it was found first. What others change meanwhile is for the next one."""
    number = getattr(_request, "number", None)
    if number is None:
        number = current()
        if getattr(_request, "results", None) is not None:
            _request.number = number
    return number


request_started.connect(begin_request)
request_finished.connect(end_request)


class Change:
    """A change that is under way. Whoever rolls back lets go of it, and it is over."""

    def __init__(self):
        self.counter, self.mark, self.savepoints, self.results = _counter(), None, set(), {}
        try:
            self.mark = self.counter.begin()
        except self.counter.errors as error:
            complain("the generation cannot be raised", error)

    def is_counted_on(self, savepoints):
        """Whether it will be told of the commit of whatever is done inside these savepoints."""
        return self.savepoints <= set(savepoints)

    def is_committed(self):
        _request.number = None
        if self.counter:
            try:
                self.counter.rise()
            finally:
                self.let_go()

    def let_go(self):
        counter, self.counter = self.counter, None
        if counter and self.mark is not None:
            try:
                counter.end(self.mark)
            except counter.errors as error:
                complain("a change that is over still stands as under way", error)

    __del__ = let_go  # by the transaction that forgot what it should have done after its commit


def _change_of_ours():
    """The change that this transaction has begun, or None."""
    waiting = (getattr(function, "__self__", None) for _ids, function, _robust in reversed(connection.run_on_commit))
    return next((owner for owner in waiting if isinstance(owner, Change) and owner.counter), None)


def rise_or_say_why():
    counter = _counter()
    try:
        counter.rise()
    except counter.errors as error:
        complain("the generation cannot be raised", error)


def complain(what: str, error: Exception):
    """Tell the log at most once a minute: each page asks several times, and the counter may be away for long."""
    now = time.monotonic()
    if now - _complained.get(what, -EVERY) >= EVERY:
        _complained[what] = now
        logger.error("%s: %s", what, error)


def _raise_at_start():
    """New code may print the same rows differently, and a kept result must not outlive an upgrade."""
    global _started_in
    with _starting:
        if _started_in != os.getpid():
            rise()
            _started_in = os.getpid()


def _counter():
    return _redis_counter(settings.CACHE_URL) if settings.CACHE_URL else _FileCounter()


class _FileCounter:
    """The size of LONGRUN_DATA/generation: a million changes are two megabytes. Who holds LONGRUN_DATA/changing has a
    change under way; the system lets go of it for the dead."""

    errors = OSError

    @property
    def path(self) -> str:
        return f"{settings.LONGRUN_DATA}/generation"  # asked at each request: a Path would cost more than the answer

    @property
    def mark(self) -> Path:
        return settings.LONGRUN_DATA / "changing"

    def read(self) -> int:
        try:
            return os.stat(self.path).st_size  # noqa: PTH116
        except FileNotFoundError:  # the folder was emptied under us: a new file, and a number nobody has kept
            self.rise()
            return os.stat(self.path).st_size  # noqa: PTH116

    def rise(self):
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, b".")
        finally:
            os.close(file)

    def begin(self):
        mark = file_locks.hold_together(self.mark)
        self.rise()
        return mark

    def end(self, mark):
        mark.close()

    def is_changing(self) -> bool:
        return file_locks.is_held(self.mark)


@cache
def _redis_counter(url: str):
    return _RedisCounter(url)


class _RedisCounter:
    """A key of the Redis at CACHE_URL. It starts at the milliseconds since 1970, so that a Redis which forgot
    everything never goes back to a number that somebody has kept. Changes under way stand in a sorted set by the second
    at which they are given up: whoever dies keeps nobody from keeping for longer than that."""

    patience = 60

    def __init__(self, url: str):
        import redis  # an extra: only who sets CACHE_URL has it

        self.errors = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.key = f"longrun:generation:{settings.LONGRUN_URL}"
        self.changing = f"longrun:changing:{settings.LONGRUN_URL}"

    def read(self) -> int:
        return int(self.client.get(self.key) or self.rise())

    def rise(self) -> int:
        with self.client.pipeline() as commands:
            commands.set(self.key, time.time_ns() // 1_000_000, nx=True)
            commands.incr(self.key)
            return commands.execute()[-1]

    def begin(self) -> str:
        mark = secrets.token_hex(8)
        self.client.zadd(self.changing, {mark: time.time() + self.patience})
        self.rise()
        return mark

    def end(self, mark):
        with self.client.pipeline() as commands:
            commands.zrem(self.changing, mark)
            commands.zremrangebyscore(self.changing, "-inf", time.time())
            commands.execute()

    def is_changing(self) -> bool:
        return self.client.zcount(self.changing, time.time(), "+inf") > 0
