"""What becomes of a test whose browser stands still, seen in a run of pytest of its own."""

import os
import subprocess
import sys
import tomllib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

import run
from tests.watchdog import LIMIT, LIMIT_OF_LONG

ROOT = Path(__file__).resolve().parent.parent
CONFTEST = 'pytest_plugins = ["tests.browser", "tests.watchdog"]\n'
STANDS_STILL = """
from pathlib import Path

from tests import watchdog


def test_a_first_one_launches_the_browser(page):
    watchdog.LIMIT = 2


def test_it(page):
    watchdog.LIMIT = 20  # a second time the browser is launched meanwhile
    with open("runs", "a") as runs:
        runs.write("run ")
    if {condition}:
        page.evaluate("new Promise(() => {{}})")
    {then}


def test_the_next_one_has_a_browser(page):
    assert page.evaluate("1 + 1") == 2
"""
FIRST = 'Path("runs").read_text() == "run "'


@pytest.fixture
def run_tests(tmp_path, browser_type_launch_args):
    """Runs a file of tests, of which `test_it` has two seconds: what pytest said, and how often `test_it` was run."""

    def run_tests(text, *options):
        (tmp_path / "conftest.py").write_text(CONFTEST)
        (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    browser\n")
        (tmp_path / "test_it.py").write_text(text)
        env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "DJANGO_"))}
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", *options]
        done = subprocess.run(
            command, cwd=tmp_path, env=env | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=200
        )
        return done, (tmp_path / "runs").read_text().split()

    return run_tests


@pytest.mark.parametrize("options", [pytest.param([], marks=pytest.mark.long), ["-n", "1"]], ids=["alone", "worker"])
def test_a_browser_that_stands_still_is_ended_and_its_test_run_once_more(run_tests, options):
    done, runs = run_tests(STANDS_STILL.format(condition=FIRST, then="pass"), *options)
    assert (done.returncode, runs) == (0, ["run", "run"]), done.stdout + done.stderr
    assert "3 passed" in done.stdout
    assert done.stderr.count("test_it[chromium]: the browser stood still, run once more") == 1
    assert done.stdout.count("PytestWarning: test_it.py::test_it[chromium]: the browser stood still") == 1
    assert 'page.evaluate("new Promise(() => {})")' in done.stderr, "the stack shows where the test waited"


@pytest.mark.long
def test_a_browser_that_stands_still_twice_is_a_failure(run_tests):
    done, runs = run_tests(STANDS_STILL.format(condition="True", then="pass"))
    assert (done.returncode, runs) == (1, ["run", "run"]), done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "Target page, context or browser has been closed" in done.stdout


@pytest.mark.parametrize(
    "wait", [pytest.param("pass", marks=pytest.mark.long), "__import__('time').sleep(3)"], ids=["at-once", "late"]
)
def test_an_assertion_that_fails_is_not_run_again(run_tests, wait):
    done, runs = run_tests(STANDS_STILL.format(condition="False", then=f"{wait}; assert not page"))
    assert (done.returncode, runs) == (1, ["run"]), done.stdout + done.stderr
    assert "1 failed, 2 passed" in done.stdout
    assert "once more" not in done.stdout + done.stderr


def test_faulthandler_waits_longer_than_the_watchdog():
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert ours["faulthandler_timeout"] >= LIMIT + 30
    assert int(run.LONG.partition("faulthandler_timeout=")[2]) >= LIMIT_OF_LONG + 30


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<!doctype html><title>A page</title>")

    def log_message(self, *_line):
        pass


@pytest.fixture
def address():
    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_page_is_closed_while_it_is_loaded_anew(context, address):
    for _time in range(10):
        page = context.new_page()
        page.goto(address)
        with pytest.raises(Exception, match="navigation"):
            page.evaluate("() => { location.reload(); return new Promise(() => {}); }")
        page.close()
