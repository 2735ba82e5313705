import threading
import time
from contextlib import contextmanager

import pytest

from core import cache_version, jobs, mail
from tests.core.certificates import Authority
from tests.pace import allowed


@pytest.fixture(autouse=True)
def a_fresh_start(monkeypatch):
    """What a process remembers between two requests must not reach from one test into the next."""
    monkeypatch.setattr(mail, "_paused_until", 0.0)
    monkeypatch.setattr(jobs, "_stop", threading.Event())
    monkeypatch.setattr(cache_version, "_last_logged", {})


@pytest.fixture
def in_time():
    """Fails if the block takes longer; generous, since the machine is shared."""

    @contextmanager
    def at_most(seconds):
        start = time.monotonic()
        yield
        assert time.monotonic() - start < allowed(seconds)

    return at_most


@pytest.fixture
def eventually():
    """Wait for what another thread or process brings about."""

    def wait_for(truth, seconds=60):
        deadline = time.monotonic() + seconds
        while not (result := truth()):
            assert time.monotonic() < deadline, "it did not happen in time"
            time.sleep(0.05)
        return result

    return wait_for


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)
