"""The counter that all processes of a blog share, and its record of what each change changed: a file, or a Redis.

Its number rises with every change. A process that finds another number than before asks for the parts that changed in
between; whatever cannot be read there counts as a change of everything.
"""

import os
import re
import secrets
import sys
from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from django.conf import settings

from core import file_locks
from core.version_parts import EVERYTHING, is_known

MAX_RECORDS = 65_536  # bytes read of the file at once; more is a change of everything
MAX_CHANGES = 100  # the same for changes in Redis
RECORDS = re.compile(rb"(?:\+[a-z]+(?::\d+)?(?: [a-z]+(?::\d+)?)*\n)*")


def counter() -> "Counter":
    return _redis_counter(settings.CACHE_URL) if settings.CACHE_URL else FileCounter()


class FileCounter:
    """The size of the file LONGRUN_DATA/cache_version.

    A change appends a record of its parts ("+comments post:12\\n"), or a dot for everything; appending needs no lock.
    A record that is incomplete, because the disk is full or because it is just being written, counts as a change of
    everything, and so does what it makes of the next one. A process with a change in progress holds a shared lock on
    LONGRUN_DATA/changing, which the operating system releases when the process dies.
    """

    errors: type[Exception] | tuple[type[Exception], ...] = OSError

    @property
    def place(self) -> str:
        return f"{settings.LONGRUN_DATA}/cache_version"  # read at each request: a Path would cost more than the stat

    @property
    def mark(self) -> Path:
        return Path(settings.LONGRUN_DATA, "changing")

    def read(self) -> int:
        try:
            return os.stat(self.place).st_size  # noqa: PTH116
        except FileNotFoundError:  # the folder was emptied: begin a new file
            self.increment({EVERYTHING})
            return os.stat(self.place).st_size  # noqa: PTH116

    def increment(self, parts: Collection[str]) -> None:
        # On Windows two appending processes may write to the same place, and one record would be lost.
        is_everything = EVERYTHING in parts or sys.platform == "win32"
        record = "." if is_everything else f"+{' '.join(sorted(parts))}\n"
        file = os.open(self.place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, record.encode())
        finally:
            os.close(file)

    def changed_parts(self, since: int, number: int) -> set[str] | None:
        """The parts that changed between two numbers; None for everything."""
        if not 0 <= since < number <= since + MAX_RECORDS:
            return None
        with open(self.place, "rb") as file:
            file.seek(since)
            records = file.read(number - since)
        if len(records) < number - since or not RECORDS.fullmatch(records):
            return None
        return _known(records.decode().replace("+", "").split())

    def begin_change(self) -> file_locks.SharedLock:
        return file_locks.shared_lock(self.mark)

    def end_change(self, mark: file_locks.SharedLock) -> None:
        mark.close()

    def is_changing(self) -> bool:
        return file_locks.is_locked(self.mark)


@cache
def _redis_counter(url: str) -> "RedisCounter":
    return RedisCounter(url)


class RedisCounter:
    """A stream in the Redis at CACHE_URL: an entry for each change, with its parts. The number is the last entry's id.

    Redis makes the ids from its clock, so that one which lost its newest data (a restart from an older snapshot) or all
    of them never returns to a number that it had. Changes in progress are members of a sorted set, scored by the time,
    of Redis' clock too, at which they expire: a process that died stops the others from caching for `timeout` seconds.

    A change made while Redis is away is told as a change of everything as soon as it answers again, before this process
    asks it anything else (core.shared_cache.Outage).
    """

    timeout = 60
    kept = 10_000  # entries; a process that has not looked for more takes it for a change of everything

    def __init__(self, url: str) -> None:
        from core import shared_cache  # needs redis, an optional dependency, installed where CACHE_URL is set

        self.outage, self.errors = shared_cache.outage(url), shared_cache.ERRORS
        self.client = shared_cache.connect(url)
        self.place = f"longrun:cache_version:{settings.LONGRUN_URL}"
        self.changing = f"longrun:changing:{settings.LONGRUN_URL}"
        self.begin = self.client.register_script(
            "redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', redis.call('TIME')[1]) "
            "return redis.call('ZADD', KEYS[1], redis.call('TIME')[1] + ARGV[2], ARGV[1])"
        )
        self.count = self.client.register_script(
            "return redis.call('ZCOUNT', KEYS[1], '(' .. redis.call('TIME')[1], '+inf')"
        )
        self.ask = self.outage.ask

    def read(self) -> int:
        found: Any = self.ask(lambda: self.client.xrevrange(self.place, count=1))
        return _number(found[0][0]) if found else self.increment({EVERYTHING})

    def increment(self, parts: Collection[str]) -> int:
        return self.ask(lambda: self.add(" ".join(sorted(parts))), afterwards=self.add)

    def add(self, parts: str = EVERYTHING) -> int:
        added: Any = self.client.xadd(self.place, {"parts": parts}, maxlen=self.kept)
        return _number(added)

    def changed_parts(self, since: int, number: int) -> set[str] | None:
        """The parts that changed between two numbers; None for everything."""
        if not since < number:
            return None
        first, last = _entry_id(since), _entry_id(number)
        rows: Any = self.ask(lambda: self.client.xrange(self.place, first, last, count=MAX_CHANGES))
        if not rows or rows[0][0].decode() != first or rows[-1][0].decode() != last:
            return None
        return _known(b" ".join(fields[b"parts"] for _id, fields in rows[1:]).decode().split())

    def begin_change(self) -> str:
        mark = secrets.token_hex(8)
        self.ask(lambda: self.begin(keys=[self.changing], args=[mark, self.timeout]))
        return mark

    def end_change(self, mark: str) -> None:
        self.ask(lambda: self.client.zrem(self.changing, mark))

    def is_changing(self) -> bool:
        return bool(self.ask(lambda: self.count(keys=[self.changing])))


SEQUENCE = 1_000_000  # entries of one millisecond


def _number(entry_id: bytes) -> int:
    milliseconds, _dash, sequence = entry_id.partition(b"-")
    return int(milliseconds) * SEQUENCE + int(sequence)


def _entry_id(number: int) -> str:
    return f"{number // SEQUENCE}-{number % SEQUENCE}"


Counter: TypeAlias = FileCounter | RedisCounter


def _known(parts: list[str]) -> set[str] | None:
    """The parts as a set; None if a process of another version of Longrun wrote some that this one does not know."""
    return set(parts) if all(map(is_known, parts)) else None
