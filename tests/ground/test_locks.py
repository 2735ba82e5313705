"""The turn of those who write: one thread after the other, and nobody for ever."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from ground import locks


@pytest.fixture
def inside():
    """How many were in their turn together, at each entry."""
    return {"now": 0, "seen": []}


def take_a_turn(inside):
    with locks.in_turn():
        inside["now"] += 1
        inside["seen"].append(inside["now"])
        time.sleep(0.01)
        inside["now"] -= 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="elsewhere the database lets many write at once")
def test_one_thread_after_the_other_writes_to_sqlite(inside):
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(take_a_turn, [inside] * 8))
    assert inside["seen"] == [1] * 8


def test_who_has_waited_long_enough_goes_in_beside(monkeypatch, inside):
    monkeypatch.setattr(locks, "_PATIENCE", 0.05)
    held, let_go = threading.Event(), threading.Event()

    def keep_everybody_waiting():
        with locks.in_turn():
            held.set()
            let_go.wait(5)

    with ThreadPoolExecutor(1) as other:
        done = other.submit(keep_everybody_waiting)
        held.wait(5)
        take_a_turn(inside)
        assert not done.done()
        let_go.set()
    take_a_turn(inside)
    assert inside["seen"] == [1, 1]


def test_a_turn_that_ends_badly_is_over(inside):
    with pytest.raises(ZeroDivisionError), locks.in_turn():
        raise ZeroDivisionError
    take_a_turn(inside)
    assert inside["seen"] == [1]
