"""Plugins and settings for all tests."""

import gc
import os

from hypothesis import settings

# In CI the examples are always the same; elsewhere each run tries others. There is no deadline, so that tests do not
# fail on a busy machine.
settings.register_profile("longrun", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("longrun")

# Playwright runs an event loop in the main thread, because of which Django would refuse database access.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = [
    "tests.cast",
    "tests.core.mail_server",
    "tests.network",
    "tests.browser",
    "tests.watchdog",
    "tests.prebuilt",
    "tests.blog_process",
    "tests.redis_server",
    "tests.s3_server",
    "tests.stand_in.plugin",
]


def pytest_collection_finish():
    """Excludes what is loaded so far from garbage collection, which took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
