"""What a blog costs: time until its first page, memory, and how its style sheets are served."""

import http.client
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bench.storm import multipart, picture
from tests.blog_process import PATIENCE, ROOT, Blog, wait_for
from tests.pace import allowed

GOAL = 1  # second from nothing to the first page; asserted at ten times, for the machine is shared
IDLE, READ = (
    145 * 2**20,
    165 * 2**20,
)  # bytes of all processes, idle (the goal is 130 MiB) and after pages of every kind
KEPT = 50 * 2**20  # bytes that uploads may leave behind; ten times the goal, it was 90 MiB

# The packages that an idle blog may have loaded, beside the standard library. Each takes memory in every blog: load
# what only some requests need when they come.
IDLE_PACKAGES = set("""
    accounts blog comments config core server transfer
    allauth asgiref brotli certifi csp dj_database_url django django_stubs_ext django_tasks django_tasks_db granian
    packaging pygments sqlparse typing_extensions urllib3 whitenoise
""".split())  # fmt: skip
LATER = {  # of ours and of the standard library
    "blog.markup.pipeline", "blog.media.encoding", "comments.spam.evaluation", "core.images", "tomllib", "unittest",
    "transfer.demo.corpus", "transfer.textfiles.reader", "transfer.wordpress.reader",
}  # fmt: skip
# Writes which modules are loaded in each child of `serve`, when it has been idle for some seconds.
RECORDER = """
import os, sys, threading, time
from pathlib import Path

def record():
    time.sleep(5)
    (Path(__file__).parent / f"{os.getpid()}.modules").write_text(" ".join(sys.modules))

if "serve" in sys.argv:
    os.register_at_fork(after_in_child=lambda: threading.Thread(target=record, daemon=True).start())
"""


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
        time.sleep(5)
        assert_smaller(blog, IDLE)
        for _time in range(5):
            for path in ("/", "/2000/", "/feed/", "/search/?q=page", "/sitemap.xml", "/about/", "/accounts/login/"):
                blog.get(path)
        time.sleep(5)
        names = sorted(name_of(number) for number in family(blog.process.pid))
        assert names[:3] == ["longrun web", "longrun web", "longrun worker"] and len(names) == 4
        assert_smaller(blog, READ)
    finally:
        assert blog.stop() == 0


def assert_smaller(blog, limit):
    sizes = [pss(number) for number in family(blog.process.pid)]
    assert sum(sizes) <= limit, [f"{size / 2**20:.0f} MiB" for size in sizes]


@pytest.mark.long
def test_what_uploads_take_is_given_back(start_blog):
    blog = start_blog(set_up=True)
    upload(blog, 0)  # loads what uploads need
    web = max((number for number in family(blog.process.pid) if name_of(number) == "longrun web"), key=pss)
    time.sleep(2)
    before = pss(web)
    with ThreadPoolExecutor(20) as threads:
        statuses = list(threads.map(partial(upload, blog), range(1, 21)))
    assert set(statuses) <= {302, 503} and statuses.count(302) > 5
    time.sleep(3)
    assert pss(web) - before <= KEPT, f"{before / 2**20:.0f} MiB became {pss(web) / 2**20:.0f}"


def upload(blog, number):
    """Uploads a photograph of some megabytes as Ada; returns the status."""
    token = "b" * 32
    form = {"Content-Type": "multipart/form-data; boundary=part", "Origin": blog.url}
    form["Cookie"] = f"sessionid={session_of(blog)}; csrftoken={token}"
    body = multipart({"csrfmiddlewaretoken": token}, "files", f"{number}.jpg", picture())
    connection = http.client.HTTPConnection("localhost", blog.port, timeout=PATIENCE)
    connection.request("POST", "/desk/media/", body, form)
    with closing(connection):
        return connection.getresponse().status


def session_of(blog):
    if not blog.session:
        code = (
            "import django; django.setup(); from django.contrib.auth import get_user_model as user; "
            "from bench.seed import session_of; print(session_of(user().objects.owners().get()))"
        )
        environment = blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
        blog.session.append(done.stdout.strip())
    return blog.session[0]


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


def name_of(number):
    return Path(f"/proc/{number}/comm").read_text().strip()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are forked on Linux alone")
def test_an_idle_blog_has_loaded_only_what_it_needs(tmp_path, start_blog):
    (tmp_path / "sitecustomize.py").write_text(RECORDER)
    blog = start_blog(PYTHONPATH=str(tmp_path))
    wait_for(lambda: len(list(tmp_path.glob("*.modules"))) >= 3, "not every child has said what it loaded", blog)
    for file in tmp_path.glob("*.modules"):
        loaded = set(file.read_text().split())
        packages = {name.partition(".")[0] for name in loaded} - sys.stdlib_module_names
        packages = {name for name in packages if not name.startswith("_")} - {"sitecustomize", "cython_runtime"}
        assert "django" in packages
        assert not packages - IDLE_PACKAGES
        assert not loaded & LATER


def test_style_sheets_have_their_content_in_their_names_and_are_kept_for_good(running_blog):
    for path, named in {"/": ["site"], "/accounts/login/": ["site", "account"]}.items():
        with urllib.request.urlopen(f"{running_blog.url}{path}") as page:
            sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page.read().decode())
        assert [re.fullmatch(r"/static/(\w+)\.[0-9a-f]{12}\.css", sheet)[1] for sheet in sheets] == named
        for sheet in sheets:
            with urllib.request.urlopen(f"{running_blog.url}{sheet}") as answer:
                assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable"
