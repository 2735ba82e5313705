"""The cast of the tests, and what every test may rely on."""

import os

from hypothesis import settings

# Under CI the same code gets the same answer; each run elsewhere tries other examples.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI") == "true":
    settings.load_profile("ci")

# Playwright keeps an event loop in the main thread; Django must not take that for a reason to refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = ["tests.cast", "tests.network", "tests.browser", "tests.server", "tests.stand_in.plugin"]
