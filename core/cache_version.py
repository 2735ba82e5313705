"""A number that rises with each change of what readers see, and at each start of a process.

Results computed from the database and cached in memory (pages, the layout, settings) are valid for one cache version:
when the number has changed, they are computed again. Between the processes of one machine the number is the size of a
small file in the data folder: appending a byte needs no lock, `stat` reads it in a microsecond, and no clock is
involved. Where `CACHE_URL` names a Redis, it is a key there.

A change increments the number twice: while its transaction is open, and after the commit. In between, other processes
may still read the old rows, so they use their results without caching them (`is_stable()`). A process may therefore
die at any moment, even right after its commit: results cached before have an outdated number, and the lock that marks
the change is released by the operating system with the process, after which the others cache again.
"""

import logging
import os
import secrets
import threading
import time
import weakref
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import connection, transaction
from django.utils.translation import get_language

from core import file_locks
from core.single_flight import SingleFlight

logger = logging.getLogger(__name__)

_start_lock = threading.Lock()
LOG_INTERVAL = 60  # seconds between two equal errors in the log
_last_logged: dict[str, float] = {}  # message: time, in monotonic seconds
_started_pid = 0  # id of the process that has incremented the number at its start


T = TypeVar("T")


class _Thread(threading.local):
    """What a thread knows: the version that its request has read, the results cached for that request alone, and the
    calls of `invalidate()` in its transaction, as weak references, the last one at the end."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.results: dict[Any, Any] | None = None
        self.calls: list[weakref.ref[Call]] = []


_thread = _Thread()


def invalidate() -> None:
    """Increment the number now and again when the transaction commits; only once outside a transaction."""
    _thread.number = None
    if not connection.in_atomic_block:
        increment_or_log()
        return
    before = _last_call()
    if before:
        before.results.clear()
    call = Call(before.change if before else Change())
    _thread.calls.append(weakref.ref(call))
    transaction.on_commit(call.on_commit, robust=True)


def increment() -> None:
    """Increment the number at once: for changes made without a Django transaction (a restore, a test)."""
    _thread.number = None
    _counter().increment()


def current() -> int:
    """The number now. If two calls return the same number, nothing that readers see has changed in between."""
    counter = _counter()
    try:
        if _started_pid != os.getpid():
            _increment_at_start()
        return counter.read()
    except counter.errors as error:
        log_error("the cache version cannot be read, so nothing is cached", error)
        return -time.monotonic_ns()  # never equal for two calls: nothing is cached, and nothing is stale


def is_stable() -> bool:
    """Whether no change is in progress. Call it after `current()` and before computing a result to be cached."""
    counter = _counter()
    try:
        return not counter.is_changing()
    except counter.errors as error:
        log_error("it is unknown whether a change is in progress, so nothing is cached", error)
        return False


def cached_per_version(function: Callable[[], T]) -> Callable[[], T]:
    """Decorator: cache the result of a function without arguments per cache version, language and process.

    All threads share it; one computes it, and the others wait for that one (core.single_flight). Inside a transaction
    that has called `invalidate()` the result is computed again, and cached for that transaction until it calls
    `invalidate()` again or that call is rolled back: others must not see what may be rolled back. While another
    transaction is changing something, the result is cached for one request.
    """

    # {language: (number, result)}: the desk may be shown in another one than the readers' pages
    kept: dict[str | None, tuple[int, T]] = {}
    flights = SingleFlight()

    def find(language: str | None, number: int) -> tuple[int, T] | None:
        entry = kept.get(language)
        return entry if entry and entry[0] == number else None

    def compute(language: str | None, number: int) -> tuple[int, T]:
        before = kept.get(language)
        entry = number, function()
        if kept.get(language) is before:  # otherwise a faster thread has stored that of a newer version
            kept[language] = entry
        return entry

    @wraps(function)
    def wrapper() -> Any:
        language = get_language()
        if connection.in_atomic_block and (results := _results_in_transaction()) is not None:
            if (wrapper, language) not in results:
                results[wrapper, language] = function()
            return results[wrapper, language]
        number = _version_for_request()  # read first, so that a concurrent change invalidates this result
        if entry := find(language, number):
            return entry[1]
        if is_stable():
            key = language, number
            return flights.run(key, lambda: find(language, number), lambda: compute(language, number))[1]
        ours = _thread.results
        if ours and (wrapper, language, number) in ours:
            return ours[wrapper, language, number]
        result = function()
        if ours is not None:
            ours[wrapper, language, number] = result
        return result

    return wrapper


def begin_request(**_signal: Any) -> None:
    _thread.results, _thread.number = {}, None


def end_request(**_signal: Any) -> None:
    _thread.results, _thread.number = None, None


def _version_for_request() -> int:
    """The number, read once per request: changes made by others meanwhile show in the next request."""
    number = _thread.number
    if number is None:
        number = current()
        if _thread.results is not None:
            _thread.number = number
    return number


request_started.connect(begin_request)
request_finished.connect(end_request)


class Change:
    """A change in progress. It ends with the commit, or when a rollback drops the last call that refers to it."""

    def __init__(self) -> None:
        self.counter: _FileCounter | _RedisCounter | None = (counter := _counter())
        self.mark: Any = None
        try:
            self.mark = counter.begin_change()
        except counter.errors as error:
            log_error("the cache version cannot be incremented", error)

    def commit(self) -> None:
        _thread.number = None
        if self.counter:
            try:
                self.counter.increment()
            finally:
                self.release()

    def release(self) -> None:
        counter, self.counter = self.counter, None
        if counter and self.mark is not None:
            try:
                counter.end_change(self.mark)
            except counter.errors as error:
                log_error("a change that has ended is still marked as in progress", error)

    __del__ = release


class Call:
    """A call of `invalidate()` in a transaction, with the results cached since.

    Nothing but Django's list of functions to run at the commit refers to it: when a savepoint or the transaction is
    rolled back, Django drops the function, and the call is gone.
    """

    def __init__(self, change: Change) -> None:
        self.change = change
        self.results: dict[Any, Any] = {}

    def on_commit(self) -> None:
        self.change.commit()


def _last_call() -> Call | None:
    """The last call of `invalidate()` in this transaction that was not rolled back, or None."""
    while _thread.calls:
        call = _thread.calls[-1]()
        if call and call.change.counter:
            return call
        _thread.calls.pop()
    return None


def _results_in_transaction() -> dict[Any, Any] | None:
    """The results cached in this transaction since its last call of `invalidate()`; None without such a call.

    The call itself is not returned: an exception of the caller would refer to it beyond the rollback.
    """
    call = _last_call()
    return call.results if call else None


def increment_or_log() -> None:
    counter = _counter()
    try:
        counter.increment()
    except counter.errors as error:
        log_error("the cache version cannot be incremented", error)


def log_error(what: str, error: Exception) -> None:
    """Log an error at most once a minute: each page reads the number several times, and Redis may be down for long."""
    now = time.monotonic()
    if now - _last_logged.get(what, -LOG_INTERVAL) >= LOG_INTERVAL:
        _last_logged[what] = now
        logger.error("%s: %s", what, error)


def _increment_at_start() -> None:
    """New code may render the same rows differently: no cached result may outlive an upgrade."""
    global _started_pid
    with _start_lock:
        if _started_pid != os.getpid():
            increment()
            _started_pid = os.getpid()


def _counter() -> "_FileCounter | _RedisCounter":
    return _redis_counter(settings.CACHE_URL) if settings.CACHE_URL else _FileCounter()


class _FileCounter:
    """The size of the file LONGRUN_DATA/cache_version; a million changes are two megabytes.

    A process with a change in progress holds a shared lock on LONGRUN_DATA/changing, which the operating system
    releases when the process dies.
    """

    errors: type[Exception] | tuple[type[Exception], ...] = OSError

    @property
    def path(self) -> str:
        return f"{settings.LONGRUN_DATA}/cache_version"  # read at each request: a Path would cost more than the stat

    @property
    def mark(self) -> Path:
        return Path(settings.LONGRUN_DATA, "changing")

    def read(self) -> int:
        try:
            return os.stat(self.path).st_size  # noqa: PTH116
        except FileNotFoundError:  # the folder was emptied: begin a new file
            self.increment()
            return os.stat(self.path).st_size  # noqa: PTH116

    def increment(self) -> None:
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, b".")
        finally:
            os.close(file)

    def begin_change(self) -> file_locks.SharedLock:
        mark = file_locks.shared_lock(self.mark)
        self.increment()
        return mark

    def end_change(self, mark: file_locks.SharedLock) -> None:
        mark.close()

    def is_changing(self) -> bool:
        return file_locks.is_locked(self.mark)


@cache
def _redis_counter(url: str) -> "_RedisCounter":
    return _RedisCounter(url)


class _RedisCounter:
    """A key of the Redis at CACHE_URL.

    It starts at the milliseconds since 1970, so that a Redis which lost its data never returns to an earlier number.
    Changes in progress are members of a sorted set, scored by the time at which they expire: a process that died stops
    the others from caching for at most `timeout` seconds.
    """

    timeout = 60

    def __init__(self, url: str) -> None:
        import redis  # an optional dependency, installed where CACHE_URL is set

        self.errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.key = f"longrun:cache_version:{settings.LONGRUN_URL}"
        self.changing = f"longrun:changing:{settings.LONGRUN_URL}"

    def read(self) -> int:
        return int(self.client.get(self.key) or self.increment())

    def increment(self) -> int:
        with self.client.pipeline() as commands:
            commands.set(self.key, time.time_ns() // 1_000_000, nx=True)
            commands.incr(self.key)
            return int(commands.execute()[-1])

    def begin_change(self) -> str:
        mark = secrets.token_hex(8)
        self.client.zadd(self.changing, {mark: time.time() + self.timeout})
        self.increment()
        return mark

    def end_change(self, mark: str) -> None:
        with self.client.pipeline() as commands:
            commands.zrem(self.changing, mark)
            commands.zremrangebyscore(self.changing, "-inf", time.time())
            commands.execute()

    def is_changing(self) -> bool:
        return self.client.zcount(self.changing, time.time(), "+inf") > 0
