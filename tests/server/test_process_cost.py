"""What a blog costs: time until its first page, memory, and how its style sheets are served."""

import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.blog_process import ROOT, Blog
from tests.pace import allowed

GOAL = 1  # second from nothing to the first page; asserted at ten times, for the machine is shared
MOST = 190 * 2**20  # bytes of all processes of an idle blog; the goal is 130 MiB
HEAVY = {"PIL", "mf2py", "markdownify", "playwright", "pytest", "unittest"}


@pytest.mark.long
def test_a_blog_is_there_soon_and_stays_small(tmp_path, prepared):
    """Without kept pages, which have a limit of their own."""
    shutil.copytree(prepared / "data", tmp_path / "data", ignore=shutil.ignore_patterns("*.lock"))
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), LONGRUN_PAGE_CACHE_MB="0").set_up()
    began = time.monotonic()
    blog.start()
    try:
        assert blog.get("/") == 200
        assert time.monotonic() - began < allowed(10 * GOAL)
        for _time in range(5):
            for path in ("/", "/2000/", "/feed/", "/search/?q=page", "/sitemap.xml", "/about/", "/accounts/login/"):
                blog.get(path)
        time.sleep(5)
        sizes = {number: pss(number) for number in family(blog.process.pid)}
        names = sorted(Path(f"/proc/{number}/comm").read_text().strip() for number in sizes)
        assert names[:3] == ["longrun web", "longrun web", "longrun worker"] and len(names) == 4
        assert sum(sizes.values()) <= MOST, [f"{size / 2**20:.0f} MiB" for size in sizes.values()]
    finally:
        assert blog.stop() == 0


def family(number):
    """A process and all that it has started."""
    found = [number]
    for thread in Path(f"/proc/{number}/task").iterdir():
        for child in (thread / "children").read_text().split():
            found += family(int(child))
    return found


def pss(number):
    """Bytes: its own memory, and its share of what it has in common with others."""
    said = Path(f"/proc/{number}/smaps_rollup").read_text()
    return int(re.search(r"^Pss:\s+(\d+) kB", said, re.MULTILINE)[1]) * 1024


def test_what_only_the_worker_needs_is_not_loaded(tmp_path, prepared):
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"))
    code = "import sys, config.wsgi; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=blog.env, capture_output=True, text=True)
    loaded = set(done.stdout.split())
    assert "django" in loaded, done.stderr
    assert not loaded & HEAVY


def test_style_sheets_have_their_content_in_their_names_and_are_kept_for_good(running_blog):
    for path, named in {"/": ["site"], "/accounts/login/": ["site"]}.items():
        with urllib.request.urlopen(f"{running_blog.url}{path}") as page:
            sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page.read().decode())
        assert [re.fullmatch(r"/static/(\w+)\.[0-9a-f]{12}\.css", sheet)[1] for sheet in sheets] == named
        for sheet in sheets:
            with urllib.request.urlopen(f"{running_blog.url}{sheet}") as answer:
                assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
