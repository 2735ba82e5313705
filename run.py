#!/usr/bin/env python3
"""Longrun from a fresh clone, by Python:
`python run.py run|setup|dev|test|test-fast|test-coverage|test-pythons|test-long|soak|bench|bench-storm|messages|wheel`.

`test-long` and `soak` take the name of one stage: `python run.py test-long faults`.
"""

import sys

if sys.version_info < (3, 11):  # this file stays readable for the old Pythons that it turns away
    sys.exit("Longrun needs Python 3.11 or newer; " + sys.executable + " is " + sys.version.split()[0] + ".")

import hashlib
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = str(VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
RUN, DEV = HERE / "requirements.txt", HERE / "requirements-dev.txt"


def without(paths):
    return " ".join(f"--ignore {path}" for path in paths)


# The commands of each check, in order: arguments for the environment's Python.
LINT = [
    "-m ruff check .",
    "-m djlint --lint --quiet templates",
    "manage.py makemigrations --check --dry-run",
]
FOLDERS = ("accounts", "blog", "comments", "config", "core", "server", "transfer", "walks")
QUICK = "-m pytest -q -n 2 -m 'not process and not browser and not long'"
TEST = "-m pytest -q -n 2 -m 'not browser and not long'"
LONG = "-m pytest -q -n 2 -o faulthandler_timeout=900"
LIMIT = 35 * 60  # seconds for a command: twice what the longest takes, with coverage; no limit for a soak
# Three workers for the browser tests, which wait most of the time: with two, a machine with two CPUs is half idle.
CHECKS = {
    "test-fast": [*LINT, QUICK],
    "test": [
        *LINT,
        TEST,
        "tests/postgres.py -m pytest -q -n 2 -m 'db and not browser and not long'",
        "-m pytest -q -n 3 --dist loadfile -m 'browser and not long'",
    ],
}
CHECKS["test-python"] = [QUICK]  # by `test-pythons`, with each of them
# `test` with the coverage of the tests on SQLite, which fails below the floor in pyproject.toml (fail_under). They come
# last: where what comes before took so long, the machine is too slow for CI to measure it, too, within 90 minutes.
COVERAGE = " --cov --cov-report="
COVERED_WITHIN = 13 * 60  # seconds before these tests begin
CHECKS["test-coverage"] = [line for line in CHECKS["test"] if line != TEST] + [TEST + COVERAGE]
# The tests marked `long`, in stages of under nine minutes each; `test-long` runs a tenth of the repetitions (`often` of
# tests/pace.py), `soak` all of them. tests/test_run.py checks that every test file is in one stage.
FAULTS = [
    "tests/core/test_killed_between_sending_and_marking.py",
    "tests/server/test_backup_killed.py",
    "tests/server/test_backup_restored.py",
    "tests/server/test_clock_set.py",
    "tests/server/test_database_stopped.py",
    "tests/server/test_disk_faults.py",
    "tests/server/test_mail_and_storage_away.py",
    "tests/server/test_orphans.py",
    "tests/server/test_slow_clients.py",
    "tests/server/test_sqlite_written_by_several.py",
    "tests/walks/test_never_lost.py",
]
MACHINES = [  # with a PostgreSQL, a Redis and an S3 server of their own, or with a second version
    "tests/server/test_move_database.py",
    "tests/server/test_move_media.py",
    "tests/server/test_redis_away.py",
    "tests/server/test_several_machines.py",
    "tests/server/test_upgrade_command.py",
]
FIREFOX = ["tests/walks/test_firefox.py"]
PAGES = ["tests/test_every_page.py"]  # in every theme, width and scheme
# What Django, Python or a package will no longer have fails here, on every page and in the apps at the bottom.
DEPRECATIONS = "-W error::DeprecationWarning -W error::PendingDeprecationWarning"
LONG_STAGES = {
    "types": "-m mypy",
    "deprecations": f"{QUICK} {DEPRECATIONS} tests/accounts tests/core tests/test_every_page.py",
    "blog": f"{LONG} -m long tests/blog",
    "server": f"{LONG} --dist loadfile -m long {without(FAULTS + MACHINES)} tests/config tests/server tests/core",
    "transfer": f"{LONG} --dist loadfile -m long tests/transfer",
    "comments": f"{LONG} --dist loadfile -m long {without(FAULTS + FIREFOX)} tests/accounts tests/comments tests/walks",
    "faults": f"{LONG} --dist loadfile -m long {' '.join(FAULTS)}",  # killed, cut off, stopped and slow
    "machines": f"{LONG} --dist loadfile -m long {' '.join(MACHINES)}",
    "pages": f"{LONG} -m long {' '.join(PAGES)}",
    "rights": f"{LONG} -m long {without([*(f'tests/{folder}' for folder in FOLDERS), *PAGES])} tests",  # and all else
    "postgres": f"tests/postgres.py {LONG} --dist loadfile -m 'db and long'",
}
SOAK_STAGES = LONG_STAGES | {"firefox": f"{LONG} -m long {' '.join(FIREFOX)}"}
STAGES = {"test-long": LONG_STAGES, "soak": SOAK_STAGES}
CHECKS |= {word: list(stages.values()) for word, stages in STAGES.items()}
BENCHES = {
    "bench": "-m bench.pages",
    "bench-quick": "-m bench.pages --quick",
    "bench-storm": "-m bench.storm",
}
TOOLS = {"messages": "locale/make.py", "wheel": "-m hatchling build --target wheel"}
SERVERS = {"run": "manage.py serve", "dev": "manage.py serve", "setup": "manage.py prepare"}


def main(word="run", stage=""):
    if stage and stage not in STAGES.get(word, {}):
        known = "; ".join(f"{name}: {' '.join(stages)}" for name, stages in STAGES.items())
        sys.exit(f"There is no stage {stage} of {word}. The stages of {known}")
    os.chdir(HERE)
    os.environ.setdefault("PYTHONUTF8", "1")  # a Windows console may use an encoding without some of our characters
    if word in SERVERS:
        install(DEV if word == "dev" else RUN)
        become(SERVERS[word], os.environ | ({"DEBUG": "on"} if word == "dev" else {}))
    elif word in BENCHES | TOOLS:
        install(DEV)
        become((BENCHES | TOOLS)[word], os.environ)
    elif word == "test-pythons":
        test_pythons()
    elif word in CHECKS:
        if word == "test-python":
            use_environment_of_this_python()
        install(DEV)
        with tempfile.TemporaryDirectory(prefix="longrun-checks-") as data:
            lines = [STAGES[word][stage]] if stage else CHECKS[word]
            check(lines, data, {"LONGRUN_SOAK": "on"} if word == "soak" else {})
    else:
        sys.exit(__doc__)


def test_pythons():
    """The quick tests with every other Python of this machine, each in an environment of its own."""
    mine = minor(sys.version_info)
    others = {name: python for name, python in pythons().items() if name != mine}
    if not others:
        print(f"There is no other Python here that Longrun runs on than {mine}, which `make test` runs with.")
        return
    failed = []
    for name, python in sorted(others.items(), key=lambda other: int(other[0].partition(".")[2])):
        print(f"\n== Python {name}: {python}", flush=True)
        if not runs(python, str(HERE / "run.py"), "test-python", quiet=False):
            failed.append(name)
    if failed:
        sys.exit("\nFailed with Python " + ", ".join(failed))
    print(f"\nThe quick tests passed with Python {', '.join(others)}.")


def pythons():
    """{"3.12": its program}: the newest of each Python from 3.11 on, on the PATH and among pyenv's."""
    names = dict(os.environ)
    pyenv = Path(names.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = [*map(Path, os.get_exec_path()), *pyenv.glob("versions/*/bin")]
    found = {}
    for folder in folders:
        for program in sorted(folder.glob("python3.*")):
            version = version_of(program) if re.fullmatch(r"python3\.\d+(\.exe)?", program.name) else None
            if version:
                found.setdefault(minor(version), []).append((version, str(program)))
    return {name: max(programs)[1] for name, programs in found.items()}


def version_of(program):
    """(3, 12, 1); None for what does not run, is too old, or is in an environment, whose Python is elsewhere too."""
    ask = "import sys; print(*sys.version_info[:3] if sys.prefix == sys.base_prefix else ())"
    try:
        answer = subprocess.run([str(program), "-c", ask], capture_output=True, text=True, timeout=60).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    version = tuple(int(part) for part in answer if part.isdigit())
    return version if len(version) == 3 and version >= (3, 11) else None


def minor(version):
    return f"{version[0]}.{version[1]}"


def use_environment_of_this_python():
    global VENV, PYTHON
    VENV = HERE / f".venv-{minor(sys.version_info)}"
    PYTHON = str(VENV / Path(PYTHON).relative_to(HERE / ".venv"))


def install(requirements):
    """Install what `requirements` lists into `.venv`, unless its stamp (hash of the files, version of Python) is
    current."""
    version = interpreter()
    if stamped(requirements, version):
        return
    place = VENV if VENV.exists() else HERE
    if not (place.is_dir() and os.access(place, os.W_OK)):
        sys.exit(f"Longrun keeps its packages in {VENV}, but {place} is no folder that you may write to.")
    began = time.monotonic()
    print(f"Installing what Longrun needs into {VENV.name}; the first time takes a minute ...", flush=True)
    old = bool(version) and (not stamp(RUN).exists() or stamp(RUN).read_text().startswith(version))
    for file in {RUN, DEV}:  # until it is finished, neither counts as installed
        stamp(file).unlink(missing_ok=True)
    problems = fill(requirements) if old else ""
    if not old or problems:  # packages of earlier requirements may conflict: begin with an empty environment
        version = make_environment()
        problems = fill(requirements)
    if problems:
        sys.exit(f"{problems}\nThe packages in {requirements.name} do not fit each other, as the lines above say.")
    for file in {RUN, requirements}:
        stamp(file).write_text(fingerprint(file, version))
    print(f"Installed in {time.monotonic() - began:.0f} s.", flush=True)


def make_environment():
    """Create an empty `.venv`; returns the version of its Python."""
    if not runs(sys.executable, "-m", "venv", "--without-pip", "--clear", str(VENV), quiet=False):
        sys.exit(f"The folder {VENV} could not be made; the lines above say why.")
    return interpreter()


def fill(requirements):
    """Install what `requirements` lists; returns the problems that `pip check` finds afterwards, "" if none.

    The files list every package with its version, so dependencies are not resolved (`--no-deps`): an old pip would look
    for newer releases where one package depends on an extra of another.
    """
    for pip, where in installers():
        command = [*pip, "install", *where, "--quiet", "--no-deps", "--require-hashes", "-r", str(requirements)]
        if runs(*command, quiet=False):
            done = subprocess.run([*pip, "check", *where], capture_output=True, text=True)
            return (done.stdout + done.stderr).strip() or "pip check failed." if done.returncode else ""
    sys.exit("The packages could not be installed; the lines above say why. Running it again goes on.")


def interpreter():
    """The version of the environment's Python; "" if it is missing, broken or too old."""
    ask = "import sys; print(sys.version.split()[0] if sys.version_info >= (3, 11) else '')"
    try:
        return subprocess.run([PYTHON, "-c", ask], capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""


def stamp(requirements):
    return VENV / f"longrun-{requirements.stem}"


def stamped(requirements, version):
    """Whether `requirements` are installed; requirements-dev.txt includes the packages of requirements.txt."""
    wanted = [file for file in (requirements, DEV) if stamp(file).exists()]
    return bool(version) and any(stamp(file).read_text() == fingerprint(file, version) for file in wanted)


def fingerprint(requirements, version):
    content = b"".join(file.read_bytes() for file in sorted({RUN, requirements}))
    return f"{version} {hashlib.sha256(content).hexdigest()}"


def installers():
    """(command, options that select the environment) of each pip, best first: uv, the environment's, the system's."""
    uv = shutil.which("uv")
    if uv:
        yield [uv, "pip"], ["--python", PYTHON]
    pip = ["-m", "pip", "--disable-pip-version-check", "--no-input"]
    if runs(PYTHON, "-m", "pip", "--version") or runs(PYTHON, "-m", "ensurepip"):
        yield [PYTHON, *pip], []
    elif runs(sys.executable, "-m", "pip", "--python", PYTHON, "--version"):
        yield [sys.executable, *pip, "--python", PYTHON], []
    else:
        sys.exit("Python has no pip here. On Debian and Ubuntu: apt-get install python3-venv")


def runs(*command, quiet=True):
    """Whether a command exits with 0."""
    try:
        return subprocess.run(command, capture_output=quiet).returncode == 0
    except OSError:
        return False


def become(line, environment):
    """Replace this process by `line`, so that signals reach it; Windows cannot, so there it is a child process."""
    command = [PYTHON, *shlex.split(line)]
    if os.name == "nt":
        sys.exit(subprocess.run(command, env=environment).returncode)
    os.execve(PYTHON, command, environment)


def check(lines, data, besides):
    """Run every line, even after a failure, with the environment variables of the developer's own blog removed."""
    # PYTHONDONTWRITEBYTECODE is removed, because the checks start about a hundred processes.
    ours = ("LONGRUN_", "DATABASE_URL", "CACHE_URL", "SECRET_KEY", "DEBUG", "EMAIL_", "PYTHONDONTWRITEBYTECODE")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    environment |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "LONGRUN_DATA": data, "LONGRUN_CHECKS": data} | besides
    environment["MYPY_CACHE_DIR"] = data
    failed, started = [], time.monotonic()
    for line in lines:
        if line.endswith(COVERAGE) and time.monotonic() - started > COVERED_WITHIN:
            line = line.removesuffix(COVERAGE)
            print(f"\n-- Without coverage: more than {COVERED_WITHIN // 60} minutes have passed.", flush=True)
        print(f"\n-- python {line}", flush=True)
        began = time.monotonic()
        ended_well = ends_well(line, environment)
        if ended_well is None:
            print(f"-- stood still for {LIMIT} s, as the lines above show; once more:", flush=True)
            ended_well = ends_well(line, environment)
        if not ended_well:
            failed.append(line)
        print(f"-- {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        sys.exit("\nFailed:\n" + "\n".join(f"  python {line}" for line in failed))
    print("\nAll checks passed.")


def ends_well(line, environment):
    """Whether a line exits with 0; None if it exceeded LIMIT and was stopped. A single hanging test ends its line
    earlier, by the timeout of faulthandler."""
    process = subprocess.Popen([PYTHON, *shlex.split(line)], env=environment, start_new_session=True)
    try:
        return process.wait(None if "LONGRUN_SOAK" in environment else LIMIT) == 0
    except subprocess.TimeoutExpired:
        stop(process, "SIGABRT")  # makes pytest's processes print the stacks of their threads
        return None
    except KeyboardInterrupt:
        stop(process, "SIGINT")
        raise


def stop(process, name):
    """Send a signal to a process and its children, and kill what is left after ten seconds."""
    send = (lambda number: os.killpg(process.pid, number)) if os.name != "nt" else lambda _number: process.kill()
    for number in (getattr(signal, name), getattr(signal, "SIGKILL", None)):
        try:
            send(number)
            process.wait(10)
        except (OSError, subprocess.TimeoutExpired):
            pass


if __name__ == "__main__":
    try:
        main(*sys.argv[1:3])
    except KeyboardInterrupt:
        sys.exit(130)
