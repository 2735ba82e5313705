"""A blog moves from one Longrun to another through the desk: the owner exports and downloads it, keeps a mirror, and
imports the text files into an empty blog. The JSON export comes back by the command that the desk names."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.blog_process import Blog, copy, wait_for
from tests.walks.test_writing_tools import log_in

FURNISH = "from tests.furnished import furnish; furnish(__import__('accounts.models').models.User.objects.get())"


@pytest.fixture
def open_desk(new_context):
    """open_desk(blog, width): a page at the desk of a blog, and what goes wrong in it."""
    complaints = []

    def open_desk(blog, width):
        page = new_context(base_url=blog.url, viewport={"width": width, "height": 800}).new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
        page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
        log_in(page, blog)
        return page

    yield open_desk
    assert not complaints


def downloaded(page, label, folder, *, password=""):
    """Export in this format at the desk, wait for the worker, download; returns the file. `password`: is asked for."""
    page.goto("/desk/export/")
    page.get_by_label(label, exact=True).check()
    page.get_by_role("button", name="Export", exact=True).click()
    link = page.get_by_role("listitem").filter(has_text=label).get_by_role("link", name="Download")
    expect(link).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    if password:
        link.click()
        page.get_by_label("Password", exact=True).fill(password)
        link = page.get_by_role("button", name="Confirm")
    with page.expect_download() as started:
        link.click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.long)])
def test_a_blog_moves_from_one_longrun_to_another(start_blog, owned, open_desk, tmp_path, width):
    first = start_blog(set_up=True)
    first.manage("shell", "-c", FURNISH)
    page = open_desk(first, width)

    # Out: both exports, downloaded, and the mirror.
    document = downloaded(page, "JSON", tmp_path, password=first.password)
    whole = json.loads(document.read_text(encoding="utf-8"))
    texts = downloaded(page, "Text files (zip)", tmp_path)
    assert re.fullmatch(r"localhost-markdown-\d{4}-\d\d-\d\d\.zip", texts.name)
    post = next(each for each in whole["posts"] if each["title"] == "The first mile")
    page.get_by_label("Keep a mirror of what everybody may see").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The mirror is on")).to_be_visible()
    manifest = first.data / "mirror" / "public" / "manifest.json"
    wait_for(manifest.exists, "the mirror was not written", first)
    page.reload()
    expect(page.get_by_text("Last compared:")).to_be_visible()
    first.kill()

    # In: the text files, in a blog that has nothing yet.
    second = start_blog(set_up=True)
    page = open_desk(second, width)
    assert second.get(post["path"]) == 404
    page.goto("/desk/import/")
    page.get_by_label("Export file").set_input_files(texts)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", name="What is in the file")).to_be_visible()
    expect(page.get_by_role("definition").filter(has_text=re.compile(r"^\s*Markdown\s*$"))).to_be_visible()
    expect(page.get_by_label("Take them from the same file as the texts")).to_be_checked()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()

    # The receipt: every post and comment of the export has its line.
    expect(page.get_by_role("heading", name="Receipt")).to_be_visible()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download as JSON").click()
    receipt = json.loads(started.value.path().read_text(encoding="utf-8"))
    lines = [line for line in receipt["lines"] if line["title"] == "The first mile"]
    assert [line["result"] for line in lines if line["kind"] == "posts"] == ["brought"]
    page.get_by_role("link", name="Every line").click()
    page.get_by_label("Kind").select_option("posts")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("rowheader").filter(has_text="The first mile")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The post at its address, with its comments and its picture.
    page.goto(post["path"])
    expect(page.get_by_role("heading", name="The first mile", level=1)).to_be_visible()
    answers = [comment for comment in post["comments"] if comment["state"] == "approved"]
    for comment in answers:
        expect(page.locator(f"#comment-{comment['id']}")).to_be_visible()
    assert len(answers) > 10

    # JSON is not imported into it: the desk names the command, and the command makes the blog of it.
    page.goto("/desk/import/")
    page.get_by_label("Export file").set_input_files(document)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text("manage.py restore_from does that")).to_be_visible()
    copy(owned, tmp_path / "third" / "data")
    said = Blog(tmp_path / "third" / "data").manage("restore_from", document, "--media", first.data / "media")
    assert f"{len(whole['moderation_actions'])} decisions" in said and "missing files" not in said
