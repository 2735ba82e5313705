"""Elements per second of an import, and its memory: one post of 600 words to 10 comments, as a new blog gets them.

    .venv/bin/python -m bench.importing            1,000 comments
    .venv/bin/python -m bench.importing 100000     100,000 comments: some minutes

The goals are 500 elements a second on two cores, and memory that does not grow with the file. The seconds are those of
the whole command, without the start of Python (measured with an export of nothing); the load of the machine is printed.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.blog_process import ROOT, Blog
from tests.transfer import wxr_files
from transfer.records import Channel

EACH = 10  # comments to a post
WORDS = 600
GOAL = 500


def main(comments):
    posts = comments // EACH
    with tempfile.TemporaryDirectory() as folder:
        blog = Blog(Path(folder, "data"))
        blog.manage("prepare")
        blog.set_up()
        empty = wxr_files.write(Path(folder, "empty.xml"), [Channel(url=wxr_files.Blog.URL)])
        records = wxr_files.blog(1, posts=posts, comments=EACH, words=WORDS, pages=0)
        file = wxr_files.write(Path(folder, "export.xml"), records)
        start, start_cpu, least = measured(blog, empty)
        seconds, cpu, memory = measured(blog, file)
    seconds, cpu, elements = seconds - start, cpu - start_cpu, posts * (1 + EACH)
    print(f"{elements:,} posts and comments in {seconds:.1f} s: {elements / seconds:.0f} a second")
    print(f"{cpu:.1f} s of CPU: {elements / cpu:.0f} in a second of CPU")
    print(f"goal {GOAL} a second; memory {memory:.0f} MB, with nothing to import {least:.0f} MB")
    print(f"load of the machine {os.getloadavg()[0]:.1f}, cores {os.cpu_count()}")


def measured(blog, file):
    """(seconds, seconds of CPU, megabytes at most) of the command."""
    command = [sys.executable, str(ROOT / "manage.py"), "import_wordpress", str(file)]
    began = time.monotonic()
    process = subprocess.Popen(command, cwd=ROOT, env=blog.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    process.stderr.read()
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit("the import failed")
    return time.monotonic() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
