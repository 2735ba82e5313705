"""A number that rises after each commit that changes what readers see, and at each start of a process.

Whatever is made from the database and kept in memory (pages, the frame, settings) lives for one generation:
who finds the number changed, makes it anew. Between the processes of one machine the number is the size of a
small file in the data folder: appending a byte needs no lock, `stat` reads it in a microsecond, and no clock
is involved. Where `CACHE_URL` names a Redis, it is a key there.
"""

import logging
import os
import time
from functools import cache, wraps
from pathlib import Path
from threading import Lock

from django.conf import settings
from django.db import connection, transaction

logger = logging.getLogger(__name__)

_starting = Lock()
_started_in = 0  # the process that has raised the number for its own start


def changed():
    """Raise the number when the transaction commits (never if it rolls back; at once outside of one)."""
    transaction.on_commit(rise, robust=True)


def rise():
    """Raise it at once: for who changed rows behind Django's back (a restore, a test)."""
    _counter().rise()


def current() -> int:
    """The number now; two equal answers mean that nothing which readers see has changed in between."""
    counter = _counter()
    try:
        if _started_in != os.getpid():
            _raise_at_start()
        return counter.read()
    except counter.errors as error:
        logger.error("the generation cannot be read, so nothing is kept: %s", error)
        return -time.monotonic_ns()  # a number of its own for everyone who asks: slow, and never stale


def kept_for_generation(function):
    """Call a function without arguments once per generation and process; all threads share the result.

    Inside a transaction that has called `changed()` the result is made anew and not kept: others must not
    see what may still be rolled back.
    """
    kept = (None, None)

    @wraps(function)
    def wrapper():
        nonlocal kept
        if _change_is_pending():
            return function()
        number = current()  # before the work: what changes meanwhile makes the result old, never wrongly new
        known, result = kept
        if known != number:
            result = function()
            kept = (number, result)
        return result

    return wrapper


def _change_is_pending() -> bool:
    return connection.in_atomic_block and any(
        function is rise for _savepoints, function, _robust in connection.run_on_commit
    )


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
    """The size of LONGRUN_DATA/generation: a million changes are a megabyte."""

    errors = OSError

    @property
    def path(self) -> Path:
        return settings.LONGRUN_DATA / "generation"

    def read(self) -> int:
        try:
            return self.path.stat().st_size
        except FileNotFoundError:  # the folder was emptied under us: a new file, and a number nobody has kept
            self.rise()
            return self.path.stat().st_size

    def rise(self):
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, b".")
        finally:
            os.close(file)


@cache
def _redis_counter(url: str):
    return _RedisCounter(url)


class _RedisCounter:
    """A key of the Redis at CACHE_URL. It starts at the milliseconds since 1970, so that a Redis which forgot
    everything never goes back to a number that somebody has kept."""

    def __init__(self, url: str):
        import redis  # an extra: only who sets CACHE_URL has it

        self.errors = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.key = f"longrun:generation:{settings.LONGRUN_URL}"

    def read(self) -> int:
        return int(self.client.get(self.key) or self.rise())

    def rise(self) -> int:
        with self.client.pipeline() as commands:
            commands.set(self.key, time.time_ns() // 1_000_000, nx=True)
            commands.incr(self.key)
            return commands.execute()[-1]
