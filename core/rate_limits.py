"""How often something may be done. One table; kept in Django's cache, forgotten with it.

Ask `hit` before the deed. A hit that is let in counts, one that is turned away does not, so that patience is
always rewarded. Keys (a person, a network, an address of the site) are hashed before they are stored.
"""

import logging
import math
import time
from contextlib import contextmanager

from django.conf import settings
from django.core.cache import cache
from django.http import HttpResponse
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)

# name: [(how many, in how many seconds), …]
LIMITS = {
    "comment": [(1, 15)],  # per person
    "comment_network": [(10, 60)],
    "comment_site": [(120, 60)],
    "comment_edit": [(20, 600)],  # per network
    "report": [(10, 600)],
    "draft": [(20, 3600)],
    "search": [(30, 60)],
    "post_password": [(10, 600)],
    "login": [(10, 60)],
    "code": [(3, 600), (10, 24 * 3600)],  # letters with a code, per address
    "code_try": [(3, 600)],  # per code
    "password": [(5, 300)],  # logins by password, per address and network
    "password_address": [(50, 3600)],  # per address, from browsers that never logged in with it
    "code_network": [(10, 600)],
    "code_site": [(300, 3600)],
    "confirm_network": [(3, 3600)],  # letters that ask whether an address wants letters
    "confirm_site": [(300, 3600)],
    "subscribe": [(10, 600)],  # per network
    "subscribe_address": [(10, 24 * 3600)],
    "preview": [(30, 60)],
    "test_letter": [(5, 60)],  # per person
}
_TURN_SECONDS = 0.2  # the longest wait for another process that counts the same key


def hit(name: str, key="") -> int:
    """Count one: 0 if it is let in, else the seconds (at least 1) until it would be. Raises KeyError."""
    return hit_all((name, key))


def hit_all(*hits: tuple) -> int:
    """Several limits on one deed: counts in all of them, or in none if one says no (then its seconds).

    A hit (name, key, [(how many, in how many seconds), …]) brings what the owner has set instead of the table.
    """
    rules = [(own[0] if own else LIMITS[name], name, key) for name, key, *own in hits]
    if not settings.LONGRUN_LIMITS:
        return 0
    try:
        return _count([(table, _hidden(name, key)) for table, name, key in rules])
    except Exception:  # a cache that is away must not silence the blog; what it raises is its own affair
        logger.exception("the cache does not answer: limits let everybody in")
        return 0


def take_back(*hits: tuple) -> None:
    """Count these hits (name, key) no more, which were let in just now: what was limited did not happen."""
    if not settings.LONGRUN_LIMITS:
        return
    try:
        places = {_hidden(name, key): max(seconds for _, seconds in LIMITS[name]) for name, key in hits}
        with _alone(sorted(places)):
            for place, seconds in places.items():
                if times := cache.get(place, []):
                    cache.set(place, times[:-1], timeout=seconds)
    except Exception:
        logger.exception("the cache does not answer: a hit stays counted")


def too_fast(response: HttpResponse, seconds: int) -> HttpResponse:
    """Make any answer (the form with its text) a 429 that says when to come back."""
    response.status_code = 429
    response["Retry-After"] = str(seconds)
    response["Cache-Control"] = "private, no-store"
    return response


def _count(rules) -> int:
    rules = sorted(rules, key=lambda rule: rule[1])  # everybody in one order: nobody waits crosswise
    with _alone([place for _, place in rules]):
        now = time.time()
        seen = {place: _times(table, place, now) for table, place in rules}
        wait = max(_wait(table, seen[place], now) for table, place in rules)
        if wait:
            return wait
        for table, place in rules:
            cache.set(place, [*seen[place], now], timeout=max(seconds for _, seconds in table))
        return 0


def _times(table, place, now):
    """What still counts. Times in the future are from a clock that was put back since: they bind nobody."""
    longest = max(seconds for _, seconds in table)
    return [then for then in cache.get(place, []) if now - longest < then <= now]


def _wait(table, times, now) -> int:
    waits = [0]
    for count, seconds in table:
        recent = [then for then in times if then > now - seconds]
        if len(recent) >= count:
            waits.append(max(1, math.ceil(recent[-count] + seconds - now)))
    return max(waits)


@contextmanager
def _alone(places):
    """Reading and writing back is two steps: one at a time, for threads and processes alike. Somebody who
    died with the key in hand is waited for a moment only."""
    held = []
    deadline = time.monotonic() + _TURN_SECONDS
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


def _hidden(name, key) -> str:
    return f"limit:{name}:{salted_hmac('core.rate_limits', str(key), algorithm='sha256').hexdigest()[:32]}"
