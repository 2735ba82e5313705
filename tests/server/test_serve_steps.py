"""The command `serve` in this process: what it does before, while and after its children run."""

import os
import socket
import threading
import time

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from core.file_locks import exclusive_lock
from core.read_only import SWITCH
from server import forked_process, orphans, startup
from server.management.commands import serve
from server.supervisor import TooManyRestarts
from server.upgrade import version_switch
from server.upgrade.programs import Program, this_program, write_file
from tests.ports import free_port
from tests.server.test_version_switch import served

OTHER = Program("9.0.0", "/usr/bin/python3", "/9.0.0/manage.py")


class Children:
    """Stands for the supervisor of a web server and a worker: it ticks as often as the test has said."""

    ticks, signal, problem, made = 1, False, None, None

    def __init__(self, commands, say, *, has_answered, own_groups):
        self.commands, self.say, self.has_answered, self.own_groups = commands, say, has_answered, own_groups
        self.signalled_at, self.stop = 0.0, threading.Event()
        type(self).made = self

    def run(self, on_tick):
        for _tick in range(self.ticks):
            on_tick()
        if self.problem:
            raise self.problem
        if self.signal:
            self.signalled_at = time.monotonic()


@pytest.fixture
def children(monkeypatch):
    kind = type("TheseChildren", (Children,), {})
    monkeypatch.setattr(serve, "Supervisor", kind)
    return kind


@pytest.fixture
def data(settings, tmp_path, monkeypatch, children):
    """A data folder, and a `serve` that leaves this process as it is."""
    settings.LONGRUN_DATA, settings.PORT, settings.LONGRUN_URL = tmp_path, free_port(), "http://localhost:1"
    settings.DEBUG = False
    monkeypatch.delenv("HOST", raising=False)
    for module, name in (
        (orphans, "end_orphans"), (forked_process, "preload"), (serve.allocators, "return_freed_memory"),
        (serve, "raise_file_limit"), (startup, "prepare"),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, lambda *_words: None)
    monkeypatch.setattr(forked_process, "call", lambda function: function())
    monkeypatch.setattr(serve, "owner_exists", lambda: True)
    before = os.umask(0o022)
    yield tmp_path
    os.umask(before)


@pytest.fixture
def became(monkeypatch):
    """The programs that this process would have become."""
    programs = []
    monkeypatch.setattr(version_switch, "run", lambda program, words: programs.append((program, words)))
    return programs


def test_it_serves_greets_once_and_leaves_nothing_behind(data, settings, children, capsys):
    children.ticks = 3
    settings.LONGRUN_LIMITS = False
    with served(200) as (_host, port):
        # The port is taken here by what stands for the child; the check of the port has tests of its own.
        place = ("127.0.0.1", port)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(serve.startup_checks, "check_port", lambda host, number: place)
            call_command("serve")
    said = capsys.readouterr().out
    assert said.count("Longrun is at http://localhost:1") == 1 and "For benchmarks only" in said
    assert said.endswith("Longrun has stopped.\n")
    assert children.made.commands.keys() == {"web server", "worker"} and children.made.own_groups
    assert not (data / "running").exists() and os.umask(startup.UMASK) == startup.UMASK
    with exclusive_lock(data / "serve.lock"):
        pass


def test_nobody_is_greeted_before_the_port_is_open(data, capsys):
    call_command("serve")
    assert "Longrun is at" not in capsys.readouterr().out


def test_without_an_owner_it_names_the_link_that_sets_it_up(data, monkeypatch):
    monkeypatch.setattr(serve, "owner_exists", lambda: False)
    monkeypatch.setattr(serve, "create_link", lambda: "http://localhost:1/setup/token/")
    lines = serve.Command().greeting()
    assert "Set up your blog at http://localhost:1/setup/token/" in lines


def test_a_port_in_use_and_a_second_server_are_refused(data, settings):
    in_use = pytest.raises(ImproperlyConfigured, match=f"port {settings.PORT} is in use")
    with socket.create_server(("127.0.0.1", settings.PORT)), in_use:
        call_command("serve")
    with exclusive_lock(data / "serve.lock"), pytest.raises(ImproperlyConfigured, match="another Longrun serves"):
        call_command("serve")


def test_children_that_never_answer_end_it_with_their_reason(data, children):
    children.problem = TooManyRestarts("the worker ended 6 times")
    with pytest.raises(SystemExit, match=r"Longrun stops: the worker ended 6 times\. The lines above say why"):
        call_command("serve")
    children.problem = ImproperlyConfigured("the disk is full")
    with pytest.raises(ImproperlyConfigured, match="the disk is full"):
        call_command("serve")


def decide(program=OTHER):
    version_switch.decide(program, this_program(), None)


def test_a_decided_version_takes_over(data, children, became, capsys):
    decide()
    call_command("serve")
    assert children.made is None, "this one does not serve first"
    assert became == [(OTHER, ["serve"])] and "Another version takes over." in capsys.readouterr().out
    assert version_switch.unproven().exists() and not (data / SWITCH).exists()


def test_a_version_that_is_decided_for_meanwhile_stops_the_children(data, children, became):
    children.ticks = 2
    tick = serve.Command.greet
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve.Command, "greet", lambda self, *words: (decide(), tick(self, *words)))
        call_command("serve")
    assert children.made.stop.is_set() and became == [(OTHER, ["serve"])]


def test_after_a_signal_no_other_version_is_started(data, children, became, capsys):
    children.signal = True
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(serve.Command, "greet", lambda self, *words: decide())
        call_command("serve")
    assert became == [] and (data / SWITCH).exists(), "the next start carries it out"
    assert "Longrun has stopped." in capsys.readouterr().out


def test_a_version_that_does_not_come_up_gives_way_to_the_former_one(data, children, became, capsys):
    decide(this_program())
    version_switch.complete()
    facts = {"program": this_program(), "former": OTHER, "kept": "", "is_return": False, "at": ""}
    write_file(version_switch.unproven(), facts)
    children.problem = TooManyRestarts("the web server ended 6 times")
    call_command("serve")
    said = capsys.readouterr().out
    assert "The new version did not come up (the web server ended 6 times); the former one takes over again." in said
    assert became == [(OTHER, ["serve"])]


def test_what_a_killed_upgrade_left_is_undone_first(data, monkeypatch):
    undone = []
    monkeypatch.setattr("server.upgrade.steps.undo_killed", undone.append)
    write_file(version_switch.unfinished(), {"program": OTHER, "before": []})
    say = print
    assert serve.Command().prepare(say, unclean=False)[-1] == "Ctrl-C stops it.\n"
    assert undone == [say]
    write_file(version_switch.unproven(), {"program": OTHER})
    serve.Command().prepare(say, unclean=False)
    assert len(undone) == 1, "while the new version is about to answer nothing is undone"


def test_the_web_server_has_answered_when_it_says_anything(data):
    command = serve.Command()
    with served(503) as place:
        assert command.has_answered(place, "web server") and not command.has_answered(place, "worker")
        assert not serve.is_healthy(*place) and serve.is_open(*place)
    assert not command.has_answered(place, "web server") and not serve.is_open(*place)


@pytest.mark.parametrize("host, there", [("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("192.0.2.1", "192.0.2.1")])
def test_a_server_at_every_address_is_reached_at_the_own_one(host, there):
    assert serve.reachable(host) == there
