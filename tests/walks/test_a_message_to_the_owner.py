"""A reader writes to the owner by the contact form, by keyboard on a phone's width; the owner decides at the desk."""

import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser import WITH_AND_WITHOUT
from tests.walks.test_never_lost import expect_accessible
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import fill

SAID = "Is there a run along the river next Saturday?\n\nI would like to join: 走ろう."


@pytest.fixture
def visitor(running_blog, new_context):
    """visitor(javascript) is a page of a new browser, 360 px wide, that must not complain."""
    complaints = []

    def come(javascript=True):
        size = {"width": 360, "height": 780}
        context = new_context(base_url=running_blog.url, viewport=size, java_script_enabled=javascript)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 500 else None)
        return page

    yield come
    assert not complaints


@pytest.fixture
def contact_page(running_blog, new_context):
    """The address of a new page with a contact form."""
    page = new_context(base_url=running_blog.url).new_page()
    log_in(page, running_blog)
    page.goto("/desk/write/?kind=page")
    page.get_by_label("Title", exact=True).fill("Write to me")
    fill(page, "I read everything.")
    page.get_by_text("Settings of this").click()
    page.get_by_label("Contact form").check()
    page.get_by_role("button", name="Publish", exact=True).click()
    link = page.locator(".permalink a")
    expect(link).to_be_visible(timeout=30_000)
    return link.get_attribute("href")


def messages_in(blog):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30)) as database:
        return list(database.execute("SELECT name, email, text, state FROM comments_message ORDER BY id"))


def press_until(page, field):
    """Press Tab until the focus is there."""
    for _press in range(40):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            return
    raise AssertionError(f"Tab does not lead to {field}")


@pytest.mark.parametrize("javascript", WITH_AND_WITHOUT)
def test_a_message_is_written_by_keyboard_and_decided_at_the_desk(running_blog, contact_page, visitor, javascript):
    before = len(messages_in(running_blog))
    name = f"Nora {'with' if javascript else 'without'} scripts"
    reader = visitor(javascript)
    reader.goto(contact_page)
    form = reader.locator("#contact")
    field = {label: form.get_by_label(label) for label in ("Name (required)", "Email (required)", "Message")}
    press_until(reader, field["Name (required)"])
    reader.keyboard.type(name)
    reader.keyboard.press("Tab")
    reader.keyboard.type("nora at example")
    reader.keyboard.press("Tab")
    reader.keyboard.insert_text(SAID)
    press_until(reader, form.get_by_role("button", name="Send message"))
    reader.keyboard.press("Enter")
    expect(form.get_by_text("Please enter a valid email address").last).to_be_visible()
    assert len(messages_in(running_blog)) == before
    expect(field["Name (required)"]).to_have_value(name)
    expect(field["Email (required)"]).to_have_value("nora at example")
    expect(field["Message"]).to_have_value(SAID)
    if javascript:
        expect_accessible(reader)
        reader.set_viewport_size({"width": 360, "height": 780})
    field["Email (required)"].focus()
    reader.keyboard.press("Control+a")
    reader.keyboard.type("nora@example.org")
    reader.keyboard.press("Enter")
    expect(reader.get_by_text("Your message was sent.")).to_be_visible()
    expect(field["Message"]).to_have_value("")
    assert messages_in(running_blog)[before:] == [(name, "nora@example.org", SAID, "new")]
    if javascript:
        expect_accessible(reader)

    owner = visitor(javascript)
    log_in(owner, running_blog)
    expect(owner.get_by_text("1 new message")).to_be_visible()
    owner.locator(".desk-menu__more summary").click()
    owner.locator(".desk-menu__more").get_by_role("link", name="Messages 1 waiting").click()
    row = owner.get_by_role("article", name=f"Message by \u2068{name}\u2069")
    expect(row).to_contain_text("I would like to join: 走ろう.")
    if javascript:
        expect_accessible(owner)
        owner.set_viewport_size({"width": 360, "height": 780})
    row.get_by_role("button", name="Spam").click()
    notice = owner.get_by_role("status").filter(has_text="Marked as spam: 1 message.")
    expect(notice).to_be_visible()
    expect(row).to_have_count(0)
    if javascript:
        expect_accessible(owner)
        owner.set_viewport_size({"width": 360, "height": 780})
    notice.get_by_role("button", name="Undo").click()
    expect(owner.get_by_text("The change was undone.")).to_be_visible()
    row.get_by_role("button", name="Trash").click()
    expect(owner.get_by_text("Moved to the trash: 1 message.")).to_be_visible()
    expect(row).to_have_count(0)
    assert [state for *_said, state in messages_in(running_blog)[before:]] == ["trash"]
    owner.goto("/desk/comments/history/")
    expect(owner.locator(".action-log > li").first).to_contain_text("Moved to the trash · 1 message")
    if javascript:
        expect_accessible(owner)
