"""The cache in a real Redis: shared by processes; while it is away, each process counts by itself."""

import signal
import time

import pytest
from django.core.cache import caches
from django.db import OperationalError, transaction
from redis.exceptions import RedisError

from core import cache_version, rate_limits, shared_cache
from core.shared_cache import SessionCache, SessionStore, SharedCache
from core.version_counters import RedisCounter
from tests.pace import allowed


@pytest.fixture
def counted_there(settings, own_redis, tmp_path, monkeypatch):
    """The cache version, the limits and the sessions of this process are in a Redis that the test may stop."""
    monkeypatch.setattr(cache_version, "_started_pid", 0)
    settings.CACHE_URL, settings.LONGRUN_DATA = own_redis.url, tmp_path
    monkeypatch.setattr(rate_limits, "cache", SharedCache(own_redis.url, {}))
    cache_version.current()
    yield own_redis
    shared_cache.outage(own_redis.url).is_on = False  # ends its thread


@pytest.fixture
def waits():
    """Wait for what another thread brings about."""

    def until(truth, seconds=30):
        deadline = time.monotonic() + allowed(seconds)
        while not truth():
            assert time.monotonic() < deadline
            time.sleep(0.02)

    return until


def is_back(server):
    return lambda: not shared_cache.outage(server.url).is_on


def test_two_processes_share_one_limit(redis_server, monkeypatch):
    one, other = SharedCache(redis_server.url, {}), SharedCache(redis_server.url, {})
    monkeypatch.setattr(rate_limits, "cache", one)
    assert [rate_limits.hit("login", "here") for _ in range(5)] == [0] * 5
    monkeypatch.setattr(rate_limits, "cache", other)
    assert [rate_limits.hit("login", "here") for _ in range(5)] == [0] * 5
    assert rate_limits.hit("login", "here") > 0


def test_two_blogs_on_one_redis_do_not_meet(redis_server):
    one, other = (SharedCache(redis_server.url, {"KEY_PREFIX": name}) for name in ("a.example", "b.example"))
    one.set("presence", "Ada")
    assert (one.get("presence"), other.get("presence")) == ("Ada", None)


def test_without_redis_each_process_counts_by_itself(counted_there, waits, caplog):
    assert [rate_limits.hit("login", "here") for _ in range(5)] == [0] * 5
    counted_there.stop()
    assert [rate_limits.hit("login", "here") for _ in range(10)] == [0] * 10, "it counts from nothing"
    assert rate_limits.hit("login", "here") > 0
    assert sum("Redis cannot be reached" in record.message for record in caplog.records) == 1
    counted_there.start()
    waits(is_back(counted_there))
    assert rate_limits.hit("login", "here") == 0


@pytest.mark.parametrize("name", ["stopped", "silent"])
def test_a_dead_or_silent_redis_holds_up_one_question_and_not_each(counted_there, name):
    if name == "stopped":
        counted_there.stop()
    else:
        counted_there.pause(signal.SIGSTOP)
    began = time.monotonic()
    numbers = [cache_version.current() for _ in range(200)]
    limits = [rate_limits.hit("search", each) for each in range(200)]
    assert time.monotonic() - began < allowed(6 * shared_cache.TIMEOUTS["socket_timeout"])
    assert len(set(numbers)) == 200, "nothing is cached, and nothing is stale"
    assert not any(limits) and not cache_version.is_stable()
    if name == "silent":
        counted_there.pause(signal.SIGCONT)


@pytest.mark.django_db(transaction=True)
def test_what_was_changed_while_redis_was_silent_is_told_as_soon_as_it_answers(counted_there, waits):
    other = RedisCounter(counted_there.url)
    before = other.read()
    counted_there.pause(signal.SIGSTOP)
    with transaction.atomic():
        cache_version.invalidate(cache_version.COMMENTS)
    counted_there.pause(signal.SIGCONT)
    waits(is_back(counted_there))
    assert other.changed_parts(before, other.read()) in ({cache_version.EVERYTHING}, None)


def test_what_was_cached_before_is_outdated_after_redis_was_away(counted_there, waits):
    """Another process may have changed something, and died before it could tell."""
    results = cache_version.Results(cache_version.POSTS)
    answers = iter(["before", "after"])
    assert results.get("", lambda: next(answers)) == results.get("", lambda: "never") == "before"
    counted_there.pause(signal.SIGSTOP)
    with pytest.raises(RedisError):
        cache_version.counter().read()
    cache_version.current()
    counted_there.pause(signal.SIGCONT)
    waits(is_back(counted_there))
    assert results.get("", lambda: next(answers)) == results.get("", lambda: "never") == "after"


def test_a_change_in_progress_is_seen_by_a_machine_whose_clock_is_wrong(redis_server, monkeypatch):
    one, other = RedisCounter(redis_server.url), RedisCounter(redis_server.url)
    mark = one.begin_change()
    for wrong in (-3600, 3600):
        now = time.time() + wrong
        monkeypatch.setattr(time, "time", lambda now=now: now)
        assert other.is_changing()
    one.end_change(mark)
    assert not other.is_changing()


def test_the_mark_of_a_process_that_died_ends_by_itself(redis_server, monkeypatch, waits):
    monkeypatch.setattr(RedisCounter, "timeout", 1)
    counter = RedisCounter(redis_server.url)
    counter.begin_change()
    assert counter.is_changing()
    waits(lambda: not counter.is_changing())


def test_a_session_in_redis_outlives_a_minute_without_it(counted_there, waits, settings, monkeypatch):
    """Django's own store would take the silence for an unknown session, and its middleware would delete the cookie."""
    monkeypatch.setitem(settings.CACHES, "sessions", {"BACKEND": "core.shared_cache.SessionCache",
                                                      "LOCATION": counted_there.url})  # fmt: skip
    monkeypatch.setattr(caches, "settings", settings.CACHES)
    settings.SESSION_CACHE_ALIAS = "sessions"
    session = SessionStore()
    session["who"] = "Ada"
    session.save()
    counted_there.pause(signal.SIGSTOP)
    again = SessionStore(session.session_key)
    with pytest.raises(OperationalError):
        again["who"]
    assert again.is_unreachable, "the middleware leaves the cookie alone"
    counted_there.pause(signal.SIGCONT)
    waits(is_back(counted_there))
    assert SessionStore(session.session_key)["who"] == "Ada"
    assert isinstance(caches["sessions"], SessionCache)
    session.delete()
    assert "who" not in SessionStore(session.session_key)
