"""Posts and comments that an import brings in a second, and its memory: one post of 600 words to 10 comments, in a new
blog, without files.

    .venv/bin/python -m bench.importing                    1,000 and 100,000 comments, as in `make bench`
    .venv/bin/python -m bench.importing 1000 10000         other sizes

Seconds and CPU are those of the command and its child process, without the start of Python (the import of an empty
export). CPU is compared with that of the standard library's parser for the same file, in the same run. Memory is the
largest sum (PSS) of both processes, asked for twice a second.
"""

import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from xml.etree.ElementTree import iterparse

from bench import machine
from bench.floors import import_floors
from tests.blog_process import ROOT, Blog
from tests.transfer import wxr_files
from transfer.records import Channel

SIZES = (1_000, 100_000)
EACH = 10  # comments to a post
WORDS = 600
PAUSE = 0.5  # seconds between two looks at the memory


@dataclass(frozen=True)
class Figures:
    comments: int
    items: int  # posts and comments
    seconds: float
    cpu: float  # seconds
    parser: float  # CPU seconds of the standard library's parser
    memory: float  # MiB

    @property
    def rate(self):
        return self.items / self.seconds

    @property
    def ratio(self):
        return self.cpu / self.parser


def measured(sizes):
    """[Figures] for these numbers of comments, each imported into a blog of its own."""
    with tempfile.TemporaryDirectory(prefix="longrun-bench-") as folder:
        return [figures_of(size, Path(folder)) for size in sizes]


def figures_of(comments, folder):
    blog = Blog(folder / f"blog-{comments}")
    blog.manage("prepare")
    blog.set_up()
    posts = comments // EACH
    empty = wxr_files.write(folder / "empty.xml", [Channel(url=wxr_files.Blog.URL)])
    records = wxr_files.blog(1, posts=posts, comments=EACH, words=WORDS, pages=0)
    file = wxr_files.write(folder / "export.xml", records)
    start, start_cpu, _memory = costs(blog, empty)
    seconds, cpu, memory = costs(blog, file)
    parser = min(parsed(file) for _time in range(3))
    return Figures(comments, posts * (1 + EACH), seconds - start, cpu - start_cpu, parser, memory)


def costs(blog, file):
    """(seconds, seconds of CPU, MiB at most) of the command."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_wordpress", str(file)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began, before, memory = time.monotonic(), machine.children_seconds(), 0
    with subprocess.Popen(command, cwd=ROOT, env=blog.env, **quiet) as process:
        while process.poll() is None:
            memory = max(memory, sum(machine.pss(process.pid).values()))
            time.sleep(PAUSE / 10 if memory == 0 else min(PAUSE, time.monotonic() - began))
    if process.returncode:
        sys.exit("the import failed")
    return time.monotonic() - began, machine.children_seconds() - before, memory


def parsed(file):
    """CPU seconds in which the standard library's parser reads the file."""
    began = time.process_time()
    for _event, element in iterparse(file):
        if element.tag == "item":
            element.clear()
    return time.process_time() - began


def table(figures):
    lines = [f"{'comments':>10}{'items':>10}{'seconds':>9}{'items/s':>9}{'CPU s':>8}{'÷ parser':>10}{'memory':>12}"]
    for each in figures:
        lines.append(
            f"{each.comments:>10,}{each.items:>10,}{each.seconds:>9.1f}{each.rate:>9,.0f}{each.cpu:>8.1f}"
            f"{each.ratio:>10.1f}{each.memory:>8.0f} MiB"
        )
    return "\n".join(lines)


def as_json(figures):
    return [asdict(each) | {"rate": each.rate, "ratio": each.ratio} for each in figures]


def main(arguments):
    print(machine.described())
    figures = measured([int(size) for size in arguments] or SIZES)
    print(table(figures))
    for floor in import_floors(figures):
        print(floor.told())


if __name__ == "__main__":
    main(sys.argv[1:])
