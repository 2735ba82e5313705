"""The parent of the web server and the worker, with children that are quick to raise."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from contextlib import suppress
from types import SimpleNamespace

import pytest

from server import supervisor
from tests.pace import allowed

pytestmark = pytest.mark.process

PARENT = """
    import sys
    from functools import partial
    from server import supervisor
    from server.supervisor import Supervisor, TooManyRestarts
    supervisor.PAUSES, supervisor.STEADY_SECONDS = (0, 0.2, 0.4), 3

    commands = {name: [sys.executable, "-c", code] for name, code in zip(sys.argv[1::2], sys.argv[2::2])}
    try:
        Supervisor(commands, partial(print, flush=True)).run()
    except TooManyRestarts as reason:
        sys.exit(str(reason))
    print("ended", flush=True)
"""
SLEEPER = "import time; print('up\\n', end='', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up\\n', end='', flush=True); time.sleep(60)"


FORKING = """
    import os, signal, sys, time
    from functools import partial
    from server import supervisor
    from server.supervisor import Supervisor, TooManyRestarts
    supervisor.PAUSES = (0, 0.1)

    def sleeper(name):
        print(name, "up", signal.getsignal(signal.SIGTERM) is signal.SIG_DFL, flush=True)
        time.sleep(60)

    def once(path):
        if not os.path.exists(path):
            os.mkdir(path)
            print("first", flush=True)
            sys.exit(3)
        sleeper("again")

    def broken():
        raise ZeroDivisionError

    made = {"sleeper": partial(sleeper, "one"), "broken": broken, "once": partial(once, sys.argv[1])}
    try:
        Supervisor({name: made[name] for name in sys.argv[2:]}, partial(print, flush=True)).run()
    except TooManyRestarts as reason:
        sys.exit(str(reason))
    print("ended", flush=True)
