"""The stand-in provider for tests: one process a session, fresh people and no troubles for each test."""

import subprocess
import sys
from contextlib import closing
from urllib.parse import urlsplit

import pytest
import requests


class StandIn:
    """The other end of a login, as a test sees it."""

    def __init__(self, url):
        self.url = url

    def control(self, **wish):
        answer = requests.post(f"{self.url}/_control", json=wish, timeout=5)
        answer.raise_for_status()
        return answer.json()

    def breaks(self, provider, trouble):
        self.control(troubles={provider: trouble})

    def person(self, key, **facts):
        """Change somebody, or invent them: number, login, name, email, verified."""
        self.control(people={key: facts})

    def asked(self):
        return self.control()["asked"]

    def choose(self, address, who):
        """Press somebody's button on the provider's page; who="" is Cancel. Answers where it leads back to."""
        shown = requests.get(address, timeout=5)
        shown.raise_for_status()
        answer = requests.post(address, data={"who": who}, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]


@pytest.fixture(scope="session")
def stand_in_process():
    from django.conf import settings

    port = urlsplit(settings.STAND_IN_URL).port
    process = subprocess.Popen([sys.executable, "-m", "tests.stand_in", str(port)], stdout=subprocess.PIPE, text=True)
    with closing(process.stdout):
        assert process.stdout.readline().strip() == settings.STAND_IN_URL
        yield StandIn(settings.STAND_IN_URL)
        process.terminate()
        process.wait(5)


@pytest.fixture
def stand_in(stand_in_process):
    stand_in_process.control(reset=True)
    return stand_in_process
