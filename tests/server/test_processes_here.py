"""What the processes of a blog do, called in this one: only ending it, forking and its limits are replaced."""

import io
import json
import os
import signal
import sys
import threading
from types import SimpleNamespace

import pytest

from core import child, jobs
from core.stop_flag import StopFlag
from server import allocators, command, connection_limit, forked_process, orphans, parent_pipe
from server.management.commands import worker

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


@pytest.fixture
def killed(monkeypatch):
    """The signals that would have been sent: (pid or group, number)."""
    sent = []
    monkeypatch.setattr(os, "kill", lambda pid, number: sent.append((pid, number)))
    monkeypatch.setattr(os, "killpg", lambda group, number: sent.append((f"group {group}", number)))
    return sent


# The child that core.child_process starts


@pytest.fixture
def limits(monkeypatch):
    import resource

    found = []
    monkeypatch.setattr(resource, "setrlimit", lambda which, limit: found.append((which, limit)))
    monkeypatch.setattr(os, "nice", lambda more: found.append(("nice", more)))
    return found


def test_the_child_answers_each_line_under_the_limits_of_its_call(limits, monkeypatch, capsys):
    import resource

    questions = [
        {"function": "textwrap.shorten", "arguments": {"text": "ten miles", "width": 5}, "memory": 2**29, "seconds": 7},
        {"function": "textwrap.dedent", "arguments": {"text": " a"}, "memory": 2**28, "seconds": 3},
    ]
    lines = b"".join(json.dumps(question).encode() + b"\n" for question in questions)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
    used = resource.getrusage(resource.RUSAGE_SELF)
    child.main()
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == ["[...]", "a"]
    assert limits[0] == ("nice", 5)
    memory = [limit for which, limit in limits if which == resource.RLIMIT_AS]
    assert memory == [(2**29, 2**29), (2**28, 2**28)]
    first, _second = [limit[0] for which, limit in limits if which == resource.RLIMIT_CPU]
    assert 7 <= first - (used.ru_utime + used.ru_stime) < 30, "what was used before is not counted"


def test_a_system_without_such_limits_does_without(monkeypatch, capsys):
    import resource

    def refuse(*_words):
        raise ValueError("not here")

    monkeypatch.setattr(resource, "setrlimit", refuse)
    monkeypatch.delattr(os, "nice")
    question = {"function": "textwrap.dedent", "arguments": {"text": " a"}, "memory": 1, "seconds": 1}
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(json.dumps(question).encode())))
    child.main()
    assert json.loads(capsys.readouterr().out) == "a"


# The pipe to the parent


@pytest.fixture
def pipe(monkeypatch):
    """(the end that the supervisor holds, an event that is set when this side has read its end)"""
    ours, theirs = os.pipe()
    read = os.read
    monkeypatch.setattr(os, "read", lambda _number, size: read(ours, size))
    yield theirs
    os.close(ours)


def test_a_process_ends_with_its_group_when_its_parent_does(pipe, killed):
    os.write(pipe, b"still here")
    ending = threading.Thread(target=parent_pipe.end_with_parent)
    ending.start()
    ending.join(0.05)
    assert ending.is_alive() and killed == []
    os.close(pipe)
    ending.join(10)
    assert killed == [("group 0", signal.SIGKILL), (os.getpid(), signal.SIGTERM)]


