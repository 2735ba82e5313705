"""The tools of the write page in a real browser: what they type, and that undo takes it back."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def write(running_blog, new_context):
    """A new post before Ada: its text field, on a page that must not complain."""
    page = new_context(base_url=running_blog.url, viewport={"width": 1280, "height": 800}).new_page()
    complaints = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    log_in(page, running_blog)
    page.goto("/desk/write/")
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


def text(page):
    return page.locator("#id_source")


def put(page, words, start=None, end=None):
    """Types, then selects from `start` to `end`."""
    text(page).click()
    page.keyboard.type(words)
    if start is not None:
        text(page).evaluate("(field, [from, to]) => field.setSelectionRange(from, to)", [start, end])


def paste(page, words):
    text(page).evaluate(
        """(field, words) => {
            const data = new DataTransfer();
            data.setData("text/plain", words);
            field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
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
    ("Code", "a run at dawn", (2, 5), "a `run` at dawn"),
    ("Footnote", "a run at dawn", (5, 5), "a run[^1] at dawn\n\n[^1]: "),
    ("Here ends what lists show", "a run", (5, 5), "a run\n\n<!--more-->\n\n"),
]


def test_every_tool_types_its_mark_and_undo_takes_it_back(write):
    for name, words, place, marked in TOOLS:
        write.goto("/desk/write/")
        put(write, words, *place)
        write.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()
        expect(text(write)).to_have_value(marked)
        for _step in range(4):
            if text(write).input_value() != words:
                write.keyboard.press("Control+z")
        expect(text(write), name).to_have_value(words)


def test_a_tool_pressed_twice_takes_its_mark_away(write):
    for name, words in [("Bold", "run"), ("Quote", "a run"), ("Task list", "a run"), ("List", "a run")]:
        write.goto("/desk/write/")
        put(write, words, 0, len(words))
        for _time in range(2):
            write.get_by_role("toolbar").get_by_role("button", name=name, exact=True).click()
        expect(text(write), name).to_have_value(words)


def test_lists_go_on_until_an_item_is_empty(write):
    put(write, "- [x] shoes\nkeys\n")
    expect(text(write)).to_have_value("- [x] shoes\n- [ ] keys\n- [ ] ")
    write.keyboard.press("Enter")
    expect(text(write)).to_have_value("- [x] shoes\n- [ ] keys\n")
    write.keyboard.type("9. nine\nten")
    assert text(write).input_value().endswith("\n9. nine\n10. ten")
    write.keyboard.press("Control+z")
    assert not text(write).input_value().endswith("10. ten")


def test_code_is_left_alone(write):
    put(write, "```\n- one\n")
    expect(text(write)).to_have_value("```\n- one\n")


def test_shortcuts_mark_save_and_never_hold_the_focus(write):
    put(write, "run", 0, 3)
    write.keyboard.press("Control+b")
    expect(text(write)).to_have_value("**run**")
    write.keyboard.press("Control+i")
    expect(text(write)).to_have_value("**_run_**")
    write.keyboard.press("Control+s")
    expect(write.get_by_text("Draft saved.")).to_be_visible()
    text(write).focus()
    write.keyboard.press("Tab")
    assert write.evaluate("document.activeElement.id") != "id_source"


def test_an_address_pasted_over_words_links_them(write):
    put(write, "see the bridge here", 8, 14)
    paste(write, "https://example.org/a_(b)")
    expect(text(write)).to_have_value("see the [bridge](https://example.org/a_%28b%29) here")
    write.keyboard.press("Control+z")
    expect(text(write)).to_have_value("see the bridge here")


def test_words_and_minutes_are_counted_while_one_types(write):
    put(write, "Don't count these: — …")
    expect(write.locator("[data-words]")).to_have_text("3 words · 1 minute to read")


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
    expect(write.get_by_role("dialog").get_by_role("option", name="The bridge at six")).to_be_visible()
    expect(write.get_by_role("dialog").get_by_role("option")).to_have_count(1)
    write.keyboard.press("Enter")
    expect(text(write)).to_be_focused()
    assert text(write).input_value().startswith("See [The bridge at six](/")
    write.keyboard.press("Control+z")
    expect(text(write)).to_have_value("See ")


def test_the_preview_stands_beside_the_text_and_scrolls_with_it(write):
    write.get_by_role("button", name="Preview beside the text").click()
    put(write, "## Fog\n\n" + "A *word*.\n\n" * 8)
    expect(write.locator("#beside h2", has_text="Fog")).to_be_visible()
    text(write).fill("\n\n".join(f"## Part {number}\n\n" + "Words and words. " * 30 for number in range(20)))
    expect(write.locator("#beside h2", has_text="Part 19")).to_have_count(1, timeout=10_000)
    write.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    expect(write.locator("#beside h2", has_text="Part 19")).to_be_in_viewport()
    write.evaluate("window.scrollTo(0, 0)")
    expect(write.locator("#beside h2", has_text="Part 0")).to_be_in_viewport()
    write.reload()
    expect(write.locator("#beside")).to_be_visible()


def test_a_picture_that_gets_stuck_gives_the_form_free_again(write):
    write.clock.install()
    write.route("**/desk/media/", lambda route: None)  # nothing ever answers
    write.locator("#id_title").fill("Stuck")
    with write.expect_file_chooser() as chooser:
        write.get_by_role("button", name="Pictures").click()
    with write.expect_request("**/desk/media/"):
        chooser.value.set_files([{"name": "fog.png", "mimeType": "image/png", "buffer": b"any"}])
    write.get_by_role("button", name="Save Draft").click()
    expect(write.get_by_text("Some pictures are still on their way.")).to_be_visible()
    write.clock.fast_forward(130_000)
    expect(write.get_by_text("This did not arrive.")).to_be_visible()
    write.get_by_role("button", name="Done").click()
    write.get_by_role("button", name="Save Draft").click()
    expect(write.get_by_text("Draft saved.")).to_be_visible()


def test_a_picture_that_a_busy_server_sent_back_is_told_so(running_blog, new_context):
    page = new_context(base_url=running_blog.url).new_page()
    log_in(page, running_blog)
    page.goto("/desk/write/")
    page.route("**/desk/media/", lambda route: route.fulfill(status=503, body="Please try again in a moment."))
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Pictures").click()
    chooser.value.set_files([{"name": "fog.png", "mimeType": "image/png", "buffer": b"any"}])
    expect(page.get_by_role("alert").filter(has_text="This did not arrive.")).to_be_visible()
    expect(page.get_by_text("perhaps your login has ended")).to_have_count(0)
