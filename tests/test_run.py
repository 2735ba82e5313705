"""run.py in a room of its own: an environment from nothing, a short second time, plain words when it cannot."""

import ast
import hashlib
import os
import runpy
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from itertools import pairwise
from pathlib import Path

import pytest

pytestmark = pytest.mark.process

ROOT = Path(__file__).resolve().parent.parent
RUN = (ROOT / "run.py").read_text(encoding="utf-8")


@pytest.fixture
def room(tmp_path):
    """A clone with no requirements, whose manage.py tells what it is asked."""
    (tmp_path / "run.py").write_text(RUN, encoding="utf-8")
    for name in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / name).write_text("# nothing\n")
    (tmp_path / "manage.py").write_text("import os, sys; print('asked', *sys.argv[1:], os.environ.get('DEBUG', ''))")
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text('#!/bin/sh\necho uv "$@"\n')
    uv.chmod(0o755)
    return tmp_path


@pytest.fixture(scope="module")
def environment_with_pip(tmp_path_factory):
    """Made once: pip takes seconds to come in."""
    folder = tmp_path_factory.mktemp("with-pip") / ".venv"
    subprocess.run([sys._base_executable, "-m", "venv", str(folder)], check=True)
    return folder


@pytest.fixture
def room_with_pip(room, environment_with_pip):
    shutil.copytree(environment_with_pip, room / ".venv", symlinks=True)
    return room


PIP = os.defpath  # a PATH without uv


def run(room, *words, **environment):
    """Without any index: nothing here needs the network. The room's uv is quick and does nothing."""
    path = environment.pop("PATH", str(room / "bin"))
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON", "DJANGO"))}
    env = clean | {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "PATH": path, "DEBUG": ""} | environment
    command = [sys._base_executable, str(room / "run.py"), *words]
    return subprocess.run(command, env=env, capture_output=True, text=True, cwd=room.parent, timeout=120)


def without(tmp_path, *modules):
    """A PYTHONPATH on which these modules of Python cannot be run, as on a Debian without python3-venv."""
    folder = tmp_path / "without"
    folder.mkdir()
    for name in modules:
        (folder / f"{name}.py").write_text("raise SystemExit(1)")
    return str(folder)


def test_it_stays_readable_for_the_pythons_that_it_turns_away():
    ast.parse(RUN, feature_version=(3, 6))


def test_a_python_that_is_too_old_hears_it_in_one_line():
    old = f"import sys; sys.version_info = (3, 10, 9, 'final', 0); exec(compile({RUN!r}, 'run.py', 'exec'))"
    done = subprocess.run([sys.executable, "-c", old], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("Longrun needs Python 3.11 or newer")
    assert done.stderr.count("\n") == 1


def test_the_first_time_makes_an_environment_and_the_second_is_short(room):
    first = run(room, "setup", PATH=PIP)
    assert first.returncode == 0, first.stderr
    assert "Installed" in first.stdout
    assert "asked prepare" in first.stdout

    second = run(room, "setup", PATH=PIP)
    assert second.stdout.strip() == "asked prepare"


def test_changed_requirements_and_a_broken_environment_are_made_good(room):
    run(room, "setup")
    (room / "requirements.txt").write_text("# something else\n")
    assert "Installed" in run(room, "setup").stdout
    assert "Install" not in run(room, "setup").stdout
    shutil.rmtree(room / ".venv" / ("Scripts" if os.name == "nt" else "bin"))
    assert "asked prepare" in run(room, "setup").stdout


def test_what_tests_need_is_installed_for_tests_alone_and_covers_the_rest(room):
    run(room, "setup")
    (room / "tests").mkdir()
    assert "Installed" in run(room, "test-fast").stdout
    assert "Install" not in run(room, "run").stdout


ASKED = {"run": "asked serve", "dev": "asked serve on", "setup": "asked prepare"}


@pytest.mark.parametrize(("word", "asked"), ASKED.items())
def test_each_word_ends_in_a_command_of_manage_py(room, word, asked):
    assert run(room, word).stdout.strip().endswith(asked)


def test_without_a_word_it_runs_and_with_a_wrong_one_it_says_which_there_are(room):
    assert "asked serve" in run(room).stdout
    wrong = run(room, "fly")
    assert wrong.returncode == 1
    assert "run|setup|dev|test" in wrong.stderr


@pytest.mark.long
def test_the_pip_of_the_system_serves_where_the_environment_gets_none(room, tmp_path):
    done = run(room, "setup", PATH=PIP, PYTHONPATH=without(tmp_path, "ensurepip"))
    if "apt-get" in done.stderr:
        pytest.skip("this machine's Python has no pip of its own")
    assert "asked prepare" in done.stdout


def test_without_any_pip_it_names_the_package_to_install(room, tmp_path):
    done = run(room, "setup", PATH=PIP, PYTHONPATH=without(tmp_path, "ensurepip", "pip"))
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].endswith("apt-get install python3-venv")
    assert "Traceback" not in done.stderr


