"""What `serve` does before its children run, and what they run where processes cannot be forked."""

import multiprocessing
import os
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from server import connection_limit, forked_process, web_server
from server.management.commands import serve
from server.request_queues import SERVER_THREADS

linux = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")


def refuse():
    raise ImproperlyConfigured("the disk is full")


def break_down():
    raise ZeroDivisionError


@linux
def test_a_function_is_called_in_a_process_of_its_own():
    assert forked_process.call(os.getpid) != os.getpid()
    with pytest.raises(ImproperlyConfigured, match="the disk is full"):
        forked_process.call(refuse)
    with pytest.raises(SystemExit):
        forked_process.call(break_down)


def test_without_fork_it_is_called_here(monkeypatch):
    monkeypatch.setattr(forked_process, "IS_SUPPORTED", False)
    assert forked_process.call(os.getpid) == os.getpid()


@linux
def test_a_forked_process_is_waited_for_and_stopped_as_a_popen_is():
    waiting = multiprocessing.get_context("fork").Event()
    process = forked_process.ForkedProcess("test", waiting.wait)
    assert process.poll() is None
    waiting.set()
    assert process.wait() == process.poll() == process.returncode == 0
    for stop, code in (("terminate", -15), ("kill", -9)):
        process = forked_process.ForkedProcess("test", multiprocessing.get_context("fork").Event().wait)
        getattr(process, stop)()
        assert process.wait() == code


@pytest.mark.parametrize(
    ("is_supported", "debug", "web"),
    [(True, False, None), (False, False, "granian"), (True, True, "runserver"), (False, True, "runserver")],
)
def test_the_children_are_functions_where_they_can_be_forked(monkeypatch, settings, is_supported, debug, web):
    monkeypatch.setattr(forked_process, "IS_SUPPORTED", is_supported)
    settings.DEBUG = debug
    children = serve.children("::1", 8000)
    assert children.keys() == {"web server", "worker"}
    if web is None:
        assert children["web server"].func is web_server.serve_web and all(map(callable, children.values()))
    else:
        assert web in children["web server"] and children["worker"][-1] == "worker"
        assert ("[::1]:8000" in children["web server"]) == debug


def test_the_command_line_of_the_web_server_names_its_limits():
    words = web_server.command("127.0.0.1", 8000)
    assert words[0] == "granian"
    assert words[words.index("--blocking-threads") + 1] == str(SERVER_THREADS)
    assert words[words.index("--backpressure") + 1] == str(connection_limit.max_connections())
