"""The clock of a running blog is set back and forward an hour, by libfaketime, which answers its processes when they
ask for the time. Their monotonic clock goes on, as a machine's does."""

import os
import random
import sqlite3
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path

import pytest
import requests

from tests.blog_process import ROOT, Blog, copy, wait_for
from tests.core import smtp
from tests.pace import allowed, often
from tests.programs import there
from tests.server.visitors import RULES, Visitors

pytestmark = [
    pytest.mark.long,
    pytest.mark.process,
    pytest.mark.skipif(sys.platform != "linux", reason="libfaketime is loaded as on Linux"),
]
SEED = int(os.environ.get("CLOCK_SEED", "20261130"))
HOUR = 3600
SCHEDULE = """
from datetime import timedelta
from django.utils import timezone
from blog.models import Post
Post.objects.update(publish_at=timezone.now() - timedelta(days=1))  # one of the last hour is hidden in the hour before
post = Post(title="Due in half an hour", source="Ten miles.", author_id={author})
post.publish(timezone.now() + timedelta(minutes=30))
"""


def library():
    there("faketime")
    return next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


class Clock:
    """How far the clock of a blog is from that of this machine, in seconds."""

    def __init__(self, folder):
        self.file, self.ahead = folder / "clock", 0
        self.set(0)

    def set(self, seconds):
        new = self.file.with_suffix(".new")
        new.write_text(f"{seconds:+d}\n")
        new.replace(self.file)
        self.ahead = seconds

    @property
    def environment(self):
        return {
            "LD_PRELOAD": str(library()),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "NO_FAKE_STAT": "1",
            "PYTHONPATH": str(ROOT / "tests" / "server" / "faked_time"),
        }


@pytest.fixture
def inbox():
    found = smtp.Inbox()
    server = smtp.Server(found)
    server.start()
    found.port = server.port
    yield found
    server.stop()


@pytest.fixture
def clock(tmp_path):
    return Clock(tmp_path)


@pytest.fixture
def blog(tmp_path, owned, prepared, inbox, clock):
    copy(owned, tmp_path / "data")
    mail = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(inbox.port), "EMAIL_USE_TLS": "off"}
    more = {"LONGRUN_LIMITS": "on", "LONGRUN_PROXIES": "1", "DEFAULT_FROM_EMAIL": "blog@example.org"}
    blog = Blog(tmp_path / "data", LONGRUN_STATIC=str(prepared / "static"), **mail, **more, **clock.environment)
    blog.manage("shell", "-v0", "-c", RULES)
    yield blog.start()
    blog.kill()


def told(inbox):
    return Counter(message_from_bytes(email.content)["Message-ID"] for email in list(inbox.emails))


def addressed(inbox, to):
    return [email for email in list(inbox.emails) if to in email.rcpt_tos]


def test_a_clock_set_back_and_forward_an_hour_loses_nothing_and_holds_up_nothing(blog, clock, inbox):
    print(f"CLOCK_SEED={SEED}")
    visitors = Visitors(blog)
    visitors.more = {"subscribe": "on"}
    steps = [HOUR, 0, -HOUR, 0, HOUR]
    more = random.Random(SEED)
    steps += [more.choice([-HOUR, 0, HOUR]) for _time in range(often(20, least=0) - 2)]
    blog.manage("shell", "-v0", "-c", SCHEDULE.format(author=visitors.author))
    began, hasty, longest = datetime.now(UTC), requests.Session(), Counter()
    assert visitors.comment(session=hasty, X_Forwarded_For="203.0.113.9")
    for number, ahead in enumerate(steps):
        held = number == 1  # one email is to be tried again in a minute, by a clock that is then set back
        if held:
            inbox.recipient = "451 try again later"
            assert visitors.comment(X_Forwarded_For=network(number))
            late = f"ann{visitors.number}@example.org"
            wait_for(lambda: "451" in states(blog), "it was not tried", blog)
        clock.set(ahead)
        inbox.recipient = "250 OK"
        assert visitors.ada.get(f"{blog.url}/desk/", allow_redirects=False).status_code == 200, "Ada is logged in"

        since = time.monotonic()
        while True:  # one person may comment every 15 s
            visitors.number += 1
            answer = commented(visitors, hasty, "203.0.113.9")
            if answer.status_code == 303:
                break
            assert answer.status_code == 429 and time.monotonic() - since < allowed(20), f"step {number}"
            time.sleep(0.5)
        longest["rate limit"] = max(longest["rate limit"], time.monotonic() - since)

        since = time.monotonic()
        assert visitors.comment(X_Forwarded_For=network(50 + number))
        assert visitors.kept["comment"][-1] in visitors.get(visitors.post).text, "the next page shows it"
        to = f"ann{visitors.number}@example.org"
        wait_for(lambda to=to: addressed(inbox, to), f"step {number}: no email to {to}", blog)
        longest["email"] = max(longest["email"], time.monotonic() - since)

        since = time.monotonic()
        assert visitors.publish()
        title = visitors.kept["post"][-1]
        assert title in visitors.get("/").text, "the next page shows it"
        longest["page"] = max(longest["page"], time.monotonic() - since)

        is_due = began + timedelta(minutes=30) < datetime.now(UTC) + timedelta(seconds=ahead)
        assert ("Due in half an hour" in visitors.get("/").text) is is_due, f"step {number}"
        if held:
            since = time.monotonic()
            wait_for(lambda: addressed(inbox, late), "an email waits for the old time", blog)  # noqa: B023
            longest["email tried again"] = time.monotonic() - since
    figures = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in longest.items())
    assert max(told(inbox).values()) == 1, "no email left twice"
    clock.set(HOUR)
    print(f"{len(steps)} steps of the clock: {visitors.nothing_is_lost()}; {len(inbox.emails)} emails, each once;"
          f" the longest wait: {figures}")  # fmt: skip


def network(number):
    return f"198.18.{number}.7"


def commented(visitors, session, address):
    """Hasty comments of one person from one network, however they are answered."""
    fields = {"comment": f"Hasty words number {visitors.number}", "author": "Hasty", "email": "hasty@example.org"}
    headers = {"Origin": visitors.blog.url, "X-Forwarded-For": address}
    return session.post(visitors.blog.url + visitors.form, fields, headers=headers, allow_redirects=False, timeout=60)


def states(blog):
    with sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30) as database:
        return str(database.execute("SELECT last_error FROM core_email").fetchall())
