"""Work that would hold up readers is done in a process of its own.

Python runs one thread at a time: a text that takes ten seconds would hold up every page of the web process. A fresh
`python -m core.child` was chosen over a pool of workers (which keeps its memory, and has to be watched) and over fork
(which is not safe beside the server's own threads). It starts without the project's apps in a third of a second, knows
neither database nor secrets, may take so much memory, and is ended when its time is over.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from math import ceil
from pathlib import Path

from django.conf import settings

from core.file_locks import Taken, one_of

AT_ONCE = 2  # on one data folder: the web process and the worker together
WAITING = 2  # threads of a web process that wait for a turn; the others are for readers

_waiting = None  # in a process whose threads answer requests: how many more may wait

ROOT = Path(__file__).resolve().parent.parent
_PASSED_ON = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP")
_OVER_ITS_TIME = -getattr(signal, "SIGXCPU", 0)


class GaveUp(Exception):
    """The work took too long, or too much memory; the argument is "time" or "memory"."""


class Busy(GaveUp):
    """As many threads of this web process wait already as may wait."""


def limit_waiting(most: int = WAITING):
    """Called once where requests are answered: a thread that waits for a turn answers nobody else. Elsewhere, in the
    worker and in commands, everybody waits."""
    global _waiting
    _waiting = threading.BoundedSemaphore(most)


def call(function: str, arguments: dict, *, seconds: float, memory: int):
    """What `function` ("package.module.name") answers to `arguments`; both as JSON can hold them. Raises GaveUp, and
    Busy at once where too many wait.

    `seconds` are those of the clock, with the wait for a turn, and at most as many of the processor; `memory` is in
    bytes of address space.
    """
    deadline = time.monotonic() + seconds
    question = {"function": function, "arguments": arguments, "memory": memory, "seconds": ceil(seconds)}
    turns = [settings.LONGRUN_DATA / f"child-{number}.lock" for number in range(1, AT_ONCE + 1)]
    with ExitStack() as turn:
        try:
            turn.enter_context(one_of(turns, patience=0))
        except Taken:
            _wait(turn, turns, seconds)
        return _ask(json.dumps(question).encode(), deadline)


def _wait(turn, turns, seconds):
    waiting = _waiting
    if waiting is not None and not waiting.acquire(blocking=False):
        raise Busy("busy")
    try:
        turn.enter_context(one_of(turns, patience=seconds))
    except Taken:
        raise GaveUp("time") from None
    finally:
        if waiting is not None:
            waiting.release()


def _ask(question: bytes, deadline: float):
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "core.child"],
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=environment | {"MALLOC_ARENA_MAX": "2"},  # each arena takes address space, whether used or not
            timeout=max(0.1, deadline - time.monotonic()),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise GaveUp("time") from None
    if done.returncode:
        raise GaveUp("time" if done.returncode == _OVER_ITS_TIME else "memory")
    return json.loads(done.stdout)
