"""What the history of a Git repository in the public part still has of comments that were erased here.

The mirror never changes a history: it can only say what is in it, so that the owner removes it there and wherever the
repository was pushed to.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from comments.models import Comment

SECONDS = 60
MOST = 200  # files that are named
AT_A_TIME = 50  # former files in memory

Trace = dict[str, Any]  # {"path": …, "comments": [number, …], "commits": [hash, …]}


def has_history(public: Path) -> bool:
    return (public / ".git").exists()


def traces(public: Path) -> list[Trace]:
    """The files of the history with comments that are erased or anonymized now. [] without a repository.

    One entry without a path says that there is a repository and no `git` to read it.
    """
    if not has_history(public):
        return []
    found: dict[str, set[int]] = {}
    try:
        for path, data in former_files(public):
            found.setdefault(path, set()).update(erased(written_in(data)))
        return [
            {"path": path, "comments": sorted(numbers), "commits": commits(public, path)}
            for path, numbers in sorted(found.items())
            if numbers
        ][:MOST]
    except (OSError, subprocess.SubprocessError, ValueError):
        return [{"path": "", "comments": [], "commits": []}]


def former_files(public: Path) -> Iterator[tuple[str, bytes]]:
    """(path, content) of every version of every comments' file in the history, a part of them at a time."""
    lines = run(public, "rev-list", "--all", "--objects", "--", "comments").decode().splitlines()
    named = [line.partition(" ")[::2] for line in lines]
    found = [(name, path) for name, path in named if path.startswith("comments/") and path.endswith(".json")]
    for start in range(0, len(found), AT_A_TIME):
        part = found[start : start + AT_A_TIME]
        output = run(public, "cat-file", "--batch", text="\n".join(name for name, _path in part) + "\n")
        for _name, path in part:
            head, _newline, output = output.partition(b"\n")
            size = int(head.split()[-1])
            yield path, output[:size]
            output = output[size + 1 :]


def written_in(data: bytes) -> dict[int, str]:
    """{number: name} of the comments in a former file."""
    try:
        rows = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    rows = rows if isinstance(rows, list) else []
    return {
        each["id"]: str(each.get("name") or "")
        for each in rows
        if isinstance(each, dict) and isinstance(each.get("id"), int) and each.get("state") != Comment.State.GONE
    }


def erased(former: dict[int, str]) -> Iterable[int]:
    """Those that are no longer here, are emptied, or have lost their name."""
    rows = Comment.objects.filter(pk__in=list(former)).values_list("pk", "state", "name")
    here = {number: (state, name) for number, state, name in rows}
    for number, name in former.items():
        state, name_now = here.get(number, (Comment.State.GONE, ""))
        if state == Comment.State.GONE or (name and not name_now):
            yield number


def commits(public: Path, path: str) -> list[str]:
    return run(public, "log", "--all", "--format=%h", "--", path).decode().split()


def run(public: Path, *command: str, text: str = "") -> bytes:
    """The output of a git command that only reads, with this text as its input. Raises OSError, SubprocessError."""
    program = shutil.which("git")
    if program is None:
        raise FileNotFoundError("git")
    quiet = ["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_CONFIG_NOSYSTEM": "1",
                   "GIT_CONFIG_GLOBAL": os.devnull, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}  # fmt: skip
    line = [program, "--no-pager", "-C", str(public), *quiet, *command]
    done = subprocess.run(line, env=environment, input=text.encode(), capture_output=True, timeout=SECONDS, check=True)
    return done.stdout
