"""The settings of the tests: the production ones, on a data folder that is thrown away."""

import atexit
import os
import shutil
import sys
import tempfile

# Every process of a test run has a folder of its own: never the blog that somebody's LONGRUN_DATA names, and not one
# for all, in which the others' changes would cost our queries. What a test starts gets the folder that it is told.
process = os.environ.get("PYTEST_XDIST_WORKER", "the only one")
if "pytest" in sys.modules and os.environ.get("LONGRUN_DATA_OF") != process:
    os.environ |= {"LONGRUN_DATA": tempfile.mkdtemp(prefix="longrun-tests-"), "LONGRUN_DATA_OF": process}
    atexit.register(shutil.rmtree, os.environ["LONGRUN_DATA"], ignore_errors=True)
os.environ.setdefault("SECRET_KEY", "a key for tests alone, known to everybody and worth nothing at all")

from config.settings import *  # noqa: E402, F403
from tests.stand_in import settings as stand_in  # noqa: E402

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = STORAGES | {  # noqa: F405
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True  # else each new client looks at all static files first: a seventh of the time

# Every login goes to the stand-in provider; any other host is an error.
STAND_IN_URL = stand_in.url()
SOCIALACCOUNT_ADAPTER = "tests.stand_in.adapter.StandInAdapter"
SOCIALACCOUNT_PROVIDERS = stand_in.providers(STAND_IN_URL)
SAFE_FETCH_ALLOWED = [STAND_IN_URL.removeprefix("http://")]