def test_it_runs_a_module_or_a_file_with_its_arguments(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(parent_pipe, "end_with_parent", lambda: None)
    monkeypatch.setattr(sys, "argv", ["before"])
    for folder, name in ((tmp_path, "printing_module"), (tmp_path, "manage")):
        (folder / f"{name}.py").write_text("import sys\nprint(__name__, *sys.argv[1:])\n")
    monkeypatch.syspath_prepend(tmp_path)
    parent_pipe.main("printing_module", "--port", "8000")
    parent_pipe.main(str(tmp_path / "manage.py"), "worker")
    assert capsys.readouterr().out == "__main__ --port 8000\n__main__ worker\n"


# The command of an installed wheel


@pytest.mark.parametrize("words, given", [(["run"], ["serve"]), (["doctor", "--json"], ["doctor", "--json"]), ([], [])])
def test_the_installed_command_has_a_word_of_its_own_for_serve(monkeypatch, words, given):
    called = []
    monkeypatch.setattr(sys, "argv", ["longrun", *words])
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setitem(sys.modules, "manage", SimpleNamespace(main=lambda: called.append(sys.argv[1:])))
    command.main()
    assert called == [given] and sys.path[0] == str(command.ROOT)


# Processes that have outlived their `serve`


class Processes:
    """A folder like /proc with the processes that a test makes."""

    def __init__(self, folder, data):
        self.folder, self.data = folder, data
        (folder / "self").mkdir()

    def add(self, pid, name, parent, words, *, state="S", data=None):
        place = self.folder / str(pid)
        place.mkdir()
        (place / "comm").write_text(f"{name}\n")
        (place / "stat").write_text(f"{pid} ({name}) x) {state} {parent} {pid} 0")
        (place / "cmdline").write_text(words)
        (place / "environ").write_bytes(f"HOME=/x\0LONGRUN_DATA={data or self.data}\0".encode())
        (place / "cwd").symlink_to(self.folder)


@pytest.fixture
def processes(settings, tmp_path, monkeypatch):
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.LONGRUN_DATA.mkdir()
    (tmp_path / "proc").mkdir()
    monkeypatch.setattr(orphans, "PROCESSES", tmp_path / "proc")
    return Processes(tmp_path / "proc", settings.LONGRUN_DATA)


def test_what_a_killed_serve_has_left_is_ended_and_the_children_of_a_living_one_are_not(processes, killed, tmp_path):
    serve = "python\0manage.py\0serve"
    processes.add(1, "systemd", 0, "/sbin/init")
    processes.add(10, "python", 1, serve)
    processes.add(11, "longrun web", 10, serve)
    processes.add(12, "longrun web", 11, serve)
    processes.add(20, "longrun web", 1, serve)
    processes.add(21, "longrun worker", 1, serve, state="Z")
    processes.add(22, "longrun worker", 1, serve, data=tmp_path / "another")
    processes.add(23, "longrun web", 20, serve)
    processes.add(30, "firefox", 1, "firefox")
    said, wait = [], orphans.Process.is_alive
    assert sorted(process.pid for process in orphans.find()) == [20, 23]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(orphans, "SECONDS", 0)
        orphans.end_orphans(said.append)
    assert sorted(killed) == [(20, signal.SIGKILL), (23, signal.SIGKILL)] and len(said) == 2
    assert "The web of a killed Longrun was still there (process 20); it is ended." in said
    assert wait(orphans.Process(20)), "a process of a folder does not end"


def test_it_waits_until_the_killed_process_is_gone(processes, monkeypatch, killed):
    processes.add(1, "systemd", 0, "/sbin/init")
    processes.add(20, "longrun web", 1, "python\0manage.py\0serve")
    stat, waits = processes.folder / "20" / "stat", []

    def sleep(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            stat.write_text("20 (longrun web) Z 1 20 0")

    monkeypatch.setattr(orphans.time, "sleep", sleep)
    orphans.end_orphans(lambda line: None)
    assert len(waits) == 2


def test_a_process_that_has_just_ended_is_nobodys(processes):
    gone = orphans.Process(99)
    assert (gone.name, gone.parent.pid, gone.is_alive(), gone.is_ours(), gone.data_folder()) == (
        "",
        0,
        False,
        False,
        None,
    )


def test_a_system_without_proc_has_no_orphans(monkeypatch, tmp_path):
    monkeypatch.setattr(orphans, "PROCESSES", tmp_path / "nothing")
    assert orphans.find() == []


# Forks


@pytest.fixture
def prctl(monkeypatch):
    asked = []
    monkeypatch.setattr(forked_process.ctypes, "CDLL", lambda _name: SimpleNamespace(prctl=lambda *w: asked.append(w)))
    return asked


@linux
def test_a_fork_ends_with_its_parent_even_if_that_has_died_already(prctl, killed):
    forked_process.end_with_parent(os.getppid())
    assert prctl == [(forked_process.PR_SET_PDEATHSIG, signal.SIGKILL)] and killed == []
    forked_process.end_with_parent(os.getppid() + 1)
    assert killed == [(os.getpid(), signal.SIGKILL)]


@pytest.fixture
def signals(monkeypatch):
    """What this process's handlers would have become: {number: handler}, and how signals would have been blocked."""
    changed = SimpleNamespace(handlers={}, masks=[])
    monkeypatch.setattr(signal, "signal", lambda number, handler: changed.handlers.update({number: handler}))
    monkeypatch.setattr(signal, "pthread_sigmask", lambda how, which: changed.masks.append((how, which)) or {"former"})
    return changed


@linux
def test_the_forks_of_the_web_server_have_no_handlers_of_this_process(monkeypatch, signals, prctl, killed):
    hooks = {}
    monkeypatch.setattr(os, "register_at_fork", lambda **functions: hooks.update(functions))
    forked_process.end_forks_with_this()
    hooks["before"]()
    hooks["after_in_parent"]()
    assert signals.masks == [(signal.SIG_BLOCK, forked_process.SIGNALS), (signal.SIG_SETMASK, {"former"})]
    assert signals.handlers == {} and prctl == []
    hooks["before"]()
    here = os.getpid()
    monkeypatch.setattr(os, "getppid", lambda: here)  # as in the child
    hooks["after_in_child"]()
    assert signals.handlers == dict.fromkeys(forked_process.SIGNALS, signal.SIG_DFL)
    assert prctl and killed == [] and signals.masks[-1] == (signal.SIG_SETMASK, {"former"})


@linux
def test_a_fork_leads_its_own_group_under_its_own_name_and_calls_its_function(monkeypatch, signals, prctl, tmp_path):
    groups, called = [], []
    monkeypatch.setattr(os, "setpgid", lambda *words: groups.append(words))
    monkeypatch.setattr(forked_process, "Path", lambda _name: tmp_path / "comm")
    forked_process._run("web server", lambda: called.append(True), os.getppid())
    assert groups == [(0, 0)] and called == [True] and (tmp_path / "comm").read_text() == "longrun web"
    assert signals.handlers == dict.fromkeys(forked_process.SIGNALS, signal.SIG_DFL)
    assert signals.masks == [(signal.SIG_UNBLOCK, forked_process.SIGNALS)]


# The worker, memory and files


def test_the_worker_stops_at_sigterm_and_ctrl_c(monkeypatch, signals):
    stops = []
    monkeypatch.setattr(jobs, "run_worker", stops.append)
    worker.Command().handle()
    [stop] = stops
    assert isinstance(stop, StopFlag) and not stop.is_set()
    assert signals.handlers.keys() == {signal.SIGTERM, signal.SIGINT}
    signals.handlers[signal.SIGTERM](signal.SIGTERM, None)
    assert stop.is_set()


def test_a_stop_flag_that_is_set_ends_the_wait_at_once():
    flag = StopFlag()
    assert flag.wait(0.01) is False
    threading.Timer(0.01, flag.set).start()
    assert flag.wait(60) is True


def test_the_allocators_are_told_and_other_c_libraries_are_left_alone(monkeypatch):
    asked = []
    monkeypatch.delenv("_RJEM_MALLOC_CONF", raising=False)
    library = SimpleNamespace(mallopt=lambda *words: asked.append(words))
    monkeypatch.setattr(allocators.ctypes, "CDLL", lambda _name: library)
    allocators.return_freed_memory()
    assert (allocators.M_ARENA_MAX, allocators.ARENAS) in asked and len(asked) == 3
    assert os.environ["_RJEM_MALLOC_CONF"] == allocators.JEMALLOC
    monkeypatch.setenv("_RJEM_MALLOC_CONF", "the owner's")
    monkeypatch.setattr(allocators.ctypes, "CDLL", lambda _name: object())
    allocators.return_freed_memory()
    assert os.environ["_RJEM_MALLOC_CONF"] == "the owner's"


def test_the_limit_of_files_is_raised_as_far_as_the_system_allows(monkeypatch):
    limits, refused = [], []

    class Resource:
        RLIMIT_NOFILE = 7

        def getrlimit(self, _which):
            return (256, 4096)

        def setrlimit(self, _which, limit):
            if limit == (4096, 4096) and refused:
                raise ValueError("not so many")
            limits.append(limit)

    monkeypatch.setattr(connection_limit, "resource", Resource())
    connection_limit.raise_file_limit()
    refused.append(True)  # as on macOS
    connection_limit.raise_file_limit()
    assert limits == [(4096, 4096), (256, 4096)]
    monkeypatch.setattr(connection_limit, "resource", None)  # Windows
    connection_limit.raise_file_limit()
    assert connection_limit.max_connections() == connection_limit.UNKNOWN - connection_limit.OTHER_FILES
    endless = SimpleNamespace(RLIMIT_NOFILE=7, getrlimit=lambda _which: (-1, -1))
    monkeypatch.setattr(connection_limit, "resource", endless)
    assert connection_limit.max_connections() == connection_limit.MAX_CONNECTIONS
