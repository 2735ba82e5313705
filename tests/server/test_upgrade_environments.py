"""Versions of Longrun beside each other: how they are installed, named and handed over to, with stand-ins for pip."""

import io
import json
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from config import folders
from server.upgrade import environments, programs, steps
from server.upgrade.programs import STAY, Program, current_program, this_program, write_file

NEW = "9.0.0"
CHANGES = f"# Changelog\n\n## {NEW}\n\n- A later version.\n\n## 0.0.1\n\n- The first.\n"


@pytest.fixture
def data(settings, tmp_path):
    settings.LONGRUN_DATA = tmp_path / "data"
    settings.LONGRUN_DATA.mkdir()
    return settings.LONGRUN_DATA


@pytest.fixture
def new(data):
    """`new(version)` is an installed version."""

    def make(version=NEW):
        folder = data / "versions" / version
        folder.mkdir(parents=True)
        (folder / "complete").write_text("hash")
        (folder / "manage.py").touch()
        return Program(version, sys.executable, str(folder / "manage.py"))

    return make


# Environments


def make_wheel(path, *, name="longrun", version=NEW, files=None):
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{name}-{version}.dist-info/METADATA", f"Name: {name}\nVersion: {version}\n\nText: x\n")
        for file, text in ({"longrun/CHANGELOG.md": CHANGES} if files is None else files).items():
            made.writestr(file, text)
    return path


def test_a_wheel_says_its_version_and_its_changes(tmp_path):
    assert environments.read_version(make_wheel(tmp_path / "a.whl")) == (NEW, CHANGES)
    with pytest.raises(environments.InstallFailed, match="is a wheel of django, not of Longrun"):
        environments.read_version(make_wheel(tmp_path / "b.whl", name="django"))
    with pytest.raises(environments.InstallFailed, match="is not a wheel of Longrun"):
        environments.read_version(make_wheel(tmp_path / "c.whl", files={}))
    (tmp_path / "d.whl").write_text("no zip")
    with pytest.raises(environments.InstallFailed, match="is not a wheel of Longrun"):
        environments.read_version(tmp_path / "d.whl")


def test_the_news_are_what_is_newer_than_the_present_version():
    assert environments.news(CHANGES, "0.0.1") == f"## {NEW}\n\n- A later version."
    assert environments.news(CHANGES, NEW) == "" and "The first." in environments.news(CHANGES, "0.0.0")


@pytest.fixture
def commands(monkeypatch):
    """The commands that would install: `commands.outputs` says what one that holds these words prints."""
    found = SimpleNamespace(run=[], outputs={}, fails="")

    def run(words, **_options):
        found.run.append(words)
        line = " ".join(words)
        if found.fails and found.fails in line:
            return SimpleNamespace(returncode=1, stdout=b"", stderr=b"first\nno such\npackage\nhere\n")
        output = next((text for part, text in found.outputs.items() if part in line), b"")
        return SimpleNamespace(returncode=0, stdout=output, stderr=b"")

    monkeypatch.setattr(environments.subprocess, "run", run)
    return found


def test_a_wheel_is_installed_once_with_its_hashed_requirements(data, tmp_path, commands, monkeypatch):
    made = []

    def create(folder, **_options):
        made.append(folder)
        (folder / "lib/python3.11/site-packages/longrun").mkdir(parents=True)

    monkeypatch.setattr(environments.venv, "create", create)
    files = {"longrun/CHANGELOG.md": CHANGES, "longrun/requirements.txt": "django==5.2 --hash=sha256:0\n"}
    file = make_wheel(tmp_path / "longrun.whl", files=files)
    program = environments.install_wheel(file, NEW, data)
    folder = data / "versions" / NEW
    assert program.python == str(folder / "bin/python") and program.manage.startswith(str(folder / "lib"))
    assert (folder / "requirements.txt").read_text() == files["longrun/requirements.txt"]
    first, second = commands.run
    assert "--require-hashes" in first and "--no-deps" in second and second[-1] == str(file)
    assert environments.install_wheel(file, NEW, data) == program and len(made) == 1, "it is there already"
    make_wheel(file, files=files | {"longrun/mended.py": ""})
    environments.install_wheel(file, NEW, data)
    assert len(made) == 2, "a failed version may come mended under the same number"


def test_an_installation_that_fails_leaves_no_folder_and_its_last_lines(data, tmp_path, commands, monkeypatch):
    monkeypatch.setattr(environments.venv, "create", lambda folder, **_options: None)
    file = make_wheel(tmp_path / "x.whl", files={"longrun/CHANGELOG.md": "", "longrun/requirements.txt": ""})
    commands.fails = "pip"
    with pytest.raises(environments.InstallFailed, match="^no such package here$"):
        environments.install_wheel(file, NEW, data)
    assert not (data / "versions" / NEW).exists()

    def full(folder, **_options):
        raise OSError("No space left on device")

    monkeypatch.setattr(environments.venv, "create", full)
    with pytest.raises(environments.InstallFailed, match="version 9.0.0 could not be installed: No space left"):
        environments.install_wheel(file, NEW, data)
    assert not (data / "versions" / NEW).exists()


