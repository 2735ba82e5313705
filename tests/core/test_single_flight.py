"""Of the readers who need the same result at once, one computes it, and nobody waits where it could hold up others."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from core import cache_version, single_flight
from tests.pace import allowed

READERS = 6


class Result:
    """A cached result whose computation waits until the test lets it go on."""

    def __init__(self):
        self.computed, self.began, self.goes_on, self.fails = (
            [],
            threading.Event(),
            threading.Event(),
            threading.Event(),
        )
        self.read = cache_version.cached_per_version()(self.compute)

    def compute(self):
        number = len(self.computed) + 1
        self.computed.append(number)
        self.began.set()
        if number == 1:
            assert self.goes_on.wait(60)
            if self.fails.is_set():
                raise SystemExit("in the middle of it")
        return number

    def wait_until_begun(self):
        assert self.began.wait(60)


@pytest.fixture
def result():
    return Result()


@pytest.fixture
def readers():
    with ThreadPoolExecutor(READERS) as pool:
        yield pool


@pytest.fixture
def patience(monkeypatch):
    """Nobody's two seconds end before the test does: where one computes for all, however slow this machine is."""
    monkeypatch.setattr(single_flight, "WAIT_SECONDS", 60)


def test_six_readers_after_a_change_compute_it_once(result, readers, patience):
    asked = [readers.submit(result.read) for _reader in range(READERS)]
    result.wait_until_begun()
    time.sleep(0.2)
    result.goes_on.set()
    assert {each.result(60) for each in asked} == {1}
    assert result.computed == [1]


def test_whoever_comes_after_a_change_does_not_wait_for_what_was_begun_before(result, readers, patience):
    first = readers.submit(result.read)
    result.wait_until_begun()
    cache_version.increment()
    assert readers.submit(result.read).result(60) == 2
    result.goes_on.set()
    assert first.result(60) == 1
    assert result.read() == 2, "what is of an older version takes nobody's place"


def test_one_that_dies_frees_the_place_for_the_next(result, readers, patience):
    result.fails.set()
    asked = [readers.submit(result.read) for _reader in range(READERS)]
    result.wait_until_begun()
    time.sleep(0.2)
    result.goes_on.set()
    failed = [each for each in asked if isinstance(each.exception(60), SystemExit)]
    assert len(failed) == 1
    assert {each.result() for each in asked if each not in failed} == {2}
    assert result.computed == [1, 2], "one of the others, and for all of them"


def test_nobody_waits_longer_than_two_seconds(result, readers):
    assert single_flight.WAIT_SECONDS == 2
    first = readers.submit(result.read)
    result.wait_until_begun()
    began = time.monotonic()
    assert readers.submit(result.read).result(60) == 2
    assert 1.9 < time.monotonic() - began < allowed(20)
    result.goes_on.set()
    assert first.result(60) == 1


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_who_holds_a_transaction(result, readers, patience):
    """The one who computes may need a lock that this transaction holds."""

    def read_in_transaction():
        try:
            with transaction.atomic():
                return result.read()
        finally:
            connection.close()

    first = readers.submit(result.read)
    result.wait_until_begun()
    assert readers.submit(read_in_transaction).result(60) == 2
    assert not result.goes_on.is_set()
    result.goes_on.set()
    assert first.result(60) == 1


def test_a_result_that_asks_for_itself_does_not_wait_for_itself(patience):
    deep = []

    @cache_version.cached_per_version()
    def result():
        deep.append(1)
        return result() if len(deep) == 1 else "found"

    assert result() == "found"


def test_none_is_a_result_too():
    computed = []
    result = cache_version.cached_per_version()(lambda: computed.append(1))
    assert (result(), result(), computed) == (None, None, [1])


def test_nothing_is_left_when_all_have_it(readers):
    flights, found = single_flight.SingleFlight(), {}

    def compute():
        found["x"] = threading.get_ident()
        return found["x"]

    asked = [readers.submit(flights.run, "x", lambda: found.get("x"), compute) for _reader in range(READERS)]
    assert len({each.result(60) for each in asked}) == 1
    assert not flights.under_way
