from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.http import HttpResponse

from core import rate_limits


@pytest.fixture
def clock(monkeypatch):
    """A clock that the test puts forward and back."""

    class Clock:
        now = 1_800_000_000.0

        def time(self):
            return self.now

        def __getattr__(self, name):
            return getattr(limits_time, name)

    limits_time = rate_limits.time
    clock = Clock()
    monkeypatch.setattr(rate_limits, "time", clock)
    return clock


@pytest.mark.parametrize(
    ("name", "times", "seconds"),
    [
        ("comment", 1, 15),
        ("comment_network", 40, 60),
        ("comment_site", 120, 60),
        ("draft", 20, 3600),
        ("search", 30, 60),
        ("post_password", 10, 600),
        ("login", 10, 60),
        ("preview", 30, 60),
    ],
)
def test_the_table_says_how_often(clock, name, times, seconds):
    assert [rate_limits.hit(name, "Mallory") for _ in range(times)] == [0] * times
    assert rate_limits.hit(name, "Mallory") == seconds
    clock.now += seconds - 0.5
    assert rate_limits.hit(name, "Mallory") == 1
    clock.now += 0.5
    assert rate_limits.hit(name, "Mallory") == 0


def test_one_person_does_not_use_up_the_turns_of_another(clock):
    assert rate_limits.hit("comment", "Mallory") == 0
    assert rate_limits.hit("comment", "Mallory") == 15
    assert rate_limits.hit("comment", "Rene") == 0


def test_knocking_while_one_waits_makes_nobody_wait_longer(clock):
    rate_limits.hit("comment", "Mallory")
    for _ in range(10):
        clock.now += 1
        assert rate_limits.hit("comment", "Mallory") == 15 - _ - 1
    clock.now += 5
    assert rate_limits.hit("comment", "Mallory") == 0


def test_the_window_slides(clock):
    for _ in range(10):
        assert rate_limits.hit("login", "here") == 0
        clock.now += 5
    assert rate_limits.hit("login", "here") == 10
    clock.now += 10
    assert rate_limits.hit("login", "here") == 0
    assert rate_limits.hit("login", "here") == 5


def test_several_limits_count_together_or_not_at_all(clock):
    for n in range(40):
        assert rate_limits.hit_all(("comment", f"guest {n}"), ("comment_network", "net"), ("comment_site", "")) == 0
    assert rate_limits.hit_all(("comment", "guest 41"), ("comment_network", "net"), ("comment_site", "")) == 60
    assert rate_limits.hit("comment", "guest 41") == 0, "a hit that another limit refused must not count here"


def test_a_clock_put_back_an_hour_locks_nobody_out(clock):
    rate_limits.hit("comment", "Rene")
    clock.now -= 3600
    assert rate_limits.hit("comment", "Rene") == 0
    assert rate_limits.hit("comment", "Rene") == 15


def test_a_clock_put_forward_a_day_lets_everybody_in(clock):
    for _ in range(10):
        rate_limits.hit("post_password", "post 1")
    clock.now += 24 * 3600
    assert rate_limits.hit("post_password", "post 1") == 0


def test_fifty_threads_at_once_get_no_more_turns_than_the_table_gives():
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: rate_limits.hit("login", "one network"), range(50)))
    assert answers.count(0) == 10


def test_somebody_who_died_in_the_middle_is_not_waited_for(in_time):
    place = rate_limits._cache_key("login", "here")
    cache.add(f"{place}:turn", 1, timeout=60)
    with in_time(2):
        assert rate_limits.hit("login", "here") == 0


def test_limits_can_be_lifted_for_measuring_but_not_misspelt(settings):
    settings.LONGRUN_LIMITS = False
    assert [rate_limits.hit("comment", "bench") for _ in range(50)] == [0] * 50
    with pytest.raises(KeyError):
        rate_limits.hit("no-such-kind", "bench")


def test_a_cache_that_is_away_lets_people_in_and_says_so(settings, caplog):
    settings.CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": "redis://127.0.0.1:1"}
    }
    assert rate_limits.hit("comment", "Rene") == 0
    assert "rate limits are not applied" in caplog.text


def test_the_cache_does_not_learn_who_it_was():
    rate_limits.hit("comment", "rene@example.org")
    assert not [key for key in cache._cache if "rene" in key]
    assert [key for key in cache._cache if "limit:comment:" in key]


def test_who_is_too_fast_learns_when_to_come_back_and_keeps_the_page():
    answer = rate_limits.too_many_requests(HttpResponse("the form, with the text"), 12)
    assert (answer.status_code, answer["Retry-After"]) == (429, "12")
    assert answer.content == b"the form, with the text"


def test_a_flood_from_a_thousand_networks_makes_nobody_forgotten():
    rate_limits.hit("comment", "Mallory")
    for n in range(1000):
        rate_limits.hit_all(("comment", f"guest {n}"), ("comment_network", f"network {n}"))
    assert rate_limits.hit("comment", "Mallory") > 0


def test_what_is_taken_back_counts_no_more(clock):
    for _time in range(12):
        assert not rate_limits.hit_all(("password", "ann"), ("password_address", "ann"))
        rate_limits.undo_hits(("password", "ann"), ("password_address", "ann"))
    for _time in range(5):
        assert not rate_limits.hit("password", "ann")
    assert rate_limits.hit("password", "ann")
    rate_limits.undo_hits(("password", "nobody yet"))
