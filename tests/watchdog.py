"""Handles tests whose browser hangs: prints the stack, kills the browser and runs the test once more.

Most calls of Playwright have a timeout; page.close(), new_page(), evaluate() and the keyboard have none, and wait for
ever if Chromium does not respond. Only a test that lost its browser runs again, never one whose assertion failed.
"""

import contextlib
import os
import signal
import sys
import threading
import traceback

import greenlet
import pytest
from _pytest.runner import runtestprotocol
from playwright.sync_api import Error

# Seconds for a test with its fixtures. The timeouts of faulthandler must be longer, because it ends the whole worker.
LIMIT, LIMIT_OF_LONG = 240, 600

CHROMIUM = pytest.StashKey()  # of the config: the browser of this process
STDERR = pytest.StashKey()  # of the config: the uncaptured stderr
RAISED = pytest.StashKey()  # of an item: the exceptions of its run
IS_SECOND_RUN = pytest.StashKey()


class Watchdog:
    """Kills the browser of a test that exceeds its limit, so that the call that waits for it raises an exception."""

    def __init__(self, item):
        self.seconds = LIMIT_OF_LONG if item.get_closest_marker("long") else LIMIT
        self.item = item
        self.test = (
            threading.get_ident(),
            greenlet.getcurrent(),
        )  # Playwright's own greenlet runs while the test's waits
        self.fired = False
        self.ended = threading.Event()

    def __enter__(self):
        threading.Thread(target=self.watch, daemon=True).start()
        return self

    def __exit__(self, *_error):
        self.ended.set()

    def watch(self):
        while not self.ended.wait(1 if self.fired else self.seconds):
            if not self.fired:
                say(self.item, f"has run for {self.seconds} s; its browser is ended. It was here:\n{self.stack()}")
            self.fired = True
            if chromium := self.item.config.stash.get(CHROMIUM, None):
                chromium.kill()  # again if it was launched only now

    def stack(self):
        thread, test = self.test
        frame = test.gr_frame or sys._current_frames()[thread]
        return "".join(traceback.format_stack(frame))


def pytest_configure(config):
    config.stash[STDERR] = os.dup(2)


def pytest_unconfigure(config):
    os.close(config.stash[STDERR])


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item, nextitem):
    if not item.get_closest_marker("browser"):
        return None
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    item.stash[RAISED] = []
    with Watchdog(item) as watchdog:
        reports = runtestprotocol(item, log=False, nextitem=nextitem)
    if watchdog.fired and lost_its_browser(item) and not item.stash.get(IS_SECOND_RUN, False):
        item.stash[IS_SECOND_RUN] = True
        say(item, "the browser stood still, run once more")
        item.warn(pytest.PytestWarning(f"{item.nodeid}: the browser stood still, run once more"))
        with contextlib.suppress(Exception):  # set up the module's fixtures again
            item.session._setupstate.teardown_exact(item.session)
        return item.ihook.pytest_runtest_protocol(item=item, nextitem=nextitem)  # with new timers
    for report in reports:
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    if call.excinfo:
        item.stash.get(RAISED, []).append(call.excinfo.value)
    return (yield)


def lost_its_browser(item):
    raised = item.stash[RAISED]
    return any(isinstance(error, Error) for error in raised) and not any(isinstance(e, AssertionError) for e in raised)


def say(item, what):
    os.write(item.config.stash[STDERR], f"\n{item.nodeid}: {what}\n".encode())


class Chromium:
    """The browser of this process: launched on first use, and again if it has ended."""

    def __init__(self, launch):
        self.launch = launch
        self.browser = self.process = None

    def running(self):
        if self.process is None or not self.browser.is_connected():
            self.browser = self.launch()
            self.process = process_of(self.browser)
        return self.browser

    def kill(self):
        process, self.process = self.process, None
        if process:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, getattr(signal, "SIGKILL", signal.SIGTERM))

    def close(self):
        if self.browser:
            self.browser.close()


def process_of(browser):
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return next(process["id"] for process in processes if process["type"] == "browser")


@pytest.fixture(scope="session")
def chromium(launch_browser, pytestconfig):
    chromium = pytestconfig.stash[CHROMIUM] = Chromium(launch_browser)
    yield chromium
    chromium.close()


@pytest.fixture
def browser(chromium):
    """Replaces the fixture of pytest-playwright, which launches the browser only once for all tests."""
    return chromium.running()
