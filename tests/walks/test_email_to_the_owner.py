"""A comment waits, an email comes, a thumb decides: with a real mail server, and a real browser at 360 px."""

import re
import urllib.request

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.core.post_office import opened
from tests.test_every_page import RULES, log_in

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
POST = """
from blog.models import Post
from django.contrib.auth import get_user_model
post = Post(title="A long run", source="Ten miles.", author=get_user_model().objects.owners().get())
post.save(); post.publish(); print(post.get_absolute_url())
"""


@pytest.fixture
def post_office(tmp_path):
    with opened(tmp_path) as post:
        yield post


def test_a_held_comment_is_published_from_an_email(start_blog, post_office, new_context):
    blog = start_blog(set_up=True, **post_office.environment)
    path = re.findall(r"^/20\S+", blog.manage("shell", "-c", POST), re.MULTILINE)[-1]

    reader = new_context(base_url=blog.url, **PHONE).new_page()
    reader.goto(path)
    reader.get_by_label("Enter your comment here").fill("See www.watches.example, it is well made.")
    reader.get_by_label("Name (required)").fill("Ann")
    reader.get_by_label("Email (required)").fill("ann@example.org")
    reader.get_by_role("button", name="Post Comment").click()
    expect(reader.get_by_text("awaiting moderation")).to_be_visible()

    (email,) = post_office.wait_for(1)
    text = email.get_content()
    assert email["To"] == blog.email and "www[.]watches[.]example" in text
    for link in re.findall(r"http://\S+", text):  # a scanner is faster than the owner
        for method in ("GET", "HEAD"):
            urllib.request.urlopen(urllib.request.Request(link, method=method), timeout=30).close()

    page = new_context(**PHONE).new_page()
    page.goto(re.search(r"http://\S+/comments/decide/\S+", text)[0])
    expect(page.get_by_role("heading", name="Ann answers “A long run”")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert Axe().run(page, options=RULES).response["violations"] == []
    for name in ("Approve", "Trash", "Spam", "Hold all comments for 4 hours"):
        assert page.get_by_role("button", name=name, exact=True).bounding_box()["height"] >= 44
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("heading", name="The comment is published")).to_be_visible()
    page.get_by_role("link", name="See it in its place").click()
    expect(page.get_by_text("it is well made")).to_be_visible()

    ada = new_context(base_url=blog.url, **PHONE).new_page()
    log_in(ada, blog)
    ada.goto("/desk/emails/")
    expect(ada.get_by_role("row").filter(has_text="Please moderate")).to_contain_text("Sent")
    assert ada.evaluate("document.documentElement.scrollWidth") <= 360
    ada.get_by_role("button", name="Send a test to myself").click()
    expect(ada.get_by_text("has accepted the email")).to_be_visible()
    assert post_office.wait_for(2)[1]["Subject"].endswith("Test email")
