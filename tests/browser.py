"""Chromium for the browser tests."""

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
    # tests/network.py does not cover Chromium, so it may resolve no host name but localhost.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    # If RenderDocument replaces the frame at each navigation, a concurrent page.close() never returns
    # (crbug.com/536385539, github.com/microsoft/playwright/issues/42068), so it may only do so after a crash. Only the
    # last --enable-features counts, so Playwright's own feature is repeated.
    "--enable-features=CDPScreenshotNewSurface,RenderDocument:level/crashed-frame",
]
MISSING = "There is no Chromium here: install it (apt-get install chromium, or playwright install chromium)."

# Whether JavaScript is enabled: tests with it always run, the same tests without it are marked `long`.
WITH_AND_WITHOUT = [
    pytest.param(True, id="with-scripts"),
    pytest.param(False, id="without-scripts", marks=pytest.mark.long),
]

expect.set_options(timeout=20_000)  # ms; generous, so that tests do not fail on a busy machine


def pytest_collection_modifyitems(items):
    """Marks tests that use a page or a browser as `browser`."""
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
