"""Pin processes to cores; measure CPU time and memory of a process and its descendants (Linux)."""

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
    """Processes started in this block stay on one core; no effect with a single core or without sched_setaffinity."""
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
    """The ids of the process and all its descendants."""
    children = {}
    for folder in proc.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            children.setdefault(int(stat_of(folder)[1]), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def cpu_seconds(pid, proc=PROC):
    """CPU seconds used so far by the process and its descendants, ended children included."""
    ticks = 0
    for each in tree(pid, proc):
        with contextlib.suppress(OSError):
            ticks += sum(int(number) for number in stat_of(proc / str(each))[11:15])
    return ticks / TICK


class ForeignShare:
    """The share of all cores that other processes, and other machines on the same hardware, used in a `with` block;
    0 where the system does not say."""

    def __init__(self, proc=PROC):
        self.proc, self.value = proc, 0.0

    def __enter__(self):
        self.before = self.used()
        return self

    def __exit__(self, *_error):
        all_used, ours, clock = (now - then for now, then in zip(self.used(), self.before, strict=True))
        if clock > 0:
            self.value = max(0.0, all_used - ours) / (clock * len(CORES))

    def used(self):
        """(CPU seconds of all processes, of this one and its descendants, seconds on the clock)."""
        return busy_seconds(self.proc), cpu_seconds(os.getpid(), self.proc), time.monotonic()


def foreign_share():
    return ForeignShare()


def busy_seconds(proc=PROC):
    """CPU seconds that all cores were busy since the system started, and that its host took from it (steal)."""
    try:
        line = (proc / "stat").read_text().partition("\n")[0]
    except OSError:
        return 0.0
    user, nice, system, _idle, _iowait, irq, softirq, *steal = map(int, line.split()[1:9])
    return (user + nice + system + irq + softirq + sum(steal)) / TICK


def children_seconds():
    """CPU seconds of all ended children of this process and of theirs."""
    used = os.times()
    return used.children_user + used.children_system


def rest(pid, patience=10, pause=0.1, proc=PROC):
    """Wait until the process tree is idle, for at most `patience` seconds. Returns whether it is.

    The server still works on requests whose clients have disconnected: 16 for an expensive page take seconds.
    """
    end, used = time.monotonic() + patience, cpu_seconds(pid, proc)
    while time.monotonic() < end:
        time.sleep(pause)
        before, used = used, cpu_seconds(pid, proc)
        if used - before <= pause / 10:
            return True
    return False


def stat_of(folder):
    """The fields of /proc/PID/stat from the third on; the second, the name in brackets, may contain spaces."""
    return (folder / "stat").read_text().rpartition(")")[2].split()


def pss(pid, proc=PROC):
    """{"pid name": proportional set size in MiB} of the process and its descendants."""
    found = {}
    for each in tree(pid, proc):
        with contextlib.suppress(OSError):
            command = [(proc / str(each) / "comm").read_text().strip()]
            command += (proc / str(each) / "cmdline").read_text().split("\0")
            lines = (proc / str(each) / "smaps_rollup").read_text().splitlines()
            size = next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
            found[f"{each} {name_of(command)}"] = size / 1024
    return found


def name_of(command):
    """What a process is, by its name, which `server/forked_process.py` sets, and the words of its command."""
    words = " ".join(command)
    return next((name for name in ("longrun web", "longrun worker", "serve", "nginx") if name in words), command[0])


def described():
    """A description of the machine in one line."""
    model = ""
    with contextlib.suppress(OSError):
        lines = (PROC / "cpuinfo").read_text().splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{len(CORES)} cores{', ' + model if model else ''}, Python {platform.python_version()}{load}"
