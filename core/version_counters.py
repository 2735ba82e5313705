"""The counter that all processes of a blog share, and its record of what each change changed: a file, or a Redis.

Its number rises with every change. A process that finds another number than before asks for the parts that changed in
between; whatever cannot be read there counts as a change of everything.
"""

import os
import re
import secrets
import sys
import time
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
    """A key of the Redis at CACHE_URL, and for an hour a key for each change, with its parts.

    It starts at the milliseconds since 1970, so that a Redis which lost its data never returns to an earlier number.
    Changes in progress are members of a sorted set, scored by the time at which they expire: a process that died stops
    the others from caching for at most `timeout` seconds.
    """

    timeout = 60
    kept = 3600  # seconds; a process that has not looked for longer takes it for a change of everything

    def __init__(self, url: str) -> None:
        import redis  # an optional dependency, installed where CACHE_URL is set

        self.errors: tuple[type[Exception], ...] = (redis.RedisError, OSError)
        self.client = redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2)
        self.place = self.key = f"longrun:cache_version:{settings.LONGRUN_URL}"
        self.changing = f"longrun:changing:{settings.LONGRUN_URL}"

    def read(self) -> int:
        return int(self.client.get(self.key) or self.increment({EVERYTHING}))

    def increment(self, parts: Collection[str]) -> int:
        with self.client.pipeline() as commands:
            commands.set(self.key, time.time_ns() // 1_000_000, nx=True)
            commands.incr(self.key)
            number = int(commands.execute()[-1])
        if EVERYTHING not in parts:  # until it is written, the number stands for a change of everything
            self.client.set(f"{self.key}:{number}", " ".join(sorted(parts)), ex=self.kept)
        return number

    def changed_parts(self, since: int, number: int) -> set[str] | None:
        """The parts that changed between two numbers; None for everything."""
        if not since < number <= since + MAX_CHANGES:
            return None
        records: list[Any] = self.client.mget([f"{self.key}:{each}" for each in range(since + 1, number + 1)])
        if not all(records):
            return None
        return _known(b" ".join(records).decode().split())

    def begin_change(self) -> str:
        mark = secrets.token_hex(8)
        self.client.zadd(self.changing, {mark: time.time() + self.timeout})
        return mark

    def end_change(self, mark: str) -> None:
        with self.client.pipeline() as commands:
            commands.zrem(self.changing, mark)
            commands.zremrangebyscore(self.changing, "-inf", time.time())
            commands.execute()

    def is_changing(self) -> bool:
        return self.client.zcount(self.changing, time.time(), "+inf") > 0


Counter: TypeAlias = FileCounter | RedisCounter


def _known(parts: list[str]) -> set[str] | None:
    """The parts as a set; None if a process of another version of Longrun wrote some that this one does not know."""
    return set(parts) if all(map(is_known, parts)) else None