def test_uv_is_used_where_it_is(room):
    done = run(room, "setup")
    assert "uv pip install" in done.stdout
    assert "--require-hashes" in done.stdout


@pytest.mark.long
@pytest.mark.parametrize(
    "requirement", [f"nowhere==1 --hash=sha256:{'0' * 64}", "no-hash-beside-it==1"], ids=["nowhere", "no hash"]
)
def test_what_cannot_be_installed_ends_in_a_plain_line_and_may_be_tried_again(room_with_pip, requirement):
    room = room_with_pip
    (room / "requirements.txt").write_text(requirement)
    done = run(room, "setup", PATH=PIP)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    (room / "requirements.txt").write_text("# nothing\n")
    assert run(room, "setup").returncode == 0


def wheel(room, name, version, *requires, extras=()):
    """A wheel in the room that holds nothing but what it asks for; its line in a locked file."""
    about = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {other}" for other in requires)]
    about += [f"Provides-Extra: {extra}" for extra in extras]
    info = f"{name}-{version}.dist-info"
    file = room / "wheels" / f"{name}-{version}-py3-none-any.whl"
    file.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{info}/METADATA", "\n".join(["Metadata-Version: 2.1", *about]) + "\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(file.read_bytes()).hexdigest()}\n"


@pytest.mark.long
def test_what_was_published_after_the_lock_changes_nothing(room_with_pip):
    """An old pip took the newer one: a file with hashes has none for it."""
    room = room_with_pip
    asks = wheel(room, "measuring", "1", "coverage[toml]>=7", "tomli>=1; extra == 'never'")
    locked = wheel(room, "coverage", "7.1", extras=["toml"])
    wheel(room, "coverage", "7.2", extras=["toml"])
    (room / "requirements.txt").write_text(asks + locked)
    done = run(room, "setup", PATH=PIP, PIP_FIND_LINKS=str(room / "wheels"))
    assert "asked prepare" in done.stdout, done.stderr
    listed = [folder.name for folder in (room / ".venv").rglob("*.dist-info")]
    assert "coverage-7.1.dist-info" in listed


def test_a_lock_that_lacks_something_is_told_and_nothing_starts(room):
    said = "measuring 1 requires coverage, which is not installed."
    (room / "bin" / "uv").write_text(f'#!/bin/sh\n[ "$2" = install ] || {{ echo "{said}"; exit 1; }}\n')
    done = run(room, "setup")
    assert done.returncode == 1
    last = "The packages in requirements.txt do not fit each other, as the lines above say."
    assert done.stderr.splitlines() == [said, last]
    assert "asked" not in done.stdout


def test_packages_of_earlier_requirements_do_not_stand_in_the_way(room):
    (room / "bin" / "uv").write_text(f"#!/bin/sh\n[ $2 = install ] || [ ! -e {room}/.venv/former ]\n")
    run(room, "setup")
    (room / ".venv" / "former").write_text("does not fit")
    (room / "requirements.txt").write_text("# something else\n")
    assert "asked prepare" in run(room, "setup").stdout
    assert not (room / ".venv" / "former").exists()


def test_a_folder_that_may_not_be_written_to_is_named_in_one_sentence(room):
    """Whoever runs this may be root, who may write anywhere: so Python is told to say no."""
    no = (
        f"import os, runpy; os.access = lambda *_: False; runpy.run_path({str(room / 'run.py')!r}, run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", no], capture_output=True, text=True)
    said = f"Longrun keeps its packages in {room / '.venv'}, but {room} is no folder that you may write to."
    assert (done.returncode, done.stdout, done.stderr.strip()) == (1, "", said)


def test_a_file_in_the_place_of_the_environment_is_named(room):
    (room / ".venv").write_text("no folder")
    done = run(room, "setup")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert str(room / ".venv") in done.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_requirement_files_have_hashes_and_no_addresses(name):
    text = (ROOT / name).read_text()
    assert "://" not in text
    packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    assert packages
    assert all("==" in line and line.endswith("\\") for line in packages)


def test_every_check_is_run_whatever_the_ones_before_it_said(room):
    done = run(room, "test-long")
    assert done.returncode == 1
    assert done.stdout.count("-- python") == len(done.stderr.partition("Failed:")[2].split("\n  python")) - 1 == 11
    assert "passed" not in done.stdout


def stages(word="test-long"):
    """Name → the words of the line that `make test-long` or `make soak` runs for it."""
    return {name: shlex.split(line) for name, line in runpy.run_path(str(ROOT / "run.py"))["STAGES"][word].items()}


