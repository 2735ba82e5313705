"""The turn of those who write: one thread after the other, and nobody for ever; and files that a few may hold."""

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from subprocess import PIPE

import pytest
from django.conf import settings
from django.db import connection

from core import file_locks


@pytest.fixture
def inside():
    """How many were in their turn together, at each entry."""
    return {"now": 0, "seen": []}


def take_a_turn(inside):
    with file_locks.serialize_writes():
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
    monkeypatch.setattr(file_locks, "_WRITE_TIMEOUT", 0.05)
    held, let_go = threading.Event(), threading.Event()

    def keep_everybody_waiting():
        with file_locks.serialize_writes():
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
    with pytest.raises(ZeroDivisionError), file_locks.serialize_writes():
        raise ZeroDivisionError
    take_a_turn(inside)
    assert inside["seen"] == [1]


def test_as_many_as_there_are_files_hold_one_whichever_thread_or_process_they_are(tmp_path):
    files = [tmp_path / "1.lock", tmp_path / "2.lock"]
    code = (
        "import sys, pathlib; from core.file_locks import lock_any\n"
        "with lock_any([pathlib.Path(name) for name in sys.argv[1:]], timeout=9): print('held', flush=True); input()"
    )
    command = [sys.executable, "-c", code, *files]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, cwd=settings.BASE_DIR) as other:
        assert other.stdout.readline().strip() == b"held"
        with (
            file_locks.lock_any(files, timeout=0),
            pytest.raises(file_locks.AlreadyLocked),
            file_locks.lock_any(files, timeout=0.1),
        ):
            pass
        with file_locks.lock_any(files, timeout=0):
            other.stdin.close()  # it ends, and lets go
            with file_locks.lock_any(files, timeout=9):
                pass
