"""The installed versions of Longrun, and which of them serves a data folder.

`versions/` in the data folder has an environment for each version that `upgrade` installed, `versions/current.json`
names the program to run. The program that the owner calls reads it first and becomes that one. Only Python's own
library is imported here, since this runs before Django, and in another version than the one that is going to run.
"""

import dataclasses
import json
import os
import re
import sys
from pathlib import Path

from config import folders

STAY = "LONGRUN_THIS_VERSION"  # an environment variable: run the program that was called, whatever is current


@dataclasses.dataclass(frozen=True)
class Program:
    """A version of Longrun: its Python and its manage.py."""

    version: str
    python: str
    manage: str

    def command(self, *words):
        return [self.python, self.manage, *words]

    def exists(self):
        return Path(self.python).is_file() and Path(self.manage).is_file()


def this_program():
    return Program(program_version(folders.HERE), sys.executable, str(folders.HERE / "manage.py"))


def program_version(folder):
    """The version of the program in a folder: a checkout, or the package of an installed wheel."""
    import tomllib  # an idle `serve` needs neither of these
    from importlib import metadata

    project = folder / "pyproject.toml"
    if project.is_file():
        return tomllib.loads(project.read_text(encoding="utf-8"))["project"]["version"]
    try:
        return metadata.version("longrun")
    except metadata.PackageNotFoundError:
        return "0"


def as_numbers(version):
    """A version in an order: "0.10.1" becomes (0, 10, 1)."""
    return tuple(int(number) for number in re.findall(r"\d+", version))


def versions_folder(data):
    return data / "versions"


def current_program(data):
    """The program that `upgrade` or `rollback` chose for this data folder; None if that never happened."""
    try:
        return Program(**json.loads((versions_folder(data) / "current.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, TypeError) as error:
        sys.exit(f"{versions_folder(data) / 'current.json'} cannot be read ({error}); it names the version to run.")


def stays():
    """Whether the program that was called shall run, whatever is current."""
    return os.environ.get("LONGRUN_THIS_VERSION", "").strip().lower() in ("1", "true", "yes", "on")


def hand_over(words):
    """Become the current program of the data folder, if that is another one than this; `words` are its arguments.

    A newer program than the current one (installed by other means) stays, and so does one whose successor is gone. A
    checkout with the number of the current program is newer if its commit comes after the one that was installed.
    """
    if stays() or os.name == "nt":
        return
    data = folders.data_folder()
    program = current_program(data)
    # Resolved: the data folder may have been moved, and its former path be a link.
    if program is None or Path(program.manage).resolve() == folders.HERE / "manage.py":
        return
    here = program_version(folders.HERE)
    if as_numbers(program.version) < as_numbers(here):
        return
    if program.version == here and folders.IS_CHECKOUT and goes_further(program):
        return
    if not program.exists():
        print(
            f"Version {program.version} is not there any more ({program.manage}); this is the former one.", flush=True
        )
        return
    run(program, words)


def goes_further(program):
    """Whether this checkout has commits that come after what `program`, of the same version, was installed from.

    If that cannot be told, the installed one runs, and a line says so.
    """
    import subprocess  # only here: an idle `serve` does not need it

    def git(*words):
        done = subprocess.run(["git", "-C", str(folders.HERE), *words], capture_output=True, text=True, timeout=20)
        return done.stdout.strip() if done.returncode == 0 else None

    try:
        installed = (Path(program.manage).parent / "complete").read_text(encoding="utf-8").strip()
        head = git("rev-parse", "--verify", "HEAD")
        if head and head == installed:
            return False
        if head and git("merge-base", "--is-ancestor", installed, head) is not None:
            return True
    except (OSError, subprocess.SubprocessError):
        pass
    current = versions_folder(folders.data_folder()) / "current.json"
    print(
        f"This checkout and the installed version that runs are both {program.version}. "
        f"To run the checkout's code instead, delete {current}.",
        file=sys.stderr,
        flush=True,
    )
    return False


def run(program, words):
    """Replace this process by another program with the environment in which this one was started."""
    environment = folders.ENVIRONMENT | {"LONGRUN_DATA": str(folders.data_folder())}
    sys.stdout.flush()
    os.execve(program.python, program.command(*words), environment)


def write_file(path, value):
    """Write a value as JSON (a program as its fields) so that a crash leaves the old file or the new one."""
    part = path.with_name(path.name + ".part")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(part, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        json.dump(value, file, indent=1, default=dataclasses.asdict)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