def test_one_stage_of_the_long_tests_is_run_by_its_name(room):
    done = run(room, "test-long", "faults")
    assert done.stdout.count("-- python") == done.stderr.count("\n  python") == 1
    assert "tests/server/test_database_stopped.py" in done.stdout


def test_soak_has_a_stage_of_its_own_in_firefox(room):
    done = run(room, "soak", "firefox")
    assert done.stdout.count("-- python") == 1
    assert "tests/walks/test_firefox.py" in done.stdout
    assert set(stages("soak")) - set(stages()) == {"firefox"}


@pytest.mark.parametrize("words", [["test-long", "fly"], ["test-long", "firefox"], ["test", "faults"]])
def test_an_unknown_stage_prints_those_that_there_are(room, words):
    done = run(room, *words)
    assert done.returncode == 1
    known = f"test-long: {' '.join(stages())}; soak: {' '.join(stages('soak'))}"
    assert done.stderr.strip().endswith(f"The stages of {known}")
    assert not done.stdout


def under(file, words):
    return any(file == ROOT / word or ROOT / word in file.parents for word in words)


def test_every_test_file_is_in_one_stage_of_the_long_tests():
    taken = {}
    for name, words in stages("soak").items():
        ignored = [word for before, word in pairwise(words) if before == "--ignore"]
        given = [word for before, word in pairwise(words) if word.startswith("tests") and before != "--ignore"]
        assert all((ROOT / word).exists() for word in given + ignored)
        if name not in ("deprecations", "postgres"):  # run tests of others once more, in another way
            taken[name] = {file for file in ROOT.glob("tests/**/test_*.py") if under(file, given)} - {
                file for file in ROOT.glob("tests/**/test_*.py") if under(file, ignored)
            }
    assert sorted(file for files in taken.values() for file in files) == sorted(ROOT.glob("tests/**/test_*.py"))


@pytest.mark.skipif(os.name == "nt", reason="needs bash")
def test_ci_runs_one_stage_by_its_name_and_knows_those_of_the_long_tests():
    listed = subprocess.run([ROOT / ".ci" / "run", "--stages"], capture_output=True, text=True)
    assert listed.stdout.split() == ["programs", "first-run", "later-runs", "test", *stages(), "test-fast"]
    wrong = subprocess.run([ROOT / ".ci" / "run", "fly"], capture_output=True, text=True, timeout=60)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == f"There is no stage fly. The stages: {listed.stdout}"


def test_coverage_measures_the_tests_on_sqlite_and_runs_all_others_too(room):
    lines, measured = (
        [line for line in run(room, word).stdout.splitlines() if line.startswith("-- python")]
        for word in ("test", "test-coverage")
    )
    assert sorted(line.replace(" --cov --cov-report=", "") for line in measured) == sorted(lines)
    [covered] = set(measured) - set(lines)
    assert covered.startswith("-- python -m pytest") and "'not browser and not long'" in covered
    assert covered == measured[-1]


def test_on_a_slow_machine_all_tests_run_and_the_coverage_is_not_measured(room):
    assert "COVERED_WITHIN = 13 * 60" in RUN
    (room / "run.py").write_text(RUN.replace("COVERED_WITHIN = 13 * 60", "COVERED_WITHIN = 0"))
    said = run(room, "test-coverage").stdout
    assert "-- Without coverage: more than 0 minutes have passed." in said and "--cov" not in said
    assert said.count("-- python") == run(room, "test").stdout.count("-- python")


def test_checks_that_passed_say_so(room):
    (room / "bin" / "uv").write_text(f"#!/bin/sh\n/bin/ln -sf /bin/true {room}/.venv/bin/python\n")
    done = run(room, "test-long")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "All checks passed."), done.stderr


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals for others")
@pytest.mark.parametrize("word", ["test-long", "soak"])
def test_what_takes_long_by_nature_is_told_whether_to(room, word):
    python = room / "python"
    python.write_text('#!/bin/sh\n[ "$2" != pytest ] || echo "soaks: $LONGRUN_SOAK"\n')
    python.chmod(0o755)
    (room / "bin" / "uv").write_text(f"#!/bin/sh\n/bin/ln -sf {python} {room}/.venv/bin/python\n")
    assert run(room, word).stdout.count("soaks: on" if word == "soak" else "soaks: \n") == (10 if word == "soak" else 9)


