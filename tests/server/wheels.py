"""Longrun as a wheel, and environments in which a wheel is installed and nothing of the checkout is found."""

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.blog_process import ROOT, Blog


def build(folder, tree=ROOT):
    """The wheel of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    done = subprocess.run(command, cwd=tree, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    [wheel] = Path(folder).glob("*.whl")
    return wheel


def install(wheel, folder):
    """A new environment with this wheel; Longrun's dependencies are read from the environment of the tests, since a
    test reaches no registry. Returns the folder of its commands."""
    venv.create(folder, with_pip=False, symlinks=True)
    [packages] = Path(folder).glob("lib/python*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--no-index", "--no-deps"]
    done = subprocess.run([*pip, str(wheel)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return Path(folder) / "bin"


class InstalledBlog(Blog):
    """A blog whose program is the command `longrun` of an installed wheel."""

    def __init__(self, data, commands, **environment):
        super().__init__(data, **environment)
        self.program, self.folder = (str(commands / "longrun"),), self.data.parent
