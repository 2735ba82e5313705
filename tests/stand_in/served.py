"""The production settings for a served blog whose providers are the stand-in at STAND_IN_URL."""

from config.settings import *  # noqa: F403
from tests.stand_in import settings as stand_in

STAND_IN_URL = stand_in.url()
SOCIALACCOUNT_ADAPTER = "tests.stand_in.adapter.StandInAdapter"
SOCIALACCOUNT_PROVIDERS = stand_in.providers(STAND_IN_URL)
SAFE_FETCH_ALLOWED = [STAND_IN_URL.removeprefix("http://")]
INSTALLED_APPS = [*INSTALLED_APPS, *stand_in.apps(SOCIALACCOUNT_PROVIDERS, INSTALLED_APPS)]  # noqa: F405
