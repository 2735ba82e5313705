"""Chromium for the tests that walk through the blog as a person does."""

import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect

NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
FLAGS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # Python's guard does not bind Chromium: it finds no name but ours.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    # As long as RenderDocument exchanges the frame at each navigation, a page.close() meanwhile never ends
    # (crbug.com/536385539, github.com/microsoft/playwright/issues/42068): only after a crash, then. The last
    # --enable-features is valid; the other name is Playwright's.
    "--enable-features=CDPScreenshotNewSurface,RenderDocument:level/crashed-frame",
]
MISSING = "There is no Chromium here: install it (apt-get install chromium, or playwright install chromium)."

# Whether scripts run: a walk with them belongs to every run of the tests, the same without them to the long ones.
WITH_AND_WITHOUT = [
    pytest.param(True, id="with-scripts"),
    pytest.param(False, id="without-scripts", marks=pytest.mark.long),
]

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong


def pytest_collection_modifyitems(items):
    """Whoever asks for a page needs a browser, and says so by the marker."""
    for item in items:
        if {"page", "browser", "context", "new_context"} & set(item.fixturenames):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args, playwright):
    installed = next(filter(None, map(shutil.which, NAMES)), None)
    if not installed and not Path(playwright.chromium.executable_path).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING, pytrace=False)
        pytest.skip(f"NOTICE: {MISSING}")
    as_root = hasattr(os, "geteuid") and os.geteuid() == 0
    found = {"executable_path": installed} if installed else {}
    return browser_type_launch_args | found | {"args": FLAGS, "chromium_sandbox": not as_root}
