"""Emails to readers: with a real mail server, a real worker, and a real browser at 360 px."""

import collections
import re
import shutil
import subprocess
import sys
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.blog_process import ROOT, Blog
from tests.core.post_office import PATIENCE, opened
from tests.test_every_page import RULES

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
POST = """
from blog.models import Post
from comments.models import DiscussionSettings
from django.contrib.auth import get_user_model
post = Post(title="A long run", source="Ten miles.", author=get_user_model().objects.owners().get())
post.save(); post.publish(); print(post.get_absolute_url())
discussion = DiscussionSettings.objects.get(); discussion.undo_seconds = 1; discussion.save()
"""
READERS, DEATHS = 8, (2, 5)
SCHEDULED = f"""
from datetime import timedelta
from django.contrib.auth import get_user_model
from django.utils import timezone
from blog.models import Post
from comments.models import Person, Subscription
for n in range({READERS}):
    address = f"r{{n}}@example.org"
    Subscription.objects.create(
        address=address, what="posts", person=Person.objects.of_address(address), confirmed_at=timezone.now()
    )
post = Post(title="Soon", source="A few words.", author=get_user_model().objects.owners().get())
post.save(); post.publish(timezone.now() + timedelta(seconds=3))
"""
COUNT = """
from core.models import Email; print(sorted(Email.objects.filter(kind="new post").values_list("state", flat=True)))
"""


@pytest.fixture
def post_office(tmp_path):
    with opened(tmp_path) as post:
        yield post


def to(office, address, number):
    """All emails to somebody, once there are so many of them in all."""
    return [email for email in office.wait_for(number) if email["To"] == address]


def link_in(email, what):
    return re.search(rf"http://\S+/comments/{what}/\S+", email.get_content())[0]


def is_good(page):
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page, options=RULES).response["violations"] == []


def test_a_reader_asks_hears_and_stops(start_blog, post_office, new_context):
    blog = start_blog(set_up=True, **post_office.environment)
    path = re.findall(r"^/20\S+", blog.manage("shell", "-c", POST), re.MULTILINE)[-1]
    ann, ada, bob, phone = (new_context(base_url=blog.url, **PHONE).new_page() for _person in range(4))

    answer(ann, path, "The first mile is a liar.", "Ann", emails=True)
    expect(ann.get_by_text("awaiting moderation")).to_be_visible()
    expect(ann.locator("#comments").get_by_text("follow the link in our email")).to_be_in_viewport()
    ann.get_by_role("button", name="Tell me when it is published").click()
    expect(ann.get_by_role("button", name="Tell me when it is published")).to_have_count(0)
    is_good(ann)

    asked = to(post_office, "ann@example.org", 2)
    held = to(post_office, blog.email, 2)
    assert (len(asked), len(held)) == (1, 1), "one email asks for all of it"
    scanned(asked[0], held[0])
    ada.goto(link_in(held[0], "decide"))
    ada.get_by_role("button", name="Approve", exact=True).click()
    expect(ada.get_by_role("heading", name="The comment is published")).to_be_visible()

    phone.goto(link_in(asked[0], "subscriptions/confirm"))
    expect(phone.get_by_role("heading", name="Confirm your subscription")).to_be_visible()
    assert phone.get_by_role("checkbox", checked=True).count() == 3
    is_good(phone)
    phone.get_by_role("button", name="Confirm").click()
    expect(phone.get_by_text("These are your subscriptions")).to_be_visible()
    is_good(phone)
    published = to(post_office, "ann@example.org", 3)[1]
    assert published["Subject"] == f"[{title_of(blog)}] Your comment is published"

    answer(bob, path, "So is the last one.", "Bob")
    decided = to(post_office, blog.email, 4)[-1]
    ada.goto(link_in(decided, "decide"))
    ada.get_by_role("button", name="Approve", exact=True).click()
    told = to(post_office, "ann@example.org", 5)[2]
    assert "> So is the last one." in told.get_content() and "bob@example.org" not in str(told)
    scanned(told)

    one_click = told["List-Unsubscribe"].strip(" <>")
    assert told["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    program = urllib.request.Request(one_click, data=b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(program, timeout=30) as pressed:
        assert pressed.status == 200
    phone.goto(link_in(told, "subscriptions/stop"))
    expect(phone.get_by_role("heading", name="Unsubscribed")).to_be_visible()
    is_good(phone)

    answer(bob, path, "And the one before it.", "Bob")
    expect(bob.get_by_text("And the one before it.")).to_be_visible()
    ada.goto(path)
    expect(ada.get_by_text("And the one before it.")).to_be_visible()
    blog.manage("shell", "-c", "from comments.notifications import replies; replies.notify_all_due.call()")
    assert "new comment" not in blog.manage("shell", "-c", WAITING)
    assert len(to(post_office, "ann@example.org", 5)) == 3


WAITING = "from core.models import Email; print(list(Email.objects.exclude(state='sent').values_list('kind')))"


def answer(page, path, words, name, *, emails=False):
    page.goto(path)
    page.get_by_label("Enter your comment here").fill(words)
    page.get_by_label("Email (required)").fill(f"{name.lower()}@example.org")
    page.get_by_label("Name (required)").fill(name)
    if emails:
        page.get_by_label("Notify me of new comments via email.").check()
        page.get_by_label("Notify me of new posts via email.").check()
        is_good(page)
    page.get_by_role("button", name="Post Comment").click()
    expect(page).to_have_url(re.compile(r"#comment-\d+$"))


def scanned(*emails):
    """Mail scanners press every link there is, and are faster than people."""
    for email in emails:
        for link in re.findall(r"http://\S+", email.get_content()):
            for method in ("GET", "HEAD"):
                urllib.request.urlopen(urllib.request.Request(link, method=method), timeout=30).close()


def title_of(blog):
    return blog.manage("shell", "-c", "from core.models import Site; print(Site.objects.get().title)").split("\n")[-2]


@pytest.mark.long  # tests/comments/test_new_post_emails.py kills it between two parts in no time
def test_a_scheduled_post_reaches_all_though_the_worker_is_killed(prepared, tmp_path):
    """Between sending and marking, twice: at most one email double for each death, none missing."""
    data, folder = tmp_path / "data", tmp_path / "post"
    shutil.copytree(prepared / "data", data, ignore=shutil.ignore_patterns("*.lock"))
    folder.mkdir()
    with opened(folder) as office:
        blog = Blog(data, LONGRUN_STATIC=str(prepared / "static"), **office.environment).set_up()
        blog.manage("shell", "-c", SCHEDULED)
        (folder / "deadly").write_text(" ".join(map(str, DEATHS)))
        for _ in DEATHS:
            assert work(blog, folder).wait(PATIENCE * 2) == -9
        worker = work(blog, folder)
        try:
            office.wait_for(READERS + len(DEATHS))
        finally:
            worker.terminate()
            worker.wait(PATIENCE)
        emails = office.emails
        told = blog.manage("shell", "-c", COUNT)
    assert {email["To"] for email in emails} == {f"r{n}@example.org" for n in range(READERS)}, "none is missing"
    copies = collections.Counter(email["Message-ID"] for email in emails)
    assert len(copies) == READERS and sorted(copies.values())[-3:] == [1, 2, 2]
    assert str(["sent"] * READERS) in told


def work(blog, folder):
    worker = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "worker"], cwd=ROOT, env=blog.env, stdin=subprocess.DEVNULL
    )
    (folder / "worker").write_text(str(worker.pid))
    return worker
