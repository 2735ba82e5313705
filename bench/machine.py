"""Who runs where, and what it costs: cores, and processor time and memory of a process with all below it (Linux)."""

import contextlib
import os
import platform
import time
from pathlib import Path

PROC = Path("/proc")
CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
TICK = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


@contextlib.contextmanager
def on_core(number):
    """What is started here stays on one core; where there is but one, or no way to say so, nothing is pinned."""
    if len(CORES) < 2:
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {CORES[number]})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def tree(pid, proc=PROC):
    """The process and all that descend from it."""
    children = {}
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(int(stat_of(folder)[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def cpu_seconds(pid, proc=PROC):
    """Processor time that the tree has used until now, with that of children which have ended."""
    ticks = 0
    for each in tree(pid, proc):
        with contextlib.suppress(OSError):
            ticks += sum(int(number) for number in stat_of(proc / str(each))[11:15])
    return ticks / TICK


def rest(pid, patience=10, pause=0.1, proc=PROC):
    """Wait until the tree has nothing to do, or for so many seconds; whether it came to rest.

    Whoever hangs up leaves requests behind that are answered all the same: 16 of a heavy page are seconds of work.
    """
    end, used = time.monotonic() + patience, cpu_seconds(pid, proc)
    while time.monotonic() < end:
        time.sleep(pause)
        before, used = used, cpu_seconds(pid, proc)
        if used - before <= pause / 10:
            return True
    return False


def stat_of(folder):
    """The fields of /proc/PID/stat from the third on: a name in brackets before them may hold anything."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def pss(pid, proc=PROC):
    """{process: its proportional share of memory in MiB} of the tree, named by what it runs."""
    found = {}
    for each in tree(pid, proc):
        with contextlib.suppress(OSError):
            command = (proc / str(each) / "cmdline").read_text().split("\0")
            lines = (proc / str(each) / "smaps_rollup").read_text().splitlines()
            size = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            found[f"{each} {name_of(command)}"] = size / 1024
    return found


def name_of(command):
    words = " ".join(command)
    return next((name for name in ("granian", "worker", "serve", "nginx") if name in words), command[0])


def described():
    """The machine in a line."""
    model = ""
    with contextlib.suppress(OSError):
        lines = (PROC / "cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{len(CORES)} cores{', ' + model if model else ''}, Python {platform.python_version()}{load}"
