"""What a change costs readers: the first page after it, six readers of that page at once, and the readers of one cached
page while changes go on."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from bench import load, machine
from tests.blog_process import ROOT

CHANGES = ("post", "setting", "comment")  # what `bench.changing` does when it is asked
TIMES = 20  # changes of each kind: the kernel counts CPU time in ticks of 10 ms
READERS = 6
RATE = 10  # changes a second


@dataclass
class FirstPage:
    """After one kind of change: milliseconds of the server's CPU for the first page, and until it is there, for one
    reader and for READERS of them; `foreign`, the share of the CPU that others used."""

    change: str
    cpu: float
    one: float
    many: float
    foreign: float


def first_pages(blog, path, url, fetch, times=TIMES):
    """The FirstPage after each kind of change. `path` is that of a post that may be changed."""
    found = []
    with changing(blog, path, "--ask") as writer, ThreadPoolExecutor(READERS) as readers:
        for change in CHANGES:
            used, one, many = [], [], []
            with machine.foreign_share() as share:
                for readers_at_once, seconds in [(1, one), (READERS, many)]:
                    before = machine.cpu_seconds(blog.process.pid)
                    for _ in range(times):
                        ask_for(writer, change)
                        began = time.perf_counter()
                        list(readers.map(fetch, [url] * readers_at_once))
                        seconds.append(time.perf_counter() - began)
                    used.append((machine.cpu_seconds(blog.process.pid) - before) / times)
            milliseconds = [1000 * value for value in (used[0], median(one), median(many))]
            found.append(FirstPage(change, *milliseconds, share.value))
    return found


def rates(blog, path, url, seconds):
    """(requests a second for one cached page, the same while its blog changes RATE times a second, the share of the CPU
    that others used). The process that changes it is not counted as others."""
    headers = {"Accept-Encoding": "gzip"}
    with machine.foreign_share() as share:
        quiet = load.drive(url, seconds, headers).rate
        with changing(blog, path, "--rate", str(RATE)) as writer:
            writer.stdout.readline()
            changed = load.drive(url, seconds, headers).rate
    return quiet, changed, share.value


@contextmanager
def changing(blog, path, *options):
    command, pipe = [sys.executable, "-m", "bench.changing", path, *options], subprocess.PIPE
    with machine.on_core(1):
        writer = subprocess.Popen(command, cwd=ROOT, env=blog.env, stdin=pipe, stdout=pipe, text=True)
    try:
        yield writer
    finally:
        writer.stdin.close()
        writer.stdout.read()
        writer.wait()


def ask_for(writer, change):
    writer.stdin.write(f"{change}\n")
    writer.stdin.flush()
    if not writer.stdout.readline():
        raise RuntimeError(f"bench.changing ended with {writer.wait()}")
