"""The cache in a Redis or Valkey (CACHE_URL), which several machines share, and what holds while it is away.

After an error a thread alone asks it, until it answers (`Outage`): a page waits for a dead server once, and not at each
of its questions. Meanwhile `SharedCache` counts in this process's memory: each process applies the rate limits by
itself, so that with three web processes three times as many hits are allowed. Sessions have no such substitute
(`SessionCache`): one that another process cannot see would log people out at random.
"""

import logging
import os
import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

import redis
from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore as CacheSessionStore
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from django.db import OperationalError
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

ERRORS: tuple[type[Exception], ...] = (redis.RedisError, OSError)
RETRY = 0.25  # seconds between two attempts to reach it again
# One attempt more than the first: a connection that was idle may have been closed meanwhile. The library's own default
# would hold up a page for many seconds.
TIMEOUTS: dict[str, Any] = {"socket_timeout": 1, "socket_connect_timeout": 1, "retry": Retry(NoBackoff(), 1)}

T = TypeVar("T")


def connect(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, **TIMEOUTS)


class Away(redis.RedisError):
    """Redis did not answer a moment ago."""


@cache
def outage(url: str) -> "Outage":
    """That of this process."""
    return Outage(url)


class Outage:
    """Whether the Redis at this URL is away, as this process has seen."""

    def __init__(self, url: str) -> None:
        self.url, self.is_on, self.lock = url, False, threading.Lock()
        self.to_do: dict[str, Callable[[], object]] = {}
        os.register_at_fork(after_in_child=self.reset)

    def reset(self) -> None:
        """A forked process has no thread that would end the outage."""
        self.is_on, self.lock, self.to_do = False, threading.Lock(), {}

    def ask(self, question: Callable[[], T], *, afterwards: Callable[[], object] | None = None) -> T:
        """The answer of Redis. While it is away, raises one of ERRORS at once; `afterwards` is then called as soon as
        it answers again, before anybody else asks it."""
        try:
            if self.is_on:
                raise Away("Redis did not answer a moment ago")
            return question()
        except ERRORS as error:
            self.begin(error, afterwards)
            raise

    def begin(self, error: Exception, afterwards: Callable[[], object] | None) -> None:
        with self.lock:
            if afterwards:
                self.to_do[getattr(afterwards, "__qualname__", "")] = afterwards
            if self.is_on:
                return
            self.is_on = True
        logger.error("Redis cannot be reached, so each process counts rate limits by itself: %s", error)
        threading.Thread(target=self.watch, name="Redis", daemon=True).start()

    def watch(self) -> None:
        """Ask until it answers."""
        with connect(self.url) as client:
            while self.is_on:
                time.sleep(RETRY)
                try:
                    client.ping()
                    self.end()
                except Exception as error:
                    logger.debug("Redis is still away: %s", error)

    def end(self) -> None:
        with self.lock:
            for function in self.to_do.values():
                function()
            self.to_do.clear()
            self.is_on = False
        logger.warning("Redis can be reached again")


class SharedCache(BaseCache):
    """Django's Redis cache; while Redis is away, the memory of this process."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.server = server
        self.shared = RedisCache(server, params | {"OPTIONS": dict(TIMEOUTS)})
        # Large enough for the rate limits of many networks at once.
        self.local = LocMemCache("while Redis is away", {"OPTIONS": {"MAX_ENTRIES": 20_000}})

    def ask(self, name: str, *words: Any, **options: Any) -> Any:
        try:
            return outage(self.server).ask(lambda: getattr(self.shared, name)(*words, **options))
        except ERRORS:
            return getattr(self.local, name)(*words, **options)

    def close(self, **options: Any) -> None:
        self.shared.close(**options)


def _method(name: str) -> Callable[..., Any]:
    def method(cache: SharedCache, *words: Any, **options: Any) -> Any:
        return cache.ask(name, *words, **options)

    return method


METHODS = "add get set touch delete get_many set_many delete_many has_key incr clear".split()
for _name in METHODS:
    setattr(SharedCache, _name, _method(_name))


class SessionCache(BaseCache):
    """Django's Redis cache for sessions: raises OperationalError while Redis is away, so that a request with a session
    gets the 503 that returns its form, as while the database is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self.server = server
        self.shared = RedisCache(server, params | {"OPTIONS": dict(TIMEOUTS)})

    def ask(self, name: str, *words: Any, **options: Any) -> Any:
        try:
            return outage(self.server).ask(lambda: getattr(self.shared, name)(*words, **options))
        except ERRORS as error:
            raise OperationalError(f"sessions cannot be reached: {error}") from error

    close = SharedCache.close


for _name in METHODS:
    setattr(SessionCache, _name, _method(_name))


class SessionStore(CacheSessionStore):
    """Sessions in Redis (SESSIONS=cache). Django's takes an unreachable cache for an unknown session, and its
    middleware then deletes the cookie: a minute without Redis would log everybody out."""

    is_unreachable = False  # server.sessions then leaves the cookie alone

    def load(self) -> dict[str, Any]:
        found: dict[str, Any] = super().load()
        if not found and outage(settings.CACHE_URL).is_on:
            self.is_unreachable = True
            raise OperationalError("sessions cannot be reached")
        return found
