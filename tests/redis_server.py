"""A real Redis or Valkey (redis-server, valkey-server) on a free port, for tests: without persistence."""

import contextlib
import os
import shutil
import subprocess
import time

import pytest
import redis

from tests.ports import free_port
from tests.programs import there

PROGRAMS = ("redis-server", "valkey-server")


class RedisServer:
    """One server: `start`, `stop` (it keeps what it has only if it is `durable`), `pause` (it accepts connections and
    answers nothing)."""

    def __init__(self, folder, durable=False):
        self.folder, self.port, self.process, self.durable = folder, free_port(), None, durable
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url, socket_timeout=60)

    def start(self):
        program = next((name for name in PROGRAMS if shutil.which(name)), None) or there(PROGRAMS[0])
        words = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        if self.durable:
            words[-1:] = ["yes", "--appendfsync", "always"]
        self.process = subprocess.Popen(
            [program, *words, "--dir", str(self.folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(redis.RedisError):
                self.client.ping()
                return self
            assert self.process.poll() is None, "redis-server ended at once"
            time.sleep(0.01)
        raise AssertionError("redis-server did not come up")

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait(60)
            self.process = None

    def pause(self, signal):
        """signal.SIGSTOP or SIGCONT."""
        os.kill(self.process.pid, signal)


@contextlib.contextmanager
def running(folder, durable=False):
    server = RedisServer(folder, durable)
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture(scope="session")
def the_redis_server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_server(the_redis_server):
    """An empty Redis, shared by the tests of a process."""
    the_redis_server.client.flushall()
    return the_redis_server


@pytest.fixture
def own_redis(tmp_path):
    """A Redis that this test may stop."""
    with running(tmp_path) as server:
        yield server
