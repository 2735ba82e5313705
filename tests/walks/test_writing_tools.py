"""The tools of the write page in a real browser: what they type, and that undo takes it back."""

import random
import re

import pytest
from playwright.sync_api import expect

from blog.desk import comma_lists
from tests.furnished import drawn
from tests.walks.test_never_lost import expect_accessible
from tests.walks.writing import EDITORS, IN_BOTH, choose_files, fill, is_writing, select, text, value_of, written


@pytest.fixture(params=IN_BOTH)
def write(request, running_blog, new_context):
    """A new post before Ada, in both editors, on a page that must not complain."""
    page = new_context(base_url=running_blog.url, viewport={"width": 1280, "height": 800}).new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    log_in(page, running_blog)
    page.evaluate(EDITORS[request.param])
    page.goto("/desk/write/")
    text(page)
    yield page
    assert not complaints


def log_in(page, blog):
    """Once a blog; the browsers of later tests bring Ada's session along."""
    if blog.session:
        page.context.add_cookies(blog.session)
        page.goto("/desk/")
        return
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(blog.email)
    page.locator("input[name=password]").fill(blog.password)
    page.locator("main form button").first.click()
    page.wait_for_url("**/desk/")
    blog.session = page.context.cookies()


def put(page, words, start=None, end=None):
    """Types, then selects from `start` to `end`."""
    text(page).focus()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    if start is not None:
        select(page, start, end)


def paste(page, words):
    text(page).evaluate(
        """(field, words) => {
            const data = new DataTransfer();
            data.setData("text/plain", words);
            const travels = { bubbles: true, cancelable: true, composed: true };
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...travels }));
        }""",
        words,
    )


TOOLS = [
    ("Bold", "a run at dawn", (2, 5), "a **run** at dawn"),
    ("Italic", "a run at dawn", (2, 5), "a _run_ at dawn"),
    ("Link", "a run at dawn", (2, 5), "a [run](url) at dawn"),
    ("Heading", "a run\n\nat dawn", (8, 8), "a run\n\n## at dawn"),
    ("Quote", "a run\nat dawn", (0, 13), "> a run\n> at dawn"),
    ("List", "a run", (0, 5), "- a run"),
    ("Numbered list", "a run", (0, 5), "1. a run"),
    ("Task list", "a run", (3, 3), "- [ ] a run"),
    ("Numbered list", "a\nb\nc", (2, 5), "a\n\n1. b\n2. c"),
    ("Code", "a run at dawn", (2, 5), "a `run` at dawn"),
    ("Code", "a\nb", (0, 3), "```\na\nb\n```"),
    ("Bold", "a run at dawn", (4, 4), "a **run** at dawn"),
    ("Bold", "a run at dawn", (1, 6), "a **run** at dawn"),
    ("Link", "https://a.example", (0, 17), "[](https://a.example)"),
    ("Footnote", "a run at dawn", (5, 5), "a run[^1] at dawn\n\n[^1]: "),
    ("Read More tag", "a run", (5, 5), "a run\n\n<!--more-->\n\n"),
]


@pytest.mark.long
def test_every_tool_types_its_mark_and_undo_takes_it_back(write):
    # All write through editor.js: the toolbar element knows no field that it could write into.
    assert write.locator("markdown-toolbar").evaluate("bar => bar.field") is None
    for name, words, place, marked in TOOLS:
        write.goto("/desk/write/")
        put(write, words, *place)
        write.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()
        expect(written(write)).to_have_value(marked)
        for _step in range(4):
            if value_of(write) != words:
                write.keyboard.press("Control+z")
        expect(written(write), name).to_have_value(words)


def test_a_tool_pressed_twice_takes_its_mark_away(write):
    for name, words, place in [
        ("Bold", "run", (0, 3)),
        ("Italic", "a run", (3, 3)),
        ("Code", "a\nb", (0, 3)),
        ("Quote", "a run", (0, 5)),
        ("Task list", "a run", (0, 5)),
        ("List", "a run", (0, 5)),
        ("Numbered list", "a\nb", (0, 3)),
    ]:
        write.goto("/desk/write/")
        put(write, words, *place)
        for _time in range(2):
            write.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()
        expect(written(write), name).to_have_value(words)


