"""`python -m bench.start`: what `manage.py serve` takes until its first answer, and the memory of an idle blog.

The CPU time of all processes until the home page has been answered, compared with that of `django.setup()` and loading
the URLs in the same run; the medians of some starts. The memory (PSS) of all processes some seconds later.
"""

import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from bench import machine
from bench.floors import start_floors
from tests.blog_process import ROOT, Blog

LOADING = "import django; django.setup(); from django.urls import get_resolver; get_resolver().url_patterns"
ROUNDS, REST = 3, 8  # starts; seconds until the memory is measured: the jobs of the first start have run by then


@dataclass
class Start:
    """Seconds of CPU: of the first answer, of loading alone. `parts` of the idle memory in MiB: {name: size}."""

    answer: float
    loading: float
    parts: dict

    @property
    def ratio(self):
        return self.answer / self.loading

    @property
    def memory(self):
        return sum(self.parts.values())

    def told(self):
        largest = sorted(self.parts.items(), key=lambda part: -part[1])[:3]
        parts = ", ".join(f"{name} {size:.0f}" for name, size in largest)
        return (
            f"First answer: {self.answer:.2f} s of CPU, django.setup() and the URLs {self.loading:.2f} s\n"
            f"Memory (PSS) of an idle blog: {self.memory:.0f} MiB, of which the largest parts are {parts}"
        )


def measured(rounds=ROUNDS, rest=REST):
    with tempfile.TemporaryDirectory(prefix="longrun-start-") as folder:
        blog = Blog(Path(folder, "data"), LONGRUN_STATIC=str(Path(folder, "static")))
        blog.manage("prepare")
        blog.set_up()
        answers, loadings = [], []
        for number in range(rounds):
            loadings.append(loading(blog))
            with open(blog.log_file, "ab") as log:
                command = [sys.executable, str(ROOT / "manage.py"), "serve"]
                process = subprocess.Popen(command, cwd=ROOT, env=blog.env, stdout=log, stderr=log)
            try:
                wait_for_home(blog, process)
                answers.append(machine.cpu_seconds(process.pid))
                if number == rounds - 1:
                    time.sleep(rest)
                    parts = parts_of(process.pid)
            finally:
                process.terminate()
                process.wait(60)
        return Start(median(answers), median(loadings), parts)


def loading(blog):
    """CPU seconds of `django.setup()` and loading the URLs in a process of its own."""
    before = machine.children_seconds()
    environment = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", LOADING], cwd=ROOT, env=environment, check=True)
    return machine.children_seconds() - before


def wait_for_home(blog, process, patience=60):
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{blog.url}/", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.01)
    raise RuntimeError(f"the blog did not answer:\n{blog.log}")


def parts_of(pid, proc=machine.PROC):
    """{"shared": MiB that the processes share, "24 longrun worker": MiB of its own …}."""
    sizes, own = machine.pss(pid, proc), {}
    for name in sizes:
        said = (proc / name.split()[0] / "smaps_rollup").read_text()
        private = sum(int(size) for size in re.findall(r"^Private_(?:Clean|Dirty):\s+(\d+) kB", said, re.MULTILINE))
        own[name] = private / 1024
    return {"shared": sum(sizes.values()) - sum(own.values())} | own


def main():
    start = measured()
    print(start.told())
    print("\n".join(floor.told() for floor in start_floors(start)))


if __name__ == "__main__":
    main()
