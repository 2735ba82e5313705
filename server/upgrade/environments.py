"""Install another version beside the present one: from a wheel, or in a checkout from a tag."""

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

from config import folders
from server.upgrade.programs import Program, current_program, versions_folder

TIMEOUT = 1800  # seconds for a step that downloads
HEADING = re.compile(r"^## (?P<version>\S+)", re.MULTILINE)


class InstallFailed(Exception):
    """The version was not installed; the message says why. Nothing else has changed."""


def read_version(wheel):
    """(version, changelog) of a wheel of Longrun."""
    try:
        with zipfile.ZipFile(wheel) as files:
            [metadata] = [name for name in files.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name)]
            head = files.read(metadata).decode().partition("\n\n")[0]
            facts = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
            changes = files.read("longrun/CHANGELOG.md").decode()
    except FileNotFoundError:
        raise InstallFailed(f"there is no file {wheel}") from None
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        raise InstallFailed(f"{wheel} is not a wheel of Longrun") from None
    if facts.get("Name") != "longrun":
        raise InstallFailed(f"{wheel} is a wheel of {facts.get('Name')}, not of Longrun")
    return facts["Version"], changes


def news(changelog, version):
    """What the changelog says of everything newer than `version`."""
    parts = HEADING.split(changelog)[1:]
    newer = []
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        if name == version:
            break
        newer.append(f"## {name}{text.rstrip()}")
    return "\n\n".join(newer)


def install_wheel(wheel, version, data):
    """The program of a wheel, installed in `versions/` of the data folder unless it is there already."""

    def fill(folder):
        venv.create(folder, with_pip=True, symlinks=True)
        python = folder / "bin" / "python"
        with zipfile.ZipFile(wheel) as files:
            (folder / "requirements.txt").write_bytes(files.read("longrun/requirements.txt"))
        pip = [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet", "--no-deps"]
        call(*pip, "--require-hashes", "-r", folder / "requirements.txt")
        call(*pip, wheel)

    folder = make(data, version, hashlib.sha256(wheel.read_bytes()).hexdigest(), fill)
    [package] = folder.glob("lib/python*/site-packages/longrun")
    return Program(version, str(folder / "bin" / "python"), str(package / "manage.py"))


def tag_version(tag):
    """The version of a tag of this checkout."""
    if not folders.IS_CHECKOUT:
        raise InstallFailed(f"{tag} is no file; a tag can be installed only in a checkout")
    command = ["git", "-C", str(folders.HERE), "show", f"{tag}:pyproject.toml"]
    project = call(*command, why=f"this checkout has no tag {tag}").decode()
    return re.search(r'^version = "([^"]+)"', project, re.MULTILINE)[1]


def install_tag(tag, version, data):
    """(program, changelog) of a tag of this checkout, with an environment of its own."""
    git = ["git", "-C", str(folders.HERE)]

    def fill(folder):
        with tarfile.open(fileobj=io.BytesIO(call(*git, "archive", tag))) as tree:
            tree.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else tree.extractall(folder)
        call(sys.executable, "-c", "import run; run.install(run.RUN)", cwd=folder)

    folder = make(data, version, call(*git, "rev-parse", f"{tag}^{{commit}}").decode().strip(), fill)
    program = Program(version, str(folder / ".venv" / "bin" / "python"), str(folder / "manage.py"))
    return program, (folder / "CHANGELOG.md").read_text(encoding="utf-8")


def make(data, version, source_hash, fill):
    """The folder of a version: `fill` makes it, and it gets its final content before it is marked as complete.

    One that is complete is used again if it was made of the same source: a failed version may come mended under the
    same number."""
    folder = versions_folder(data) / version
    complete = folder / "complete"
    if complete.exists() and complete.read_text(encoding="utf-8") == source_hash:
        return folder
    shutil.rmtree(folder, ignore_errors=True)  # an environment cannot be renamed: its commands name its place
    folder.mkdir(mode=0o700, parents=True)
    try:
        fill(folder)
        complete.write_text(source_hash, encoding="utf-8")
    except (OSError, subprocess.SubprocessError) as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise InstallFailed(f"version {version} could not be installed: {error}") from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def delete_unused(data, keep):
    """Delete the versions that are neither current nor in `keep`."""
    kept = {Path(program.manage) for program in [*keep, current_program(data)] if program}
    for folder in versions_folder(data).glob("*/complete"):
        if not any(path.is_relative_to(folder.parent) for path in kept):
            shutil.rmtree(folder.parent, ignore_errors=True)


def call(*command, why="", cwd=None):
    """Run a command; returns its output. Raises InstallFailed with its last lines."""
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "VIRTUAL_ENV")}
    done = subprocess.run([*map(str, command)], capture_output=True, cwd=cwd, env=environment, timeout=TIMEOUT)
    if done.returncode:
        said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()[-3:]
        raise InstallFailed(why or " ".join(said) or f"{command[0]} ended with {done.returncode}")
    return done.stdout
