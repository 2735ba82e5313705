"""A running blog for tests: `manage.py serve` with its web server and worker, in its own data folder."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.prebuilt import once

ROOT = Path(__file__).resolve().parent.parent
OURS = ("LONGRUN_", "DATABASE_URL", "CACHE_URL", "SECRET_KEY", "DEBUG", "EMAIL_", "BACKUP_", "DJANGO_", "PORT", "HOST",
        "CI")  # fmt: skip
PATIENCE = 120  # seconds; generous, so that tests do not fail on a busy machine


class Blog:
    """One blog: its URL, its log and its commands."""

    email, password, handle = "ada@example.org", "a long and winding password", "ada"
    program, folder = (sys.executable, str(ROOT / "manage.py")), ROOT  # what is called, and from where

    def __init__(self, data, **environment):
        self.data = Path(data)
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        # Rate limits are off; tests of them pass LONGRUN_LIMITS="on".
        ours = {"LONGRUN_DATA": str(self.data), "PORT": str(self.port), "LONGRUN_LIMITS": "off"}
        self.env = clean | ours | environment
        self.process = None
        self.session = []  # the cookies of a browser in which Ada is logged in
        self.log_file = self.data.with_name(f"{self.data.name}.log")

    def start(self):
        with self.log_file.open("ab") as log:
            command = [*self.program, "serve"]
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self.env,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        wait_for(self.answers, "the blog did not come up", self)
        wait_for(lambda: "Longrun is at" in self.log, "the blog did not say where it is", self)
        return self

    def answers(self):
        assert self.process.poll() is None, f"the blog ended with {self.process.returncode}:\n{self.log}"
        return self.get("/health/") == 200

    def get(self, path, seconds=5):
        """The status of the response; 0 without a response."""
        try:
            with urllib.request.urlopen(f"{self.url}{path}", timeout=seconds) as answer:
                return answer.status
        except urllib.error.HTTPError as answer:
            return answer.code
        except OSError:
            return 0

    def stop(self):
        """Terminate it and wait; returns the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def kill(self):
        """Kill parent and children at once, as in a power failure."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE)

    def manage(self, *words, code=0):
        """Run a command of manage.py on this blog; returns its output. `code`: the expected exit code."""
        command = [*self.program, *map(str, words)]
        done = subprocess.run(command, cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=600)
        assert done.returncode == code, f"{words} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def set_up(self):
        """Create the owner, Ada, without a browser."""
        self.env |= self.owner
        self.manage("createsuperuser", "--noinput")
        return self

    @property
    def owner(self):
        return {
            "DJANGO_SUPERUSER_EMAIL": self.email,
            "DJANGO_SUPERUSER_PASSWORD": self.password,
            "DJANGO_SUPERUSER_USERNAME": self.handle,
        }

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")

    @property
    def setup_link(self):
        return re.findall(r"http\S+/setup/\S+", self.log)[-1]


def pytest_collection_modifyitems(items):
    """Marks tests that use a running blog as `process`."""
    for item in items:
        if "prepared" in item.fixturenames:
            item.add_marker(pytest.mark.process)


def wait_for(truth, otherwise, blog):
    deadline = time.monotonic() + PATIENCE
    while not truth():
        assert time.monotonic() < deadline, f"{otherwise}:\n{blog.log}"
        time.sleep(0.05)


@pytest.fixture(scope="session")
def prepared(tmp_path_factory):
    """A folder with a migrated, empty database and the collected static files, copied for each blog."""

    def prepare(folder):
        Blog(folder / "data", LONGRUN_STATIC=str(folder / "static")).manage("prepare")
        return folder

    return once("prepared", prepare) or prepare(tmp_path_factory.mktemp("prepared"))


@pytest.fixture(scope="session")
def owned(tmp_path_factory, prepared):
    """The same with Ada as the owner."""

    def own(folder):
        copy(prepared, folder / "data")
        Blog(folder / "data").set_up()
        return folder

    return once("owned", own) or own(tmp_path_factory.mktemp("owned"))


def copy(made, data):
    shutil.copytree(made / "data", data, ignore=shutil.ignore_patterns("*.lock"))


@pytest.fixture(scope="module")
def start_blog(request, tmp_path_factory, prepared):
    """start_blog(NAME="value" …) starts a blog without an owner; it runs until the module's tests are done."""
    started = []

    def start(*, set_up=False, **environment):
        data = tmp_path_factory.mktemp("blog") / "data"
        copy(request.getfixturevalue("owned") if set_up else prepared, data)
        blog = Blog(data, **{"LONGRUN_STATIC": str(prepared / "static")} | environment)
        started.append(blog)
        if set_up:
            blog.env |= blog.owner
        return blog.start()

    yield start
    for blog in started:
        if blog.process:
            blog.kill()


@pytest.fixture(scope="module")
def running_blog(start_blog):
    """A blog that is set up and owned by Ada, shared by the tests of one file."""
    return start_blog(set_up=True)
