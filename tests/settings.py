"""The settings of the tests: the production ones, on a data folder that is thrown away."""

import atexit
import os
import shutil
import tempfile

# Tests that run side by side have a folder each: one generation for all would make the others' queries ours.
if "LONGRUN_DATA" not in os.environ or "PYTEST_XDIST_WORKER" in os.environ:
    os.environ["LONGRUN_DATA"] = tempfile.mkdtemp(prefix="longrun-tests-")
    atexit.register(shutil.rmtree, os.environ["LONGRUN_DATA"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "a key for tests alone, known to everybody and worth nothing at all")

from config.settings import *  # noqa: F403
from tests.stand_in import settings as stand_in

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# Every login goes to the stand-in provider; any other host is an error.
STAND_IN_URL = stand_in.url()
SOCIALACCOUNT_ADAPTER = "tests.stand_in.adapter.StandInAdapter"
SOCIALACCOUNT_PROVIDERS = stand_in.providers(STAND_IN_URL)
