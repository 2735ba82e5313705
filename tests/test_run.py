"""run.py in a room of its own: an environment from nothing, a short second time, plain words when it cannot."""

import ast
import os
import shutil
import subprocess
import sys
import time
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

    began = time.monotonic()
    second = run(room, "setup", PATH=PIP)
    assert second.stdout.strip() == "asked prepare"
    assert time.monotonic() - began < 2


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


@pytest.mark.parametrize(
    "requirement", [f"nowhere==1 --hash=sha256:{'0' * 64}", "no-hash-beside-it==1"], ids=["nowhere", "no hash"]
)
def test_what_cannot_be_installed_ends_in_a_plain_line_and_may_be_tried_again(room, requirement):
    (room / "requirements.txt").write_text(requirement)
    done = run(room, "setup", PATH=PIP)
    assert done.returncode == 1
    assert "could not be installed" in done.stderr.strip().splitlines()[-1]
    assert "Traceback" not in done.stderr
    (room / "requirements.txt").write_text("# nothing\n")
    assert run(room, "setup").returncode == 0


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
    assert done.stdout.count("-- python") == 2
    assert "Not content:" in done.stderr


def test_checks_do_not_touch_the_blog_of_whoever_runs_them(room, tmp_path):
    (room / "manage.py").write_text("import os; print('on', os.environ['LONGRUN_DATA'], 'DATABASE_URL' in os.environ)")
    mine = {"LONGRUN_DATA": str(tmp_path / "mine"), "DATABASE_URL": "postgres://ada@localhost/my-blog"}
    (asked,) = [line for line in run(room, "test-fast", **mine).stdout.splitlines() if line.startswith("on ")]
    assert str(tmp_path / "mine") not in asked
    assert asked.endswith("False")
