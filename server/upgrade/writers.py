"""Who writes to a data folder now, in words: what an upgrade waits for."""

import os
from pathlib import Path

from django.conf import settings

from core import jobs
from core.read_only import LOCK

SERVING = {"serve", "worker", "runserver"}  # what these write is named by its job


def describe():
    """The jobs that run and the commands that hold the lock of writers."""
    return ", ".join([*running_jobs(), *commands()]) or "a form that somebody has sent, or a short job"


def running_jobs():
    return [f"the job {name}, since {since:%H:%M} UTC" for name, since in jobs.running_jobs()]


def commands():
    """The commands of this or the current version that hold the lock; Linux alone tells, elsewhere nothing."""
    lock = Path(settings.LONGRUN_DATA) / LOCK
    try:
        number, locks = lock.stat().st_ino, Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return []
    found = {line.split()[4] for line in locks if "FLOCK" in line and line.split()[5].endswith(f":{number}")}
    words = [command_of(process) for process in sorted(found - {str(os.getpid())})]
    return [f"the command {' '.join(command)}" for command in words if command and command[0] not in SERVING]


def command_of(process):
    """The command's words after `manage.py` or `longrun`; [] for another program or one that has ended."""
    try:
        words = Path("/proc", process, "cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return []
    names = [number for number, word in enumerate(words) if Path(word).name in ("manage.py", "longrun")]
    return words[names[0] + 1 : -1] if names else []