def test_lists_go_on_until_an_item_is_empty(write):
    put(write, "- [x] shoes\nkeys\n")
    expect(written(write)).to_have_value("- [x] shoes\n- [ ] keys\n- [ ] ")
    write.keyboard.press("Enter")
    expect(written(write)).to_have_value("- [x] shoes\n- [ ] keys\n")
    write.keyboard.type("9. nine\nten")
    assert value_of(write).endswith("\n9. nine\n10. ten")
    write.keyboard.press("Control+z")
    assert not value_of(write).endswith("10. ten")


def test_code_is_left_alone(write):
    put(write, "```\n- one\n")
    expect(written(write)).to_have_value("```\n- one\n")


def test_shortcuts_mark_save_and_never_hold_the_focus(write):
    put(write, "run", 0, 3)
    write.keyboard.press("Control+b")
    expect(written(write)).to_have_value("**run**")
    write.keyboard.press("Control+i")
    expect(written(write)).to_have_value("**_run_**")
    write.keyboard.press("Control+s")
    expect(write.get_by_text("Draft saved.")).to_be_visible()
    text(write).focus()
    write.keyboard.press("Tab")
    assert not is_writing(write)


def test_an_address_pasted_over_words_links_them(write):
    put(write, "see the bridge here", 8, 14)
    paste(write, "https://example.org/a_(b)")
    expect(written(write)).to_have_value("see the [bridge](https://example.org/a_%28b%29) here")
    write.keyboard.press("Control+z")
    expect(written(write)).to_have_value("see the bridge here")
    fill(write, "see a]b, [c] and [d")
    for start, end, linked in [
        (17, 19, r"[\[d](https://e.org/)"),
        (9, 12, "[[c]](https://e.org/)"),
        (4, 7, r"[a\]b](https://e.org/)"),
    ]:
        select(write, start, end)
        paste(write, "https://e.org/")
        assert linked in value_of(write)


def test_bold_marks_each_of_two_paragraphs_and_takes_it_back(write):
    for words, marked in [
        ("One.\n\nTwo,\nthree.", "**One.**\n\n**Two,\nthree.**"),
        ("# A\n\n> b\n> \nc", "# **A**\n\n> **b**\n> \n**c**"),
    ]:
        fill(write, words)
        for expected in (marked, words):
            select(write, 0, len(value_of(write)))
            write.keyboard.press("Control+b")
            expect(written(write)).to_have_value(expected)
        write.keyboard.press("Control+z")
        expect(written(write)).to_have_value(marked)


def test_words_and_minutes_are_counted_while_one_types(write):
    for words, count in [
        ("Don't count these: — …", 3),
        (" ![Fog](https://a.example/fog-at-six.jpg)", 4),
        (" [a bridge](https://one.example/two/three) (not far)", 8),
    ]:
        put(write, words)
        expect(write.locator("[data-words]")).to_have_text(f"{count} words · 1 minute to read")
    fill(write, "")
    expect(write.locator("[data-words]")).to_have_text("0 words")


def test_the_buttons_of_a_saved_post_stand_side_by_side(write):
    write.locator("#id_title").fill("Side by side")
    buttons = write.locator(".write__line button:visible")
    for button, shown in [
        ("Save Draft", ["Save Draft", "Preview", "Publish"]),
        ("Publish", ["Save Draft", "Preview", "Update"]),
    ]:
        write.get_by_role("button", name=button, exact=True).click()
        expect(buttons).to_have_text(shown)
        expect(write.get_by_role("link", name="revision")).to_be_visible()
        assert len(set(buttons.evaluate_all("all => all.map((one) => one.offsetTop)"))) == 1


