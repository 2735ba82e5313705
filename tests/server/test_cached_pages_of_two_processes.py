"""Two real web processes on one data folder: what one changes the other shows at once, also if it is killed over it."""

import http.client
import subprocess
import sys
import threading

import pytest

from tests.blog_process import ROOT, wait_for
from tests.pace import often
from tests.ports import free_port

pytestmark = pytest.mark.long

# A change as views make it. It tells when the row is written, waits for a word, and dies where it is told to.
WRITER = """
import os, signal, sys, django
django.setup()
from django.db import transaction
from core.models import Site

def die():
    os.kill(os.getpid(), signal.SIGKILL)

where, title = sys.argv[1:]
with transaction.atomic():
    if where == "after the commit":
        transaction.on_commit(die)  # asked first of all that waits for the commit
    site = Site.objects.get()
    site.title = title
    site.save()
    print("written", flush=True)
    sys.stdin.readline()
    if where == "before the commit":
        die()
print("done", flush=True)
"""


class Neighbours:
    """A blog and a second web process beside its own."""

    def __init__(self, blog):
        self.blog, self.port = blog, free_port()
        command = ["-m", "granian", "--interface", "wsgi", "config.wsgi:application", "--port", str(self.port)]
        log = blog.log_file.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, *command, "--blocking-threads", "4"], cwd=ROOT, env=blog.env, stdout=log, stderr=log
        )
        wait_for(lambda: self.title(self.port), "the second process did not come up", blog)

    def title(self, port):
        """What the blog is called at its front page in one process, made by Django or kept."""
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            return self.title_on(line)
        except OSError:
            return ""
        finally:
            line.close()

    def title_on(self, line):
        line.request("GET", "/", headers={"Host": f"localhost:{self.blog.port}"})
        page = line.getresponse().read().decode()
        return page.partition("<title>")[2].partition("</title>")[0].partition(" – ")[0]

    @property
    def titles(self):
        return [self.title(self.blog.port), self.title(self.port)]

    def write(self, where, title):
        command = [sys.executable, "-c", WRITER, where, title]
        pipe = subprocess.PIPE
        env = self.blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        writer = subprocess.Popen(command, cwd=ROOT, env=env, stdin=pipe, stdout=pipe, text=True)
        assert writer.stdout.readline() == "written\n"
        return writer

    def end(self):
        self.process.terminate()
        self.process.wait(60)


@pytest.fixture(scope="module", params=["file", "redis"])
def neighbours(request, start_blog):
    """With the number in a file, and in a Redis."""
    there = {"CACHE_URL": request.getfixturevalue("the_redis_server").url} if request.param == "redis" else {}
    both = Neighbours(start_blog(set_up=True, **there))
    yield both
    both.end()


def test_each_process_shows_the_change_of_any(neighbours):
    for number in range(5):
        writer = neighbours.write("nowhere", f"Title {number}")
        before = neighbours.titles
        assert before[0] == before[1] != f"Title {number}"
        assert writer.communicate("go\n")[0] == "done\n"
        assert neighbours.titles == [f"Title {number}"] * 2


@pytest.mark.parametrize("asked_meanwhile", [True, False])
def test_who_is_killed_right_after_the_commit_leaves_nothing_old(neighbours, asked_meanwhile):
    before = neighbours.titles
    writer = neighbours.write("after the commit", f"Killed {asked_meanwhile}")
    if asked_meanwhile:
        assert neighbours.titles == before, "what is not committed is not shown"
    writer.communicate("go\n")
    assert writer.returncode == -9
    for _time in range(3):
        assert neighbours.titles == [f"Killed {asked_meanwhile}"] * 2


def test_who_is_killed_before_the_commit_has_changed_nothing(neighbours):
    before = neighbours.titles
    writer = neighbours.write("before the commit", "Never")
    assert neighbours.titles == before
    writer.communicate("go\n")
    assert writer.returncode == -9
    assert neighbours.titles == before


def test_no_stale_answer_among_thousands_while_things_change(neighbours):
    """Whoever asks after a change was committed must see it or a later one; the titles are numbers that rise."""
    number = change(neighbours, 100)
    committed, asked, stale, over = [number], [0], [], threading.Event()

    def read(port):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        while not over.is_set():
            least = committed[0]
            seen = int(neighbours.title_on(line))
            asked[0] += 1
            if seen < least:
                stale.append((least, seen))
        line.close()

    readers = [threading.Thread(target=read, args=(port,)) for port in [neighbours.blog.port, neighbours.port] * 2]
    for reader in readers:
        reader.start()
    try:
        while asked[0] < often(10_000) or number < 110:
            number = committed[0] = change(neighbours, number + 1)
            assert all(reader.is_alive() for reader in readers)
    finally:
        over.set()
        for reader in readers:
            reader.join()
    assert not stale, stale[:5]


def change(neighbours, number):
    """Every tenth dies over it. (In a Redis its mark stays for a minute, in which nothing is kept.)"""
    writer = neighbours.write("after the commit" if number % 10 == 9 else "nowhere", str(number))
    writer.communicate("go\n")
    return number
