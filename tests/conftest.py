"""The cast of the tests, and what every test may rely on."""

import gc
import os

from hypothesis import settings

# Under CI the same code gets the same answer; each run elsewhere tries other examples. No example has
# a time to keep: a busy machine is slow, not wrong.
settings.register_profile("longrun", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("longrun")

# Playwright keeps an event loop in the main thread; Django must not take that for a reason to refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = [
    "tests.cast",
    "tests.core.mail_server",
    "tests.network",
    "tests.browser",
    "tests.watchdog",
    "tests.prebuilt",
    "tests.blog_process",
    "tests.stand_in.plugin",
]


def pytest_collection_finish():
    """What is loaded now stays: to look through it for garbage again and again was a tenth of all time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
