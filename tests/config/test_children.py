"""The parent of the web server and the worker, with children that are quick to raise."""

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

pytestmark = pytest.mark.process

PARENT = """
    import sys
    from functools import partial
    from config.children import Children, GaveUp

    commands = {name: [sys.executable, "-c", code] for name, code in zip(sys.argv[1::2], sys.argv[2::2])}
    try:
        Children(commands, partial(print, flush=True)).watch()
    except GaveUp as reason:
        sys.exit(str(reason))
    print("ended", flush=True)
"""
SLEEPER = "import time; print('up\\n', end='', flush=True); time.sleep(60)"
STUBBORN = "import signal, time; signal.signal(15, signal.SIG_IGN); print('up\\n', end='', flush=True); time.sleep(60)"


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
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
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
    assert output.strip().endswith("the web server ended 6 times within a minute (exit code 7)")
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)


def test_who_asks_twice_need_not_wait_for_a_stubborn_child(parent):
    process = parent("one", STUBBORN)
    assert lines(process, 1) == ["up"]
    began = time.monotonic()
    process.terminate()
    time.sleep(0.5)
    assert process.poll() is None
    process.terminate()
    assert process.wait(5) == 0
    assert time.monotonic() - began < 5
