"""Rate limits: one table, counted in Django's cache (and lost with it).

Call `hit` before the action. Only allowed hits count, so that whoever waits as long as they were told is let in. Keys
(a person, a network, an address) are hashed before they are stored.
"""

import logging
import math
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeAlias

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

Rule: TypeAlias = Sequence[tuple[int, int]]  # [(number of hits, seconds), …]

LIMITS: dict[str, Rule] = {
    "comment": [(1, 15)],  # per person
    "comment_network": [(40, 60), (240, 3600)],  # a class of pupils has one address
    "comment_site": [(120, 60)],
    "message": [(2, 60), (5, 3600)],  # of a contact form, per address of the sender
    "message_network": [(10, 600)],
    "message_site": [(30, 60)],
    "comment_edit": [(20, 600)],  # per network
    "report": [(10, 600)],
    "draft": [(20, 3600)],
    "search": [(30, 60)],
    "suggestions": [(10, 3600)],  # on 404 pages, per network
    "suggestions_site": [(60, 60)],
    "post_password": [(10, 600)],
    "login": [(10, 60)],
    "code": [(3, 600), (10, 24 * 3600)],  # emails with a login code, per address
    "code_try": [(3, 600)],  # per code
    "password": [(5, 300)],  # logins by password, per address and network
    "password_address": [(50, 3600)],  # per address, from browsers that never logged in with it
    "code_network": [(10, 600)],
    "code_site": [(300, 3600)],
    "confirm_network": [(3, 3600)],  # confirmation emails for subscriptions
    "confirm_site": [(300, 3600)],
    "subscribe": [(10, 600)],  # per network
    "subscribe_address": [(10, 24 * 3600)],
    "preview": [(30, 60)],
    "test_letter": [(5, 60)],  # per person
}
_LOCK_SECONDS = 0.2  # the longest wait for another process that counts the same key


def hit(name: str, key: object = "") -> int:
    """Count one hit: 0 if it is allowed, else the seconds (at least 1) until it would be. KeyError: no such limit."""
    return hit_all((name, key))


def hit_all(*hits: tuple[Any, ...]) -> int:
    """Apply several limits to one action: count in all of them, or, if one is exceeded, in none (returns its seconds).

    A hit (name, key, [(number of hits, seconds), …]) replaces the limit of the table by one that the owner has set.
    """
    rules = [(own[0] if own else LIMITS[name], name, key) for name, key, *own in hits]
    if not settings.LONGRUN_LIMITS:
        return 0
    try:
        return _count([(table, _cache_key(name, key)) for table, name, key in rules])
    except Exception:  # an unreachable cache, whatever it raises, must not block the blog
        logger.exception("the cache cannot be reached: rate limits are not applied")
        return 0


class KnownWaits:
    """Remembers in this process who must wait, and until when by the clock that nobody sets: for floods, because
    counting in the cache costs ten times as much."""

    def __init__(self, most: int = 5_000) -> None:
        self.most, self.until = most, OrderedDict[Hashable, float]()

    def is_waiting(self, key: Hashable) -> bool:
        return settings.LONGRUN_LIMITS and self.until.get(key, 0) > time.monotonic()

    def add(self, key: Hashable, seconds: int) -> None:
        """`key` must wait so long; 0 is nothing."""
        if seconds:
            self.until[key] = time.monotonic() + seconds
            if len(self.until) > self.most:
                self.until.popitem(last=False)


def undo_hits(*hits: tuple[str, object]) -> None:
    """Remove these hits (name, key), which were counted just now: the limited action did not happen."""
    if not settings.LONGRUN_LIMITS:
        return
    try:
        places = {_cache_key(name, key): max(seconds for _, seconds in LIMITS[name]) for name, key in hits}
        with _locked(sorted(places)):
            for place, seconds in places.items():
                if times := cache.get(place, []):
                    cache.set(place, times[:-1], timeout=seconds)
    except Exception:
        logger.exception("the cache cannot be reached: a hit stays counted")


def too_many_requests(response: HttpResponse, seconds: int) -> HttpResponse:
    """Turn a response (such as the form with its text) into a 429 with Retry-After."""
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "private, no-store"
    return response


def _count(rules: Iterable[tuple[Rule, str]]) -> int:
    rules = sorted(rules, key=lambda rule: rule[1])  # one order of locks for all processes: no deadlock
    with _locked([place for _, place in rules]):
        now = time.time()
        seen = {place: _times(table, place, now) for table, place in rules}
        wait = max(_wait(table, seen[place], now) for table, place in rules)
        if wait:
            return wait
        for table, place in rules:
            cache.set(place, [*seen[place], now], timeout=max(seconds for _, seconds in table))
        return 0


def _times(table: Rule, place: str, now: float) -> list[float]:
    """The times of hits that still count. Times in the future (the clock was set back) are ignored."""
    longest = max(seconds for _, seconds in table)
    return [then for then in cache.get(place, []) if now - longest < then <= now]


def _wait(table: Rule, times: Sequence[float], now: float) -> int:
    waits = [0]
    for count, seconds in table:
        recent = [then for then in times if then > now - seconds]
        if len(recent) >= count:
            waits.append(max(1, math.ceil(recent[-count] + seconds - now)))
    return max(waits)


@contextmanager
def _locked(places: Iterable[str]) -> Iterator[None]:
    """Lock the keys, for threads and processes: reading and writing back are two steps.

    Goes on without the lock after a short wait: its holder may have died.
    """
    held = []
    deadline = time.monotonic() + _LOCK_SECONDS
    try:
        for place in places:
            while not cache.add(f"{place}:turn", 1, timeout=5):
                if time.monotonic() > deadline:
                    break
                time.sleep(0.002)
            else:
                held.append(place)
        yield
    finally:
        for place in held:
            cache.delete(f"{place}:turn")


def _cache_key(name: str, key: object) -> str:
    return f"limit:{name}:{salted_hmac('core.rate_limits', str(key), algorithm='sha256').hexdigest()[:32]}"
