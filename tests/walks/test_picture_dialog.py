"""The dialog of the picture tool: new files or the library, with a mouse and by keyboard, in both editors."""

import re

import pytest
from playwright.sync_api import expect

from tests.furnished import drawn
from tests.walks.test_never_lost import expect_accessible
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import EDITORS, choose_files, fill, is_writing, select, text, value_of


@pytest.fixture(scope="module")
def blog(start_blog):
    """A blog with a library of fourteen pictures: two pages of the dialog."""
    blog = start_blog(set_up=True)
    blog.manage(
        "shell",
        "-v0",
        "-c",
        "from accounts.models import User\n"
        "from blog.media import uploads\n"
        "from django.core.files.uploadedfile import SimpleUploadedFile\n"
        "from tests.furnished import drawn\n"
        "for number in range(14):\n"
        "    file = SimpleUploadedFile(f'hill {number}.png', drawn(), 'image/png')\n"
        "    media = uploads.store_upload(file, User.objects.get(role='owner'))\n"
        "    media.alt = '' if number == 13 else f'Hill number {number}'\n"
        "    media.save()\n",
    )
    return blog


@pytest.fixture
def write(blog, new_context):
    def opened(editor="rich", **facts):
        page = new_context(base_url=blog.url, **facts).new_page()
        log_in(page, blog)
        page.evaluate(EDITORS[editor])
        page.goto("/desk/write/")
        text(page)
        return page

    return opened


def open_dialog(page):
    page.get_by_role("button", name="Pictures", exact=True).click()
    dialog = page.get_by_role("dialog", name="Insert pictures")
    expect(dialog.get_by_role("listitem")).to_have_count(12)
    return dialog


@pytest.mark.parametrize("editor", EDITORS)
def test_a_picture_of_the_library_comes_to_the_cursor_as_a_paragraph(write, editor):
    page = write(editor)
    fill(page, "Fog.\nRain.")
    select(page, 4)
    dialog = open_dialog(page)
    expect(dialog.get_by_role("button", name="hill")).to_have_count(12)
    expect(dialog.get_by_role("status")).to_have_text("Page 1 of 2")
    names = dialog.locator("li button")
    expect(names.first).to_have_accessible_name("hill 13.png No alternative text")
    names.nth(1).click()
    expect(dialog).to_be_hidden()
    assert is_writing(page)
    pattern = r"Fog\.\n\n!\[Hill number 12\]\(/media/[0-9a-f]{32}/hill-12\.png\)\n\nRain\."
    assert re.fullmatch(pattern, value_of(page))
    page.keyboard.type("Then ")
    assert re.fullmatch(pattern.replace("Rain", "Then Rain"), value_of(page))
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(page.locator("#id_source")).to_have_value("Fog.\nRain.")


def test_one_without_alternative_text_is_asked_what_it_shows_unless_it_is_decorative(write):
    page = write()
    fill(page, "Fog.")
    dialog = open_dialog(page)
    dialog.locator("li button").first.click()
    expect(dialog).to_be_hidden()
    alt = page.get_by_label("Alternative text")
    expect(alt).to_be_focused()
    expect(page.locator(".uploads__name")).to_have_text("hill 13.png")
    alt.fill("Fog over a hill")
    with page.expect_response(is_stored):
        alt.press("Enter")
    expect(page.get_by_label("Caption")).to_be_focused()
    pattern = r"Fog\.\n\n!\[Fog over a hill\]\(/media/[0-9a-f]{32}/hill-13\.png\)\s*"
    assert re.fullmatch(pattern, value_of(page))
    with page.expect_response(is_stored):
        page.get_by_label("Decorative").check()
    expect(alt).to_have_value("")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.locator("#uploads")).to_be_hidden()
    first = open_dialog(page).locator("li button").first
    expect(first).to_have_accessible_name("hill 13.png Decorative")
    first.click()
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#uploads")).to_be_hidden()
    assert is_writing(page)
    assert value_of(page).count("![](") == 2


def is_stored(answer):
    return answer.request.method == "POST" and "/desk/media/" in answer.url and answer.ok


@pytest.mark.parametrize("editor", EDITORS)
def test_by_keyboard_one_searches_turns_the_page_and_chooses(write, editor):
    page = write(editor, viewport={"width": 1280, "height": 800})
    text(page).focus()
    dialog = open_dialog_by_keyboard(page)
    page.keyboard.press("Tab")
    page.keyboard.type("number 1")
    expect(dialog.get_by_role("listitem")).to_have_count(4)
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("li button").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(dialog.get_by_role("listitem")).to_have_count(12)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Older")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_have_text("Page 2 of 2")
    expect(dialog.get_by_role("listitem")).to_have_count(2)
    expect(dialog.locator("li button").first).to_be_focused()
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    assert value_of(page).startswith("![Hill number 0](")
    assert is_writing(page)


