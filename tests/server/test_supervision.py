"""The supervisor in this process, with small real children and with such as only say how they ended."""

import os
import signal
import sys
import threading
import time
from contextlib import contextmanager

import pytest

from server import supervisor
from server.supervisor import Child, Supervisor, TooManyRestarts

SLEEP = [sys.executable, "-S", "-c", "import time; time.sleep(60)"]
STUBBORN = "import signal, sys, time; signal.signal(15, signal.SIG_IGN); open(sys.argv[1], 'w').close(); time.sleep(60)"


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(supervisor, "POLL_SECONDS", 0.01)
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


class Process:
    """A process that ends with `code` when it is asked, or at once."""

    pid = 2**22 + 7  # no process has it

    def __init__(self, code=None, *, stubborn=False):
        self.returncode, self.stubborn, self.signals = code, stubborn, []

    def poll(self):
        return self.returncode

    def terminate(self):
        self.signals.append("terminate")
        if not self.stubborn:
            self.returncode = -15

    def kill(self):
        self.signals.append("kill")
        self.returncode = -9

    def wait(self):
        return self.returncode


@contextmanager
def ending(monkeypatch, *processes):
    """Whatever is started is the next of these processes."""
    made = iter(processes)
    monkeypatch.setattr(supervisor, "ForkedProcess", lambda name, function: next(made))
    yield


def supervised(*names, **options):
    said = []
    found = Supervisor({name: lambda: None for name in names}, said.append, **options)
    return found, said


def test_real_children_run_until_they_are_asked_to_stop_and_none_is_left():
    said, ticks = [], []
    running = Supervisor({"one": SLEEP, "two": SLEEP}, said.append)
    running.run(lambda: ticks.append(running.handle_signal(signal.SIGTERM, None)))
    assert len(ticks) == 1 and said == []
    for child in running.children:
        assert child.process.returncode == -signal.SIGTERM
        with pytest.raises(ProcessLookupError):
            os.kill(child.process.pid, 0)


def test_a_real_child_that_does_not_end_in_time_is_killed(monkeypatch, tmp_path):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.05)
    said, ready = [], tmp_path / "ready"
    command = [sys.executable, "-S", "-c", STUBBORN, str(ready)]
    running = Supervisor({"one": command}, said.append, own_groups=False)
    running.run(lambda: ready.exists() and running.stop.set())
    assert said == ["The one did not end within 0.05 s and was stopped."]
    assert running.children[0].process.returncode == -signal.SIGKILL


def test_the_first_signal_asks_and_a_later_one_insists(monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 60)
    process = Process(stubborn=True)
    running, said = supervised("one")
    running.handle_signal(signal.SIGINT, None)
    running.handle_signal(signal.SIGINT, None)
    assert running.stop.is_set() and not running.is_urgent, "under make the first one arrives twice"
    monkeypatch.setattr(supervisor, "SECOND_SIGNAL_SECONDS", -1)
    running.handle_signal(signal.SIGINT, None)
    assert running.is_urgent
    running.children[0].process = process
    running.stop_all()
    assert process.signals == ["terminate", "kill"] and said == []


def test_the_pauses_before_restarts_grow_and_one_that_answers_waits_a_second_at_most(monkeypatch):
    child = Child("web server", [])
    child.started_at = time.monotonic()
    assert [child.pause() for _death in range(9)] == [0, 1, 2, 4, 8, 16, 30, 30, 30]
    child.answers = True
    assert child.pause() == supervisor.LONGEST_PAUSE_OF_ANSWERING
    child.answers, child.started_at = False, time.monotonic() - supervisor.STEADY_SECONDS
    assert child.pause() == 0 and child.has_answered, "one that has lived long begins anew"


def test_a_child_that_ends_is_started_again_at_once_and_then_after_a_pause(monkeypatch):
    running, said = supervised("web server")
    [child] = running.children
    second, third = Process(1), Process()
    with ending(monkeypatch, Process(3), second, third):
        running.start(child)
        running.look_after(child)
        assert child.process is second and said == ["The web server ended (exit code 3); starting it again."]
        running.look_after(child)
        assert child.process is None and said[1] == "The web server ended (exit code 1); starting it again in 1 s."
        running.look_after(child)
        assert child.process is None, "not before its time"
        child.restart_at = time.monotonic()
        running.look_after(child)
        assert child.process is third
    running.look_after(child)
    assert len(said) == 2


def test_one_that_never_answers_is_given_up_and_the_others_are_stopped(monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSES", (0,))
    other = Process()
    running, said = supervised("worker", "web server")
    broken = [Process(1) for _start in range(supervisor.MAX_DEATHS)]
    with (
        ending(monkeypatch, other, *broken),
        pytest.raises(TooManyRestarts, match="web server ended 6 times and"),
    ):
        running.run()
    assert other.signals == ["terminate"] and len(said) == supervisor.MAX_DEATHS - 1


def test_one_that_has_answered_once_is_never_given_up(monkeypatch):
    monkeypatch.setattr(supervisor, "PAUSES", (0,))
    asked = []
    running, said = supervised("web server", has_answered=lambda name: asked.append(name) or True)
    [child] = running.children
    with ending(monkeypatch, Process(), *(Process(1) for _start in range(9)), Process()):
        running.start(child)
        running.look_after(child)
        running.look_after(child)
        assert asked == ["web server"], "it is not asked again after its answer"
        child.process.returncode = 1
        for _death in range(10):
            running.look_after(child)
    assert len(said) == 10


def test_what_a_dead_child_has_left_is_killed_with_its_group(monkeypatch):
    groups = []
    monkeypatch.setattr(os, "killpg", lambda group, number: groups.append((group, number)))
    running, _said = supervised("web server")
    with ending(monkeypatch, Process(1), Process()):
        running.start(running.children[0])
        running.look_after(running.children[0])
    assert groups == [(Process.pid, signal.SIGKILL)]
    running.own_groups = False  # as under the debugger's server
    running.kill_group(running.children[0])
    assert len(groups) == 1


def test_signals_reach_the_supervisor_while_it_runs(monkeypatch):
    running, _said = supervised("worker")
    with ending(monkeypatch, Process()):
        timer = threading.Timer(0.05, signal.raise_signal, [signal.SIGTERM])
        running.run(lambda: timer.ident or timer.start())
    timer.join()
    assert running.signalled_at > 0