"""


@pytest.fixture
def forking(tmp_path):
    """forking(name, …) starts a parent that forks these children."""
    started = []

    def start(*names):
        command = [sys.executable, "-c", textwrap.dedent(FORKING), str(tmp_path / "first"), *names]
        environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "LONGRUN_DATA": str(tmp_path)}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, **pipes, text=True, process_group=0, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


@pytest.fixture
def parent():
    """parent(name, code, …) starts a parent of these children."""
    started = []

    def start(*children):
        command = [sys.executable, "-c", textwrap.dedent(PARENT), *children]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = subprocess.Popen(command, **pipes, text=True, process_group=0)
        started.append(process)
        return process

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def lines(process, count):
    return [process.stdout.readline().strip() for _ in range(count)]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_parent_ends_the_children_too(parent, number):
    process = parent("one", SLEEPER, "two", SLEEPER)
    assert lines(process, 2) == ["up", "up"]
    process.send_signal(number)
    assert lines(process, 1) == ["ended"]
    assert process.wait(5) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_child_that_dies_is_started_again(parent, tmp_path):
    once = f"import os; os.mkdir({str(tmp_path / 'first')!r}); print('up\\n', end='', flush=True); exit(3)"
    process = parent("worker", f"try:\n    {once}\nexcept FileExistsError:\n    {SLEEPER}")
    assert lines(process, 3) == ["up", "The worker ended (exit code 3); starting it again.", "up"]


def test_a_child_that_keeps_dying_ends_it_all(parent):
    process = parent("web server", "raise SystemExit(7)", "worker", SLEEPER)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1
    assert output.count("starting it again") == 5
    assert "The web server ended (exit code 7); starting it again in 0.4 s." in output
    assert output.strip().endswith("the web server ended 6 times and has never answered (exit code 7)")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_a_child_that_has_once_answered_is_started_again_for_ever(parent):
    process = parent("web server", "import os, time; time.sleep(3.5 if os.path.exists('/') else 0); exit(7)")
    told = lines(process, 2)
    assert told == ["The web server ended (exit code 7); starting it again."] * 2, "each was the first in a row"


def test_pauses_grow_to_half_a_minute(monkeypatch):
    child, now = supervisor.Child("one", []), [100.0]
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    pauses = []
    for lived in [1, 9, 5, 0, 0, 0, 0, 0, 11, 1]:
        child.started_at = now[0]
        now[0] += lived
        pauses.append(child.pause())
    assert pauses == [0, 1, 2, 4, 8, 16, 30, 30, 0, 1] and child.has_answered


def test_a_child_that_answers_and_dies_again_and_again_is_started_within_a_second(monkeypatch):
    answers, now, told = iter([True, False, True]), [100.0], []
    monkeypatch.setattr(supervisor.time, "monotonic", lambda: now[0])
    parent = supervisor.Supervisor({"web server": []}, told.append, has_answered=lambda name: next(answers))
    [child] = parent.children
    child.deaths, parent.kill_group = 5, lambda child: None

    def start(child):
        child.process, child.started_at, child.answers = SimpleNamespace(poll=lambda: None, returncode=9), now[0], False

    def lived_and_died():
        parent.look_after(child)
        child.process.poll = lambda: 9
        parent.look_after(child)
        now[0] = child.restart_at
        parent.look_after(child)

    parent.start = start
    start(child)
    for _time in range(3):
        lived_and_died()
    assert [line.rpartition("again")[2] for line in told] == [" in 1 s.", " in 30 s.", " in 1 s."]


def test_what_a_dead_child_has_started_is_ended_before_it_starts_again(parent):
    grandchild = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])"
    once = f"{grandchild}; print('up', flush=True); import os; os.kill(os.getpid(), 9)"
    process = parent("one", once)
    output, _ = process.communicate(timeout=60)  # ends when nobody holds the pipe any more
    assert output.count("up") == 6


def test_where_processes_are_not_forked_a_pipe_ends_them_with_their_parent(parent, tmp_path):
    (tmp_path / "sleeper.py").write_text(SLEEPER)
    sleeper = repr(str(tmp_path / "sleeper.py"))
    code = f"import sys; from server import parent_pipe; parent_pipe.main({sleeper})"
    process = parent("one", code)
    assert lines(process, 1) == ["up"]
    process.kill()
    assert process.stdout.read() == "", "the pipe ends when no child holds it any more"


def test_who_asks_twice_need_not_wait_for_a_stubborn_child(parent):
    process = parent("one", STUBBORN)
    assert lines(process, 1) == ["up"]
    began = time.monotonic()
    process.terminate()
    time.sleep(0.5)
    assert process.poll() is None
    process.terminate()
    assert process.wait(5) == 0
    assert time.monotonic() - began < allowed(5)


linux = pytest.mark.skipif(sys.platform != "linux", reason="children are forked on Linux alone")


@linux
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_the_parent_ends_forked_children_too(forking, number):
    process = forking("sleeper")
    assert lines(process, 1) == ["one up True"], "the child has not the parent's handlers"
    process.send_signal(number)
    assert lines(process, 1) == ["ended"]
    assert process.wait(60) == 0
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


@linux
def test_forked_children_end_with_a_parent_that_was_killed(forking):
    process = forking("sleeper")
    assert lines(process, 1) == ["one up True"]
    process.kill()
    assert process.stdout.read() == "", "the pipe ends when no child holds it any more"


@linux
def test_a_forked_child_that_ends_is_forked_again(forking):
    process = forking("once")
    assert lines(process, 3) == ["first", "The once ended (exit code 3); starting it again.", "again up True"]


@linux
def test_a_forked_child_that_keeps_failing_ends_it_all(forking):
    process = forking("broken", "sleeper")
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert output.count("ZeroDivisionError") == 6 and output.count("starting it again") == 5
    assert output.strip().endswith("the broken ended 6 times and has never answered (exit code 1)")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


IN_A_STORM = """
    import signal
    from server.supervisor import Supervisor
    from core.stop_flag import StopFlag

    stop, handle = {asked}
    signal.signal(signal.SIGTERM, handle)
    signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 0.00005, 0.00005)  # twenty thousand a second
    for _number in range(2_000):
        signal.raise_signal(signal.SIGTERM)
        stop.wait(0.0001)
    print("through", stop.is_set())
"""
ASKED = {
    "the parent": "((supervisor := Supervisor({}, print)).stop, supervisor.handle_signal)",
    "a worker": "(flag := StopFlag(), lambda *_: flag.set())",
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_a_signal_within_a_signal_holds_nothing_up(asked):
    """`make` passes on a signal that it gets together with us. An Event takes a lock in its set(): it hung for ever."""
    code = textwrap.dedent(IN_A_STORM).replace("{asked}", asked)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout == "through True\n", done.stderr


def test_a_signal_that_comes_twice_at_once_leaves_a_child_its_time(parent):
    slow = "import signal, time\nsignal.signal(15, lambda *_: (time.sleep(1), print('done', flush=True), exit()))\n"
    process = parent("one", f"{slow}print('up', flush=True)\ntime.sleep(60)")
    assert lines(process, 1) == ["up"]
    process.terminate()
    process.terminate()
    assert lines(process, 2) == ["done", "ended"]