def test_one_of_ones_own_posts_is_found_and_linked_by_keyboard(write):
    write.locator("#id_title").fill("The bridge at six")
    put(write, "Fog.")
    write.keyboard.press("Control+s")
    expect(write.get_by_text("Draft saved.")).to_be_visible()
    write.get_by_role("button", name="Publish").click()
    expect(write.get_by_text("Saved. It is published.")).to_be_visible()
    write.goto("/desk/write/")
    put(write, "See ")
    write.keyboard.press("Control+k")
    write.keyboard.type("bridge")
    expect(write.get_by_role("dialog").get_by_role("option", name="The bridge at six").first).to_be_visible()
    expect(write.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    write.keyboard.press("Enter")
    expect(text(write)).to_be_focused()
    assert value_of(write).startswith("See [The bridge at six](/")
    write.keyboard.press("Control+z")
    expect(written(write)).to_have_value("See ")


def test_the_preview_stands_beside_the_text_and_scrolls_with_it(write):
    write.get_by_role("button", name="Preview beside the text").click()
    put(write, "## Fog\n\n" + "A *word*.\n\n" * 8)
    expect(write.locator("#live-preview h2", has_text="Fog")).to_be_visible()
    fill(write, "\n\n".join(f"## Part {number}\n\n" + "Words and words. " * 30 for number in range(20)))
    expect(write.locator("#live-preview h2", has_text="Part 19")).to_have_count(1, timeout=10_000)
    write.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(write.locator("#live-preview h2", has_text="Part 19")).to_be_in_viewport()
    write.evaluate("window.scrollTo(0, 0)")
    expect(write.locator("#live-preview h2", has_text="Part 0")).to_be_in_viewport()
    write.reload()
    expect(write.locator("#live-preview")).to_be_visible()


def test_while_the_page_of_a_long_text_is_made_the_seconds_are_said(write):
    sent = """async (from) => {
        const progress = document.querySelector("#progress");
        progress.dataset.from = from;
        document.querySelector("#write").dispatchEvent(new SubmitEvent("submit", { cancelable: false }));
        await new Promise((done) => setTimeout(done, 20));
        return progress.hidden ? "" : progress.textContent.trim();
    }"""
    write.route("**/autosave/", lambda _route: None)  # an answer would let the form go, and the page with it
    assert write.evaluate(sent, 50_000) == ""
    assert write.evaluate(sent, -1).startswith("Rendering a long text")


def test_a_tag_with_a_comma_is_one_chip_and_stays_one(write):
    write.locator("#id_title").fill("Far away")
    write.get_by_text("Settings of this post").click()
    write.locator("#id_tag_names").press_sequentially('hills, "Columbus, Ohio", “Lima, Peru”,dawn,')
    chips = write.locator(".chip")
    expect(chips).to_have_text(["hills×", "Columbus, Ohio×", "Lima, Peru×", "dawn×"])
    for _time in range(2):
        write.get_by_role("button", name="Save Draft").click()
        expect(write.get_by_text("Draft saved.")).to_be_visible()
        expect(chips).to_have_text(["Columbus, Ohio×", "dawn×", "hills×", "Lima, Peru×"])


def test_the_script_reads_and_writes_lists_as_the_server_does(write):
    dice = random.Random(13)
    typed = ["".join(dice.choices('ab",，、 “”„«»「」', k=dice.randint(0, 12))) for _list in range(500)]
    read = write.evaluate(
        """async (typed) => {
            const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
            const lists = await import(loaded.find((name) => /comma-lists/.test(name)));
            return typed.map((text) => [lists.split(text), lists.join(lists.split(text))]);
        }""",
        typed,
    )
    assert read == [[items := comma_lists.split(text), comma_lists.join(items)] for text in typed]


def choose(page, *names):
    """Pictures of these names, picked with the tool."""
    choose_files(page, [{"name": name, "mimeType": "image/png", "buffer": drawn()} for name in names])


@pytest.mark.long
def test_a_picture_that_gets_stuck_gives_the_form_free_again(write):
    write.clock.install()
    write.route("**/desk/media/", lambda route: None)  # nothing ever answers
    write.locator("#id_title").fill("Stuck")
    with write.expect_request("**/desk/media/"):
        choose(write, "fog.png")
    write.get_by_role("button", name="Save Draft", exact=True).click()
    expect(write.get_by_text("“Save Draft” follows automatically when everything is uploaded.")).to_be_visible()
    with write.expect_request("**/desk/media/"):  # given up, and tried again
        write.clock.fast_forward(130_000)
    write.get_by_role("button", name="Save Draft without them").click()
    expect(write.get_by_text("Draft saved.")).to_be_visible()
    notice = write.locator("#unsaved .unsaved__item")
    expect(notice).to_contain_text("Added here, not uploaded yet: \u2068fog.png\u2069")
    expect(written(write)).to_have_value("")
    write.unroute("**/desk/media/")
    notice.get_by_role("link", name="Add them").click()
    expect(written(write)).to_have_value(re.compile(r"^!\[\]\(/media/[0-9a-f]{32}/fog\.png\)"))


@pytest.mark.long
def test_a_picture_that_a_busy_server_sent_back_waits_and_nothing_leaves_it_in_silence(running_blog, new_context):
    page = new_context(base_url=running_blog.url).new_page()
    log_in(page, running_blog)
    page.goto("/desk/write/")
    page.route("**/desk/media/", lambda route: route.fulfill(status=503, body="Please try again in a moment."))
    put(page, "Fog on the bridge.", 3, 3)
    choose(page, "fog.png")
    expect(page.get_by_text("\u2068fog.png\u2069 is not uploaded yet. It is kept in this browser")).to_be_visible()
    expect(page.get_by_role("button", name="Will be inserted after “\u2068Fog\u2069”")).to_be_visible()
    expect(written(page)).to_have_value("Fog on the bridge.")
    page.get_by_label("Alternative text").fill("A bridge")
    select(page, 0)
    text(page).press_sequentially("No ")
    expect(page.locator(".write__dot")).to_have_count(1)
    expect_accessible(page)
    with page.expect_event("dialog") as asked:  # leaving is asked about
        page.once("dialog", lambda dialog: dialog.dismiss())
        page.get_by_role("link", name="A new blog").click()  # the bar with the others has left while one types
    assert asked.value.type == "beforeunload"
    page.unroute("**/desk/media/")
    page.get_by_role("button", name="Retry").click()
    expect(written(page)).to_have_value(re.compile(r"^No Fog\n\n!\[A bridge\]\(/media/\S+\)\n\n on the bridge\.$"))

    # What is refused for good is said, and once more by the button that would leave it behind.
    page.locator("#uploads").evaluate("uploads => { uploads.dataset.largest = 10 }")
    choose(page, "huge.png")
    expect(page.get_by_role("alert").filter(has_text="It is larger than")).to_be_visible()
    page.get_by_role("button", name="Save Draft", exact=True).click()
    expect(page.get_by_text("Not accepted: \u2068huge.png\u2069.")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()


NO_ROOM = "IDBObjectStore.prototype.put = () => { throw new DOMException('', 'QuotaExceededError') }"
NO_DATABASE = "Object.defineProperty(window, 'indexedDB', { value: undefined })"


@pytest.mark.long
def test_where_a_browser_keeps_no_files_it_says_so_and_they_arrive_all_the_same(running_blog, new_context):
    for script, words in [
        (NO_DATABASE, "This browser cannot store \u2068fog.png\u2069"),
        (NO_ROOM, "This browser has no room"),
    ]:
        context = new_context(base_url=running_blog.url)
        page = context.new_page()
        log_in(page, running_blog)
        page.add_init_script(script)
        page.goto("/desk/write/")
        expect(text(page)).to_be_visible()  # the editor has loaded
        context.set_offline(True)
        choose(page, "fog.png")
        expect(page.get_by_text(words)).to_be_visible()
        expect(page.get_by_text("keep this page open until it is uploaded")).to_be_visible()
        assert value_of(page) == ""
        context.set_offline(False)
        expect(written(page)).to_have_value(re.compile(r"^!\[\]\(/media/[0-9a-f]{32}/fog\.png\)"))