@pytest.mark.parametrize(
    # A second run that ends has to end within the limit, on a busy machine too.
    ("often", "code", "limit"),
    [("/bin/rmdir {room}/stands 2>&1 || exit 0", 0, "4"), ("", 1, "0.5")],
    ids=["once", "ever"],
)
def test_a_check_that_stands_still_is_stopped_and_run_once_more(room, often, code, limit):
    (room / "run.py").write_text(RUN.replace("LIMIT = 35 * 60", f"LIMIT = {limit}"))
    (room / "stands").mkdir()
    python = room / "python"
    python.write_text(f'#!/bin/sh\n[ "$2" = pytest ] || exit 0\n{often.format(room=room)}\nexec /bin/sleep 600\n')
    python.chmod(0o755)
    (room / "bin" / "uv").write_text(f"#!/bin/sh\n/bin/ln -sf {python} {room}/.venv/bin/python\n")
    done = run(room, "test-long")
    assert done.returncode == code, done.stdout + done.stderr
    assert done.stdout.count(f"-- stood still for {limit} s") == (9 if code else 1)
    assert done.stderr.count("\n  python") == (9 if code else 0)


def test_a_test_that_hangs_is_named_and_ends_the_run(tmp_path):
    """In its own words: xdist gave it to one new worker after the other, each until its time was over."""
    ours = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
    assert ours["faulthandler_timeout"] <= 300
    kept = [f"{name} = {ours[name]}" for name in ("addopts", "faulthandler_exit_on_timeout")]
    (tmp_path / "pytest.ini").write_text("\n".join(["[pytest]", *kept, "faulthandler_timeout = 1"]))
    (tmp_path / "test_it.py").write_text("import time\n\n\ndef test_slow():\n    time.sleep(600)\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    command = [sys.executable, "-m", "pytest", "-q", "-n", "1", "--dist", "loadfile", "-p", "no:django"]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout.count("FAILED test_it.py::test_slow - worker 'gw0' crashed") == 1
    assert "1 failed in" in done.stdout


def test_checks_do_not_touch_the_blog_of_whoever_runs_them(room, tmp_path):
    (room / "manage.py").write_text("import os; print('on', os.environ['LONGRUN_DATA'], 'DATABASE_URL' in os.environ)")
    mine = {"LONGRUN_DATA": str(tmp_path / "mine"), "DATABASE_URL": "postgres://ada@localhost/my-blog"}
    (asked,) = [line for line in run(room, "test-fast", **mine).stdout.splitlines() if line.startswith("on ")]
    assert str(tmp_path / "mine") not in asked
    assert asked.endswith("False")


@pytest.fixture
def pythons(room):
    """pythons(**{"3.12": exit code}): programs on the PATH that say which Python they are, and what they are to run."""

    def make(folder="bin", full="", **codes):
        for name, code in codes.items():
            name = name.replace("_", ".")
            program = room / folder / f"python{name}"
            program.parent.mkdir(parents=True, exist_ok=True)
            said = (full or f"{name}.1").replace(".", " ")
            program.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo {said} && exit\necho ran "$0" "$2"\nexit {code}\n')
            program.chmod(0o755)

    return make


NEXT, LATER = (f"3_{sys.version_info[1] + more}" for more in (1, 2))


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_where_there_is_one_python_that_is_said_and_passes(room, pythons):
    mine = f"3_{sys.version_info[1]}"
    pythons(**{mine: 1, "3_10": 1, "3_2x": 1})
    done = run(room, "test-pythons", PYENV_ROOT=str(room / ".pyenv"))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == (
        f"There is no other Python here that Longrun runs on than {mine.replace('_', '.')}, "
        "which `make test` runs with.\n"
    )


@pytest.mark.skipif(os.name == "nt", reason="needs a shell")
def test_every_other_python_runs_the_quick_tests_and_the_newest_of_each(room, pythons):
    pythons(**{NEXT: 0, LATER: 1})
    later = LATER.replace("_", ".")
    pythons(f".pyenv/versions/{later}.9/bin", full=f"{later}.9", **{LATER: 3})
    (room / "bin/python3.99").write_text("#!/bin/sh\nexit 127\n")  # a shim of pyenv's that leads nowhere
    (room / "bin/python3.99").chmod(0o755)
    done = run(room, "test-pythons", PYENV_ROOT=str(room / ".pyenv"))
    ran = [line.split()[1] for line in done.stdout.splitlines() if line.startswith("ran ")]
    newest = f"{room}/.pyenv/versions/{later}.9/bin/python{later}"
    assert ran == [f"{room}/bin/python{NEXT.replace('_', '.')}", newest], done.stdout + done.stderr
    assert done.returncode == 1 and done.stderr.strip() == f"Failed with Python {later}"


def test_each_python_has_an_environment_of_its_own(room):
    done = run(room, "test-python")
    assert done.stdout.count("-- python -m pytest") == 1 and "not process and not browser" in done.stdout
    [folder] = room.glob(".venv*")
    assert folder.name == ".venv-{}.{}".format(*sys.version_info[:2])
    assert f"into {folder.name};" in done.stdout
