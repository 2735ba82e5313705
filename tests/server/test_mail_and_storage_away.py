"""The mail server and the S3 storage of a running blog, each away for a while and back: a minute in the soak."""

import json
import time
from email import message_from_bytes

import pytest

from tests import s3_server
from tests.blog_process import Blog, copy, wait_for
from tests.core import smtp
from tests.pace import allowed, often
from tests.server.visitors import RULES, STORED, Visitors

pytestmark = [pytest.mark.long, pytest.mark.process]

AWAY = often(60)  # seconds


@pytest.fixture
def served(tmp_path, owned, prepared):
    """served(NAME="value" …) is a running blog and its visitors."""
    blogs = []

    def start(**environment):
        copy(owned, tmp_path / "data")
        blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), **environment)
        blog.manage("shell", "-v0", "-c", RULES)
        blogs.append(blog.start())
        return blog, Visitors(blog)

    yield start
    for blog in blogs:
        blog.kill()


def emails(blog):
    return json.loads(blog.manage("shell", "-v0", "-c", STORED).partition("STORED")[2].splitlines()[0])["emails"]


def test_what_is_written_while_the_mail_server_is_away_leaves_later_and_once(served):
    """A comment whose reader wants to hear of answers is told to confirm that by an email."""
    inbox = smtp.Inbox()
    servers = [smtp.Server(inbox)]
    servers[0].start()
    port = servers[0].port
    try:
        blog, visitors = served(EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(port), EMAIL_USE_TLS="off",
                                DEFAULT_FROM_EMAIL="blog@example.org")  # fmt: skip
        visitors.more = {"subscribe": "on"}
        visitors.comment()
        wait_for(lambda: inbox.emails, "no email left before", blog)
        servers[0].stop()
        began = time.monotonic()
        while time.monotonic() - began < AWAY:
            assert visitors.everything() == {"comment", "draft", "publish", "upload", "autosave"}
            time.sleep(0.5)
        away = len(inbox.emails)
        again = smtp.Server(inbox)
        again.port = port
        servers.append(again)
        again.start()
        back = time.monotonic()
        wait_for(lambda: set(emails(blog)) == {"sent"}, "not all emails left", blog)
        seconds = time.monotonic() - back
    finally:
        for server in servers[-1:]:
            server.stop()
    sent = [message_from_bytes(email.content) for email in inbox.emails]
    assert away <= 2, "none left while the server was away"
    assert len({message["Message-ID"] for message in sent}) == len(sent) == len(emails(blog)), "each left once"
    assert {message["To"] for message in sent} >= {f"ann{number}@example.org" for number in (1, 2)}
    print(f"{AWAY} s without a mail server: {visitors.nothing_is_lost()}; {len(sent)} emails, each once, the last"
          f" {seconds:.0f} s after it was back")  # fmt: skip


def test_uploads_are_refused_while_the_storage_is_away_and_nothing_else(served):
    with s3_server.running() as storage:
        blog, visitors = served(STORAGE_URL=storage.bucket("faults"))
        assert visitors.upload()
        process, began, longest = storage.process, time.monotonic(), 0.0
        process.kill()
        process.wait()
        while time.monotonic() - began < AWAY:
            one = time.monotonic()
            assert visitors.everything() == {"comment", "draft", "publish", "autosave"}
            assert visitors.get(visitors.post).status_code == 200
            longest = max(longest, time.monotonic() - one)
        storage.start()  # it keeps everything in memory: what was stored there is gone with it
        storage.bucket("faults")
        seconds = visitors.until_everything_works(allowed(60))
        print(f"{AWAY} s without S3: {visitors.nothing_is_lost()}; a comment, a post, two drafts and a refused upload"
              f" took {longest:.1f} s at most; uploads work {seconds:.1f} s after it was back")  # fmt: skip
        assert blog.get("/health/") == 200
