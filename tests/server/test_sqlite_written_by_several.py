"""Several processes write one SQLite at once: guests and Ada through the web server, the worker that renders texts
again, an import by a command, and another command that publishes. Nobody waits so long that SQLite gives up."""

import subprocess
import sys
import threading
import time

import pytest

from tests.blog_process import ROOT, Blog, copy, wait_for
from tests.pace import allowed, often
from tests.server.visitors import RULES, Visitors
from tests.transfer import wxr_files

pytestmark = [pytest.mark.long, pytest.mark.process]

SECONDS = often(150)
PUBLISH = """
import time
from blog import jobs
from blog.models import Post
until = time.monotonic() + {seconds}
count = 0
while time.monotonic() < until:
    count += 1
    Post(title=f"By a command {{count}}", source="Ten miles.", author_id={author}).publish()
    if count % 10 == 0:
        Post.objects.update(html_version=0)
        jobs.rerender.enqueue()
print("PUBLISHED", count)
"""


@pytest.fixture
def blog(tmp_path, owned, prepared):
    copy(owned, tmp_path / "data")
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"))
    blog.manage("shell", "-v0", "-c", RULES)
    yield blog.start()
    blog.kill()


class Sender(threading.Thread):
    """Does the same again and again; its own Visitors, so that numbers and figures are nobody else's."""

    def __init__(self, blog, number, over):
        super().__init__()
        self.visitors, self.over, self.wrong, self.longest, self.count = Visitors(blog), over, None, 0.0, 0
        self.visitors.number = number * 10_000

    def run(self):
        deeds = [self.visitors.comment, self.visitors.comment, self.visitors.autosave, self.visitors.publish]
        try:
            while not self.over.wait(0.02):
                began = time.monotonic()
                deeds[self.count % len(deeds)]()
                self.count, self.longest = self.count + 1, max(self.longest, time.monotonic() - began)
        except Exception as error:  # told by the test
            self.wrong = error


def command(blog, *words):
    return subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), *map(str, words)], cwd=ROOT, env=blog.env,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def test_comments_an_import_the_worker_and_a_command_write_at_once(blog, tmp_path):
    over = threading.Event()
    file = wxr_files.write(tmp_path / "export.xml", wxr_files.blog(7, posts=20 * SECONDS, comments=4, words=30))
    senders = [Sender(blog, number, over) for number in (1, 2, 3)]
    for sender in senders:
        sender.start()
    began = time.monotonic()
    script = PUBLISH.format(seconds=SECONDS, author=senders[0].visitors.author)
    commands = [command(blog, "import_wordpress", file), command(blog, "shell", "-v0", "-c", script)]
    try:
        said = [each.communicate(timeout=allowed(SECONDS * 10 + 120))[0] for each in commands]
    finally:
        took = time.monotonic() - began
        over.set()
        for sender in senders:
            sender.join(120)
        for each in commands:
            each.kill()
    assert [each.returncode for each in commands] == [0, 0], "\n".join(said)
    assert not [sender.wrong for sender in senders if sender.wrong]
    refused = sum(sum(sender.visitors.refused.values()) for sender in senders)
    sent, longest = sum(sender.count for sender in senders), max(sender.longest for sender in senders)
    published = said[1].partition("PUBLISHED ")[2].strip()
    print(f"{took:.0f} s: {sent} requests that wrote, {refused} refused, {longest:.1f} s at most; {published} posts by"
          f" a command, {20 * SECONDS} imported")  # fmt: skip
    for sender in senders:
        print(sender.visitors.nothing_is_lost())
    assert sent > SECONDS and refused == 0 and int(published) > 5
    locked = blog.log.count("database is locked")
    print(f"{locked} lines of the log tell of a locked database, of work that was done later")
    failed = [line for line in blog.log.splitlines() if "django.request" in line or "given up" in line]
    assert not failed and "database is locked" not in "".join(said)
    wait_for(lambda: blog.get("/health/") == 200, "it does not answer", blog)
