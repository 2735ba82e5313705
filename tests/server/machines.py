"""Web processes and workers as if on machines of their own: each has its own data folder, and shares with the others
what its environment names (DATABASE_URL, CACHE_URL, STORAGE_URL)."""

import http.client
import json
import os
import re
import secrets
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import quote, urlencode

from tests.blog_process import PATIENCE, ROOT, Blog
from tests.ports import free_port

FORM = "application/x-www-form-urlencoded"

SCRIPT = """
import django
django.setup()
from server.web_server import command
print(*command("127.0.0.1", {}), sep="\\n")
"""


class Machine:
    """One process of a blog: a web server (`port`) or a worker (`port` None)."""

    def __init__(self, folder, environment, port=None):
        self.folder, self.port, self.process = Path(folder), port, None
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.env = environment | {"LONGRUN_DATA": str(self.folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
        self.log_file = self.folder.with_name(f"{self.folder.name}.log")

    @property
    def command(self):
        if self.port is None:
            return [sys.executable, str(ROOT / "manage.py"), "worker"]
        shown = subprocess.run(
            [sys.executable, "-c", SCRIPT.format(self.port)], cwd=ROOT, env=self.env, capture_output=True, text=True
        )
        return [sys.executable, "-m", *shown.stdout.splitlines()]

    def start(self, *, wait=True):
        if not hasattr(self, "words"):
            self.words = self.command
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen(
                self.words, cwd=ROOT, env=self.env, stdout=log, stderr=log, process_group=0, stdin=subprocess.DEVNULL
            )
        return self.wait() if wait else self

    def wait(self):
        deadline = time.monotonic() + PATIENCE
        while self.port is not None and self.status("/health/") != 200:
            assert self.process.poll() is None, f"it ended with {self.process.returncode}:\n{self.log}"
            assert time.monotonic() < deadline, f"it did not come up:\n{self.log}"
            time.sleep(0.05)
        return self

    def status(self, path):
        try:
            return Browser(self.port, self.env["LONGRUN_URL"]).get(path).status
        except OSError:
            return 0

    def kill(self, number=signal.SIGKILL):
        """The whole process group: granian's parent and its child."""
        if self.process and self.process.poll() is None:
            os.killpg(self.process.pid, number)
            self.process.wait(PATIENCE)

    @property
    def log(self):
        return self.log_file.read_text(errors="replace")


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()
        self.text = self.body.decode(errors="replace")


class Browser:
    """A browser with cookies, at a port of this machine, which says the blog's own host."""

    def __init__(self, port, url, timeout=60):
        self.port, self.url, self.timeout, self.cookies = port, url, timeout, {}

    def at(self, port):
        """The same browser, at another machine."""
        other = Browser(port, self.url, self.timeout)
        other.cookies = self.cookies
        return other

    def ask(self, method, path, body=None, headers=()):
        sent = {"Host": self.url.partition("://")[2], "Origin": self.url, "Sec-Fetch-Site": "same-origin"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            line.request(method, path, body, sent | dict(headers))
            answer = Answer(line.getresponse())
        except http.client.HTTPException as error:
            raise OSError(error) from error
        finally:
            line.close()
        for said in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(said).items():
                self.cookies.pop(name, None)
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers=named(headers))

    def post(self, path, fields, **headers):
        return self.ask("POST", path, urlencode(fields, quote_via=quote), {"Content-Type": FORM} | named(headers))

    def submit(self, path, fields):
        """Post the fields with the token of the form at this path."""
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.get(path).text)
        return self.post(path, fields | {"csrfmiddlewaretoken": token[1]})

    def upload(self, path, fields, files, **headers):
        """`files`: {field: (name, bytes)}."""
        border = secrets.token_hex(16)
        parts = [
            f'--{border}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for name, (file_name, content) in files.items():
            head = f'--{border}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join(parts) + f"--{border}--\r\n".encode()
        return self.ask(
            "POST", path, body, {"Content-Type": f"multipart/form-data; boundary={border}"} | named(headers)
        )


def named(headers):
    return {name.replace("_", "-"): value for name, value in headers.items()}


@contextmanager
def blog_of_machines(folder, prepared, *, web, workers=0, settings="", **environment):
    """(the blog, its web processes, its workers), all started; the blog of `environment` is migrated, has its owner,
    Ada, and what the script `settings` sets."""
    folder = Path(folder)
    folder.mkdir(exist_ok=True)
    ports = [free_port() for _ in range(web)]
    base = Blog(folder / "first", LONGRUN_STATIC=str(prepared / "static"), **environment)
    base.env["LONGRUN_URL"] = base.url
    base.env["SECRET_KEY"] = "the same key on every machine, and worth nothing beyond this test"
    base.manage("prepare")
    base.set_up()
    if settings:
        base.manage("shell", "-c", settings)
    env = {name: value for name, value in base.env.items() if not name.startswith("DJANGO_SUPERUSER")}
    machines = [Machine(folder / f"web{number}", env, port) for number, port in enumerate(ports)]
    hands = [Machine(folder / f"worker{number}", env) for number in range(workers)]
    try:
        for machine in [*machines, *hands]:
            machine.start(wait=False)
        for machine in machines:
            machine.wait()
        yield base, machines, hands
    finally:
        for machine in [*machines, *hands]:
            machine.kill()


def log_in(browser):
    """Log Ada in."""
    answer = browser.submit("/accounts/login/", {"login": Blog.email, "password": Blog.password})
    assert answer.status == 302, (answer.status, answer.text[:300])
    return browser


def json_of(answer):
    return json.loads(answer.body)
