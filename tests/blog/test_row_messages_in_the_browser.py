"""What a list says of a row is in sight and has the focus, on a phone and at a desk."""

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT


@pytest.fixture(scope="module")
def blog(start_blog):
    return start_blog(set_up=True)


MAKE = """
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from blog.media import uploads
from blog.models import Media, Post, Tag
ada = get_user_model().objects.get()
Post.objects.all().delete(), Tag.objects.all().delete(), Media.objects.all().delete()
for n in range(29):
    Post(title=f"Post {n:02}", source="x", author=ada).publish()
    Tag.objects.create(name=f"tag {n:02}")
    uploads.store_upload(SimpleUploadedFile(f"file {n:02}.pdf", b"%PDF-1.4 and so on"), ada)
"""


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.long)])
@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_what_was_said_is_in_sight_and_has_the_focus(blog, new_context, javascript, width):
    blog.manage("shell", "-v0", "-c", MAKE)
    context = new_context(
        base_url=blog.url,
        viewport={"width": width, "height": 740},
        java_script_enabled=javascript,
        has_touch=width < 500,
    )
    ada = context.new_page()
    ada.goto("/accounts/login/")
    ada.locator("input[name=login]").fill(blog.email)
    ada.locator("input[name=password]").fill(blog.password)
    ada.locator("main form button").first.click()
    ada.wait_for_url("**/desk/")

    def is_seen(words):
        told = ada.get_by_text(words)
        expect(told).to_be_in_viewport()
        assert ada.evaluate("document.documentElement.scrollWidth") <= width
        if javascript:
            assert words in ada.evaluate("document.activeElement.textContent")

    ada.goto("/desk/posts/?sort=title")
    ada.get_by_role("button", name="Trash Post 20").click()
    is_seen("Post 20⁩” is in the trash.")
    box = ada.locator("#done").bounding_box()
    above, below = (ada.get_by_role("link", name=f"Post {n}", exact=True).first.bounding_box() for n in (19, 21))
    assert above["y"] < box["y"] < below["y"]
    ada.get_by_role("button", name="Undo").click()
    is_seen("1 post is as it was before.")
    ada.get_by_role("link", name="Quick edit Post 25").click()
    ada.get_by_role("button", name="Save").click()
    is_seen("Post 25⁩” is saved.")
    ada.goto("/desk/tags/")
    ada.get_by_role("link", name="Delete tag 20").click()
    ada.get_by_role("button", name="Delete").click()
    is_seen("tag 20⁩” was deleted.")
    ada.locator("input[name=name]").fill("tag 20b")
    ada.get_by_role("button", name="Add a tag").click()
    is_seen("Added “⁨tag 20b")
    ada.goto("/desk/media/")
    ada.get_by_role("link", name="file 05").click()
    ada.get_by_role("button", name="Move to Trash").click()
    is_seen("file 05.pdf⁩” is in the trash.")
    ada.get_by_role("button", name="Undo").click()
    is_seen("file 05.pdf⁩” was restored.")
    context.close()
