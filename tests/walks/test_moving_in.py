"""A WordPress blog moves in through the desk, on a computer and on a phone: summary, import, receipt, a picture that
had not come, a post at its old address, undo."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from tests.furnished import drawn
from tests.transfer.wxr_text import URL, author, category, comment, export, item, tag, term_of
from tests.walks.test_writing_tools import log_in

PICTURE = f"{URL}/wp-content/uploads/2010/09/finish.png"


def old_blog():
    """A file with a picture that no host answers for, and noise that makes it longer than one piece is at least."""
    noise = " ".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(4000))
    return export(
        author("ada", "old@example.org", "Ada"),
        category("move", "Get Your Move On"),
        tag("running", "running"),
        item(4711, "A long run", f'Ten miles.\n\n<img src="{PICTURE}" alt="The line">\n\n[gallery ids="12"]',
             comment(31, "Well done!"), comment(32, "Thanks", parent=31), comment(33, "Waiting", approved="0"),
             term_of("category", "move", "Get Your Move On"), term_of("post_tag", "running", "running")),
        item(4712, "A draft", noise, status="draft"),
        item(12, "Finish", "", post_type="attachment", status="inherit", attachment_url=PICTURE),
    )  # fmt: skip


@pytest.mark.parametrize("width", [360, pytest.param(1280, marks=pytest.mark.long)])
def test_a_blog_moves_in_and_out_again(start_blog, new_context, tmp_path, width):
    blog = start_blog(set_up=True)
    complaints = []
    page = new_context(base_url=blog.url, viewport={"width": width, "height": 800}).new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if "Content Security" in line.text else None)
    page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
    log_in(page, blog)
    file = tmp_path / "getyourmoveon.wordpress.xml"
    file.write_text(old_blog(), encoding="utf-8")

    # The summary; nothing is stored yet.
    page.goto("/desk/import/")
    page.get_by_label("Export file").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("heading", name="What is in the file")).to_be_visible()
    expect(page.get_by_text("1 published, 1 draft")).to_be_visible()
    expect(
        page.get_by_role("definition").filter(has_text=re.compile(r"^\s*WordPress\s*$"))
    ).to_be_visible()  # seen from the file
    expect(page.get_by_label("Ada", exact=True).locator("option:checked")).to_contain_text("Me")
    assert blog.get("/2010/09/09/a-long-run/") == 404
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # The import and its receipt.
    page.get_by_label("Leave them there for now").check()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Done", exact=True)).to_be_visible()
    page.get_by_role("link", name="Every line").click()
    page.get_by_label("Kind").select_option("comments")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No line matches")).to_have_count(0)
    expect(page.locator("tbody tr")).to_have_count(3)
    page.go_back()
    page.go_back()

    # A picture that had not come.
    page.get_by_role("link", name="1 file of the old blog is not here yet").click()
    picture = {"name": "finish.png", "mimeType": "image/png", "buffer": drawn()}
    assert page.get_by_label("File", exact=True).bounding_box()["width"] > 150  # its button and the file's name
    page.get_by_label("File", exact=True).set_input_files(picture)
    expect(page.get_by_text("still shown from the old blog, in 1 post")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text("is here now")).to_be_visible()
    expect(page.get_by_text("Every file of the old blog is here")).to_be_visible()

    # The post at its old address, with its comments and the picture.
    page.goto("/2010/09/09/a-long-run/")
    expect(page.get_by_text("Ten miles.")).to_be_visible()
    expect(page.locator("#comment-32")).to_contain_text("Thanks")
    assert "Waiting" not in page.locator("main").inner_text()
    shown = page.locator("article img").first
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert "/media/" in shown.get_attribute("src")

    # The text as Markdown, and HTML again.
    page.goto("/desk/posts/4711/markdown/")
    expect(page.get_by_text("Nothing is lost")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Turn into Markdown").click()
    expect(page.get_by_text("The text is Markdown now")).to_be_visible()
    page.get_by_role("button", name="Back to HTML").click()
    expect(page.get_by_text("The text is HTML again")).to_be_visible()

    # The old addresses.
    page.goto("/desk/import/urls/")
    page.get_by_label("Addresses").fill(f"{URL}/2010/09/09/a-long-run/\n{URL}/nothing/")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_role("link", name="Redirect to… /nothing/")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    # Undo.
    page.goto("/desk/import/")
    page.get_by_role("link", name="getyourmoveon.wordpress.xml").click()
    page.get_by_text("Undo this import").click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("Undone", exact=True)).to_be_visible()
    assert blog.get("/2010/09/09/a-long-run/") == 404
    assert not complaints
