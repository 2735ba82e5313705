"""The cast of the tests, and what every test may rely on."""

import os

# Playwright keeps an event loop in the main thread; Django must not take that for a reason to refuse the database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

pytest_plugins = ["tests.cast", "tests.network", "tests.browser", "tests.server", "tests.stand_in.plugin"]
