"""Run a function in a child process, with limits on time and memory, so that slow work does not block web requests.

Python runs one thread at a time: a text that takes ten seconds to render would delay every page of the web process. A
new `python -m core.child` was chosen over a pool of workers (which keeps its memory and must be supervised) and over
fork (which is not safe with the server's threads). It starts without the project's apps in a third of a second, has
access to neither the database nor secrets, and is killed when it exceeds a limit. `Child` keeps one for many calls.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from math import ceil
from pathlib import Path
from types import TracebackType
from typing import IO, Any, cast

from django.conf import settings

from core.file_locks import AlreadyLocked, lock_any

MAX_CHILDREN = 2  # per data folder, for the web process and the worker together
WAITING = 1  # threads of a web process that may wait for a child process; the others stay free for requests
PATIENCE = 600  # seconds that the worker and commands wait for a turn

# How many more threads may wait, in web processes; None: no limit.
_waiting: threading.BoundedSemaphore | None = None

ROOT = Path(__file__).resolve().parent.parent
_ENVIRONMENT = ("PATH", "SYSTEMROOT", "LD_LIBRARY_PATH", "LANG", "LC_ALL", "TMPDIR", "TEMP")
_COMMAND = (sys.executable, "-m", "core.child")
_CPU_LIMIT_REACHED = -getattr(signal, "SIGXCPU", 0)


class LimitExceeded(Exception):
    """The child took too long or too much memory; the argument is "time" or "memory"."""


class Busy(LimitExceeded):
    """The limit of waiting threads of this process is reached."""


def limit_waiting(most: int = WAITING) -> None:
    """Limit the waiting threads of this process. A web process calls it once, since a waiting thread cannot handle
    requests; in the worker and in commands there is no limit."""
    global _waiting
    _waiting = threading.BoundedSemaphore(most)


def call(function: str, arguments: dict[str, Any], *, seconds: float, memory: int) -> Any:
    """Call `function` ("package.module.name") with keyword `arguments`; arguments and result are JSON values.

    Raises LimitExceeded, and Busy at once if too many threads of this process wait for a child already.

    `seconds` limits both the elapsed time and the CPU time; `memory` limits the address space, in bytes. In a web
    process the wait for other children is part of `seconds`; elsewhere nobody waits for the answer, so `seconds` begin
    with the child, and the wait has the limit `PATIENCE`.
    """
    deadline = time.monotonic() + seconds
    question = {"function": function, "arguments": arguments, "memory": memory, "seconds": ceil(seconds)}
    turns = _turns()
    with ExitStack() as turn:
        try:
            turn.enter_context(lock_any(turns, timeout=0))
        except AlreadyLocked:
            _wait(turn, turns, seconds)
            if _waiting is None:
                deadline = time.monotonic() + seconds
        return _run(json.dumps(question).encode(), deadline)


class Child:
    """A child process for several calls, which works while this process does something else.

        with Child("package.module.name", seconds=60, memory=2**29) as child:
            child.send(arguments)
            ...
            result = child.receive()

    Each `send` is followed by one `receive` before the next. It takes the last turn, so that web requests keep the
    others; Busy if that is taken. `seconds` limits the CPU time of each call, `memory` the address space in bytes.
    """

    def __init__(self, function: str, *, seconds: float, memory: int) -> None:
        self.question = {"function": function, "memory": memory, "seconds": ceil(seconds)}
        with ExitStack() as held:
            try:
                held.enter_context(lock_any(_turns()[-1:], timeout=0))
            except AlreadyLocked:
                raise Busy("busy") from None
            self.process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=ROOT,
                env=_environment(),
            )
            self.held = held.pop_all()
        self.stdin, self.stdout = cast("IO[bytes]", self.process.stdin), cast("IO[bytes]", self.process.stdout)

    def send(self, arguments: dict[str, Any]) -> None:
        """Begin a call. A child that has died is noticed by `receive`."""
        with suppress(BrokenPipeError):
            self.stdin.write(json.dumps(self.question | {"arguments": arguments}).encode() + b"\n")
            self.stdin.flush()

    def receive(self) -> Any:
        """Wait for the result of the call. Raises LimitExceeded if the child has died of it; then it is of no use."""
        line = self.stdout.readline()
        if not line.endswith(b"\n"):
            raise LimitExceeded("time" if self.process.wait() == _CPU_LIMIT_REACHED else "memory")
        return json.loads(line)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.stdout.close()
        with suppress(BrokenPipeError):
            self.stdin.close()
        self.held.close()

    def __enter__(self) -> "Child":
        return self

    def __exit__(self, kind: type | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def _turns() -> list[Path]:
    return [settings.LONGRUN_DATA / f"child-{number}.lock" for number in range(1, MAX_CHILDREN + 1)]


def _wait(turn: ExitStack, turns: Sequence[Path], seconds: float) -> None:
    waiting = _waiting
    if waiting is not None and not waiting.acquire(blocking=False):
        raise Busy("busy")
    try:
        turn.enter_context(lock_any(turns, timeout=PATIENCE if waiting is None else seconds))
    except AlreadyLocked:
        raise LimitExceeded("time") from None
    finally:
        if waiting is not None:
            waiting.release()


def _run(question: bytes, deadline: float) -> Any:
    try:
        done = subprocess.run(
            _COMMAND,
            input=question,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=_environment(),
            timeout=max(0.1, deadline - time.monotonic()),
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise LimitExceeded("time") from None
    if done.returncode:
        raise LimitExceeded("time" if done.returncode == _CPU_LIMIT_REACHED else "memory")
    return json.loads(done.stdout)


def _environment() -> dict[str, str]:
    known = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    return known | {"MALLOC_ARENA_MAX": "2"}  # each arena takes address space, whether used or not
