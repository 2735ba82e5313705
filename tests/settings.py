"""The settings for tests: those of production, with a temporary data folder."""

import atexit
import os
import shutil
import sys
import tempfile

# Every process of a test run has its own data folder: never the blog in the developer's LONGRUN_DATA, and not a shared
# one, because changes by other processes would cause extra queries. Child processes of a test keep what they are given.
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
WHITENOISE_AUTOREFRESH = True  # otherwise each new test client scans all static files, a seventh of the time

# Every login uses the stand-in provider; requests to any other host fail.
STAND_IN_URL = stand_in.url()
SOCIALACCOUNT_ADAPTER = "tests.stand_in.adapter.StandInAdapter"
SOCIALACCOUNT_PROVIDERS = stand_in.providers(STAND_IN_URL)
INSTALLED_APPS = [*INSTALLED_APPS, *stand_in.apps(SOCIALACCOUNT_PROVIDERS, INSTALLED_APPS)]  # noqa: F405
SAFE_FETCH_ALLOWED = [STAND_IN_URL.removeprefix("http://")]