def test_a_tag_of_a_checkout_is_installed_from_its_own_tree(data, commands, monkeypatch, tmp_path):
    archive = io.BytesIO()
    with environments.tarfile.open(fileobj=archive, mode="w") as tree:
        for name, text in {"CHANGELOG.md": CHANGES, "manage.py": ""}.items():
            facts = environments.tarfile.TarInfo(name)
            facts.size = len(text)
            tree.addfile(facts, io.BytesIO(text.encode()))
    commands.outputs = {
        "show": f'[project]\nname = "longrun"\nversion = "{NEW}"\n'.encode(),
        "rev-parse": b"abc123\n",
        "archive": archive.getvalue(),
    }
    monkeypatch.setattr(folders, "IS_CHECKOUT", True)
    program, changes = steps.candidate("v9.0.0", this_program(), data, lambda line: None)
    assert (program.version, changes) == (NEW, CHANGES)
    assert Path(program.manage).is_file() and "run.install(run.RUN)" in commands.run[-1][-1]
    commands.fails = "show"
    with pytest.raises(environments.InstallFailed, match="this checkout has no tag v9"):
        environments.tag_version("v9")
    monkeypatch.setattr(folders, "IS_CHECKOUT", False)
    with pytest.raises(environments.InstallFailed, match="v9 is no file; a tag can be installed only in a checkout"):
        environments.tag_version("v9")


def test_a_real_command_says_its_output_or_why_it_failed():
    assert environments.call(sys.executable, "-S", "-c", "print('installed')") == b"installed\n"
    with pytest.raises(environments.InstallFailed, match="ended with 3"):
        environments.call(sys.executable, "-S", "-c", "raise SystemExit(3)")


def test_versions_that_nobody_needs_are_deleted(data, new):
    kept, unused = new(version="1.0"), new(version="2.0")
    current = new(version="3.0")
    write_file(data / "versions" / "current.json", current)
    environments.delete_unused(data, [kept, None])
    assert sorted(path.name for path in (data / "versions").iterdir()) == ["1.0", "3.0", "current.json"]
    assert not Path(unused.manage).exists()


# Programs


@pytest.fixture
def handed(monkeypatch, data):
    """What this process would have become."""
    become = []
    monkeypatch.delenv(STAY, raising=False)
    monkeypatch.setattr(folders, "data_folder", lambda: data)
    monkeypatch.setattr(programs.os, "execve", lambda *words: become.append(words))
    return become


def test_the_program_becomes_the_current_version_of_its_data_folder(data, handed, new, monkeypatch, capsys):
    programs.hand_over(["serve"])
    assert handed == [], "nothing was ever upgraded"
    write_file(data / "versions" / "current.json", new())
    programs.hand_over(["doctor", "--json"])
    [(python, words, environment)] = handed
    assert python == sys.executable and words[2:] == ["doctor", "--json"] and words[1].endswith("9.0.0/manage.py")
    assert environment["LONGRUN_DATA"] == str(data)

    monkeypatch.setenv(STAY, "on")
    programs.hand_over(["doctor"])
    monkeypatch.delenv(STAY)
    write_file(data / "versions" / "current.json", new(version="0.0.1"))
    programs.hand_over(["doctor"])
    write_file(data / "versions" / "current.json", this_program())
    programs.hand_over(["doctor"])
    write_file(data / "versions" / "current.json", Program(NEW, sys.executable, "/nowhere/manage.py"))
    programs.hand_over(["doctor"])
    assert len(handed) == 1 and "Version 9.0.0 is not there any more (/nowhere/manage.py)" in capsys.readouterr().out


def test_a_note_of_the_current_version_that_cannot_be_read_ends_it(data):
    (data / "versions").mkdir()
    (data / "versions" / "current.json").write_text("{cut sho")
    with pytest.raises(SystemExit, match="current.json cannot be read"):
        current_program(data)


def test_the_version_of_a_wheel_is_that_of_its_metadata(tmp_path, monkeypatch):
    from importlib import metadata

    monkeypatch.setattr(metadata, "version", lambda name: "7.1.0")
    assert programs.program_version(tmp_path) == "7.1.0"

    def unknown(name):
        raise metadata.PackageNotFoundError

    monkeypatch.setattr(metadata, "version", unknown)
    assert programs.program_version(tmp_path) == "0"
    assert programs.as_numbers("0.10.1") > programs.as_numbers("0.9")


def test_a_file_is_written_whole_and_for_this_user_alone(tmp_path):
    path = tmp_path / "new" / "facts.json"
    write_file(path, {"at": 1, "program": Program("1", "python", "manage.py")})
    assert json.loads(path.read_text())["program"]["version"] == "1"
    assert path.stat().st_mode & 0o777 == 0o600 and [each.name for each in path.parent.iterdir()] == ["facts.json"]