def open_dialog_by_keyboard(page):
    for _step in range(14):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.closest('markdown-toolbar') !== null"):
            break
    while page.evaluate("document.activeElement.dataset.tool") != "picture":
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Insert pictures")
    expect(dialog.get_by_role("listitem")).to_have_count(12)
    expect(dialog.get_by_role("button", name="Upload new files…")).to_be_focused()
    return dialog


def test_arrows_follow_the_rows_and_escape_leaves_the_text_as_it_was(write):
    page = write()
    fill(page, "Fog.")
    dialog = open_dialog(page)
    pictures = dialog.locator("li button")
    pictures.first.focus()
    place = pictures.first.bounding_box()
    page.keyboard.press("ArrowDown")
    below = page.evaluate("document.activeElement.getBoundingClientRect().x")
    assert below == place["x"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowUp")
    expect(pictures.first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(dialog.get_by_role("searchbox")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert is_writing(page)
    assert value_of(page) == "Fog."


def test_a_search_that_finds_nothing_and_one_that_fails_say_so(write):
    page = write()
    dialog = open_dialog(page)
    dialog.get_by_role("searchbox").fill("sea")
    expect(dialog.get_by_role("status")).to_have_text("No pictures found.")
    expect(dialog.get_by_role("button", name="Older")).to_be_hidden()
    page.context.set_offline(True)
    dialog.get_by_role("searchbox").fill("hill")
    expect(dialog.get_by_role("status")).to_have_text("The library could not be loaded. Your text was not changed.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_dialog_is_accessible_and_fits(write, width, scheme):
    page = write(viewport={"width": width, "height": 720}, color_scheme=scheme)
    dialog = open_dialog(page)
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = dialog.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width
    assert dialog.evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


def test_new_files_come_by_the_same_dialog(write):
    page = write()
    choose_files(page, [{"name": "fog.png", "mimeType": "image/png", "buffer": drawn()}])
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_label("Alternative text")).to_be_focused()
    expect(page.locator("#id_source")).to_have_value(re.compile(r"^!\[\]\(/media/[0-9a-f]{32}/fog\.png\)"))


def test_files_dropped_on_the_dialog_are_taken(write):
    page = write()
    dialog = open_dialog(page)
    dialog.evaluate(
        """(dialog, bytes) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], "bread.png", { type: "image/png" }));
            for (const name of ["dragover", "drop"]) {
                dialog.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
            }
        }""",
        list(drawn()),
    )
    expect(dialog).to_be_hidden()
    expect(page.locator("#id_source")).to_have_value(re.compile(r"/bread\.png\)"))


# Several at once


def bring_three(page):
    names = ("one.png", "two.png", "three.png")
    choose_files(page, [{"name": name, "mimeType": "image/png", "buffer": drawn()} for name in names])
    expect(page.get_by_role("button", name="Done with all")).to_be_visible()
    expect(page.locator(".uploads__thumb img")).to_have_count(3)


def opened(page, label):
    """The field of the one that is open."""
    return page.get_by_label(label).filter(visible=True)


@pytest.mark.parametrize("editor", EDITORS)
def test_several_are_a_strip_with_one_open_at_a_time(write, editor):
    page = write(editor, viewport={"width": 360, "height": 720})
    bring_three(page)
    alt = opened(page, "Alternative text")
    expect(alt).to_be_focused()
    page.keyboard.type("The first")
    expect(page.locator(".uploads__item.is-folded")).to_have_count(2)
    page.get_by_role("button", name="Describe \u2068three.png\u2069").press("Enter")
    expect(alt).to_be_focused()
    page.keyboard.type("The third")
    opened(page, "Caption").fill("At noon")
    page.get_by_role("button", name="Describe \u2068two.png\u2069").click()
    opened(page, "Decorative").check()
    expect(alt).to_be_disabled()
    expect_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Done with all").click()
    expect(page.locator("#uploads")).to_be_hidden()
    assert is_writing(page)
    pattern = (
        r"!\[The first\]\(\S+/one\.png\)\n\n!\[\]\(\S+/two\.png\)\n\n!\[The third\]\(\S+/three\.png \"At noon\"\)\s*"
    )
    assert re.fullmatch(pattern, value_of(page))


def test_done_opens_the_next_one(write):
    page = write()
    bring_three(page)
    page.keyboard.type("The first")
    page.get_by_role("button", name="Done", exact=True).click()
    expect(opened(page, "Alternative text")).to_be_focused()
    expect(opened(page, "Alternative text")).to_have_value("")
    expect(page.locator(".uploads__item")).to_have_count(2)
