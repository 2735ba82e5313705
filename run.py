#!/usr/bin/env python3
"""`python run.py run|setup|dev|test|test-fast|test-long|bench`: Longrun from a fresh clone, by Python alone."""

import sys

if sys.version_info < (3, 11):  # this file stays readable for the old Pythons that it turns away
    sys.exit("Longrun needs Python 3.11 or newer; " + sys.executable + " is " + sys.version.split()[0] + ".")

import hashlib
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
RUN, DEV = HERE / "requirements.txt", HERE / "requirements-dev.txt"

# What each check asks, in order; a line is what the environment's Python is told.
LINT = [
    "-m ruff check .",
    "-m djlint --lint --quiet templates",
    "manage.py makemigrations --check --dry-run",
]
CHECKS = {
    "test-fast": [*LINT, "-m pytest -q -n 2 -m 'not process and not browser and not long'"],
    "test": [
        *LINT,
        "-m pytest -q -n 2 -m 'not browser and not long'",
        "tests/postgres.py -m pytest -q -n 2 -m 'db and not browser and not long'",
        "-m pytest -q -n 2 --dist loadfile -m 'browser and not long'",
    ],
    "test-long": ["-m pytest -q -m long", "tests/postgres.py -m pytest -q -m 'db and long'"],
}
BENCHES = {"bench": "-m bench.pages", "bench-quick": "-m bench.pages --quick"}
SERVERS = {"run": "manage.py serve", "dev": "manage.py serve", "setup": "manage.py prepare"}


def main(word="run"):
    os.chdir(HERE)
    os.environ.setdefault("PYTHONUTF8", "1")  # a console of Windows may know fewer letters than we print
    if word in SERVERS:
        install(DEV if word == "dev" else RUN)
        become(SERVERS[word], os.environ | ({"DEBUG": "on"} if word == "dev" else {}))
    elif word in BENCHES:
        install(DEV)
        become(BENCHES[word], os.environ)
    elif word in CHECKS:
        install(DEV)
        with tempfile.TemporaryDirectory(prefix="longrun-checks-") as data:
            check(CHECKS[word], data)
    else:
        sys.exit(__doc__)


def install(requirements):
    """`.venv` with what `requirements` lists; a stamp of files and interpreter makes the next time short."""
    version = interpreter()
    if stamped(requirements, version):
        return
    began = time.monotonic()
    print("Installing what Longrun needs into .venv; the first time takes a minute ...", flush=True)
    if not version or (stamp(RUN).exists() and not stamp(RUN).read_text().startswith(version)):
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV)], check=True)
        version = interpreter()
    for installer in installers():
        if subprocess.run([*installer, "--require-hashes", "-r", str(requirements)]).returncode == 0:
            break
    else:
        sys.exit("The packages could not be installed; the lines above say why. Running it again goes on.")
    for file in {RUN, requirements}:
        stamp(file).write_text(fingerprint(file, version))
    print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)


def interpreter():
    """The version of the environment's Python; nothing when there is none, it is broken or it is too old."""
    ask = "import sys; print(sys.version.split()[0] if sys.version_info >= (3, 11) else '')"
    try:
        return subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def stamp(requirements):
    return VENV / f"longrun-{requirements.stem}"


def stamped(requirements, version):
    """What only tests need stands in a file that holds the other one's packages too."""
    wanted = [file for file in (requirements, DEV) if stamp(file).exists()]
    return bool(version) and any(stamp(file).read_text() == fingerprint(file, version) for file in wanted)


def fingerprint(requirements, version):
    content = b"".join(file.read_bytes() for file in sorted({RUN, requirements}))
    return f"{version} {hashlib.sha256(content).hexdigest()}"


def installers():
    """The ways to install here, best first: uv, the environment's own pip, the system's pip."""
    uv = shutil.which("uv")
    if uv:
        yield [uv, "pip", "install", "--quiet", "--python", PYTHON]
    pip = ["install", "--quiet", "--disable-pip-version-check", "--no-input"]
    if runs(PYTHON, "-m", "pip", "--version") or runs(PYTHON, "-m", "ensurepip"):
        yield [PYTHON, "-m", "pip", *pip]
    elif runs(sys.executable, "-m", "pip", "--python", PYTHON, "--version"):
        yield [sys.executable, "-m", "pip", "--python", PYTHON, *pip]
    else:
        sys.exit("Python has no pip here. On Debian and Ubuntu: apt-get install python3-venv")


def runs(*command):
    return subprocess.run(command, capture_output=True).returncode == 0


def become(line, environment):
    """Run `line` in this process's place, so that signals reach it; Windows cannot, and waits."""
    command = [PYTHON, *shlex.split(line)]
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment).returncode)
    os.execve(PYTHON, command, environment)


def check(lines, data):
    """Every line is run, whatever the ones before it said; nobody's own blog is touched by any."""
    ours = ("LONGRUN_", "DATABASE_URL", "CACHE_URL", "SECRET_KEY", "DEBUG", "EMAIL_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LONGRUN_DATA": data}
    failed = []
    for line in lines:
        print(f"\n-- python {line}", flush=True)
        began = time.monotonic()
        if subprocess.run([PYTHON, *shlex.split(line)], env=environment).returncode:
            failed.append(line)
        print(f"-- {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        sys.exit("\nNot content:\n" + "\n".join(f"  python {line}" for line in failed))
    print("\nAll content.")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:2])
    except KeyboardInterrupt:
        sys.exit(130)
