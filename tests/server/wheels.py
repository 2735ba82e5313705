"""Longrun as a wheel, and environments in which a wheel is installed and nothing of the checkout is found."""

import re
import shutil
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


def next_tree(folder, version, **files):
    """A source tree of a later version: this checkout with another number and `files` ("/" is "__" in their names)."""
    ls = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(ls, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, names.split("\0")):
        if name.startswith("tests/") or not (ROOT / name).is_file():
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, folder / name)
    project = folder / "pyproject.toml"
    text = project.read_text(encoding="utf-8")
    project.write_text(re.sub(r'^version = ".*"', f'version = "{version}"', text, flags=re.MULTILINE), encoding="utf-8")
    # Nothing is downloaded in a test: the dependencies come from PYTHONPATH.
    (folder / "requirements.txt").write_text("")
    changes = folder / "CHANGELOG.md"
    old = changes.read_text(encoding="utf-8").partition("## Unreleased")[2]
    changes.write_text(
        f"# Changelog\n\n## {version} (2027-01-01)\n\n- A later version.\n\n## Unreleased{old}", encoding="utf-8"
    )
    for name, content in files.items():
        (folder / name.replace("__", "/")).write_text(content, encoding="utf-8")
    return folder


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
