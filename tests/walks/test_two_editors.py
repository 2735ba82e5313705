"""The same post in both editors of the write page: in four languages, with a mouse, keys and thumbs."""

import re
import sqlite3
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.walks.test_never_lost import expect_accessible
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import EDITORS, MODULE, fill, select, text, value_of, written

RICH = ".write__rich"
SAMPLE = """The first mile is a *liar*, and so I count the **steps** until the wood [sounds like rain](https://example.org/a).

## Over the bridge

- one item
  - [ ] nested task
- [x] done

> A quotation.

```python
def run(miles):  # count
    return 3
```

| Day | Miles |
| --- | ---: |
| Tuesday, in the rain | 12 |

![Fog](https://elsewhere.example/fog.jpg "At six")

שלום עולם

[^1]: The note with `code`.
"""


def stored(blog, title):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3", timeout=30)) as database:
        return [source for (source,) in database.execute("SELECT source FROM blog_post WHERE title = ?", [title])]


def save(page):
    text(page).focus()
    page.keyboard.press("Control+s")
    expect(page.get_by_text("Draft saved.")).to_be_visible()


# The same bytes

TYPED = (
    "A *first* line with two spaces  \nand [words](https://e.example)\n\n- one\ntwo\n\n\n"
    "\tnot a key: \u00a0|\u2028|é|👩‍👧|\n> quote"
)


def test_a_post_typed_by_keyboard_is_stored_alike_to_the_byte(running_blog, write):
    for editor in EDITORS:
        page = write(editor)
        page.locator("#id_title").fill(f"Typed {editor}")
        text(page).focus()
        for part in re.split("(\n|\t)", TYPED):
            if part == "\n":
                page.keyboard.press("Enter")
            elif part == "\t":
                page.keyboard.insert_text("\t")
            else:
                page.keyboard.type(part)
        for _step in range(3):
            page.keyboard.press("ArrowUp")
        page.keyboard.press("End")
        page.keyboard.type("!")
        page.keyboard.press("Shift+Home")
        page.keyboard.press("Control+i")
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+End")
        page.keyboard.press("Backspace")
        save(page)
    plain, rich = stored(running_blog, "Typed plain"), stored(running_blog, "Typed rich")
    assert plain == rich
    assert "\n- two!\n\n" in rich[0]
    assert "\tnot a key: " in rich[0]
    assert rich[0].endswith("> quot")


def test_pasted_line_ends_spaces_and_tabs_are_stored_as_the_field_stores_them(running_blog, write):
    words = "one  \r\n\ttwo\rthree \n\n    code\u00a0\u200b \r\n\r\nend  "
    for editor in EDITORS:
        page = write(editor)
        page.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=running_blog.url)
        page.locator("#id_title").fill(f"Pasted {editor}")
        page.evaluate("words => navigator.clipboard.writeText(words)", words)
        text(page).focus()
        page.keyboard.press("Control+v")
        save(page)
    assert stored(running_blog, "Pasted plain") == stored(running_blog, "Pasted rich")
    assert stored(running_blog, "Pasted rich")[0].startswith("one  \n\ttwo\nthree \n\n    code")


def test_a_saved_text_is_opened_and_saved_by_both_without_a_change(running_blog, write):
    page = write("plain")
    page.locator("#id_title").fill("Opened")
    fill(page, SAMPLE)
    save(page)
    address = page.url
    [before] = stored(running_blog, "Opened")
    for editor in ("rich", "plain"):
        page = write(editor, path=address)
        assert value_of(page) == before
        save(page)
        assert stored(running_blog, "Opened") == [before]


# In other scripts


def compose(page, *steps, then):
    """An input method: `steps` are what is shown underlined, one after another, and `then` is chosen."""
    chromium = page.context.new_cdp_session(page)
    for words in steps:
        end = len(words)
        chromium.send("Input.imeSetComposition", {"text": words, "selectionStart": end, "selectionEnd": end})
    chromium.send("Input.insertText", {"text": then})


def test_japanese_is_composed_in_both_and_a_picture_waits_for_it(running_blog, write):
    for editor in EDITORS:
        page = write(editor)
        page.locator("#id_title").fill(f"東京 {editor}")
        text(page).focus()
        page.keyboard.type("**")
        compose(page, "に", "にほ", "にほんご", then="日本語")
        page.keyboard.type("** ")
        compose(page, "か", "かんじ", "漢字", then="漢字")
        page.keyboard.press("Enter")
        page.keyboard.type("- ")
        compose(page, "ｋ", "き", then="木")
        page.keyboard.press("Enter")
        expect(written(page)).to_have_value("**日本語** 漢字\n- 木\n- ")
        # What comes by itself waits until nobody is in the middle of a letter.
        chromium = page.context.new_cdp_session(page)
        chromium.send("Input.imeSetComposition", {"text": "は", "selectionStart": 1, "selectionEnd": 1})
        page.evaluate(
            f"async () => {{ const text = await ({MODULE})(); "
            "text.rest().then(() => text.replaceQuietly(0, 0, 'first\\n\\n')); }"
        )
        chromium.send("Input.imeSetComposition", {"text": "はし", "selectionStart": 2, "selectionEnd": 2})
        page.wait_for_timeout(200)
        assert not value_of(page).startswith("first")
        chromium.send("Input.insertText", {"text": "橋"})
        expect(written(page)).to_have_value("first\n\n**日本語** 漢字\n- 木\n- 橋")
        save(page)
        assert stored(running_blog, f"東京 {editor}") == ["first\n\n**日本語** 漢字\n- 木\n- 橋"]


def test_korean_is_composed_in_both_with_a_letter_taken_back(running_blog, write):
    """A syllable ends when the next one begins, and Backspace takes one letter of it."""
    for editor in EDITORS:
        page = write(editor)
        page.locator("#id_title").fill(f"서울 {editor}")
        text(page).focus()
        page.keyboard.type("## ")
        compose(page, "ㅎ", "하", "한", then="한")
        compose(page, "ㄱ", "그", "글", "그", "긄", "글", then="글")
        page.keyboard.press("Enter")
        page.keyboard.type("- **")
        compose(page, "ㄷ", "다", "달", "다", then="다")
        compose(page, "ㄹ", "리", then="리")
        page.keyboard.type("**")
        expect(written(page)).to_have_value("## 한글\n- **다리**")
        page.keyboard.press("Control+z")
        page.keyboard.press("Control+Shift+z" if editor == "plain" else "Control+y")
        save(page)
        assert stored(running_blog, f"서울 {editor}") == ["## 한글\n- **다리**"]


def test_hebrew_is_written_from_the_right_each_line_in_its_own_direction(running_blog, write):
    words = "## שלום עולם\n\nהגשר ב*שש* בבוקר, and English\n\nEnglish, ועברית\n\n- פריט"
    for editor in EDITORS:
        page = write(editor)
        page.locator("#id_title").fill(f"גשר {editor}")
        text(page).focus()
        page.keyboard.insert_text(words)
        page.keyboard.press("Enter")
        page.keyboard.type("שני")
        expect(written(page)).to_have_value(f"{words}\n- שני")
        if editor == "rich":
            lines = page.locator(f"{RICH} .cm-line")
            assert lines.evaluate_all("all => all.map((line) => getComputedStyle(line).direction)") == [
                *("rtl", "rtl", "rtl", "rtl", "ltr", "ltr", "rtl", "rtl")
            ]
            # The arrow to the left goes on, in the text.
            select(page, 3)
            page.keyboard.press("ArrowLeft")
            page.keyboard.type("!")
            expect(written(page)).to_have_value(f"{words[:4]}!{words[4:]}\n- שני")
            page.keyboard.press("Control+z")
        save(page)
    assert stored(running_blog, "גשר plain") == stored(running_blog, "גשר rich")


# For everybody


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (1280, "light"),
        *(pytest.param(*each, marks=pytest.mark.long) for each in [(360, "dark"), (1280, "dark")]),
    ],
)
def test_axe_finds_nothing_in_either_editor(write, width, scheme):
    for editor in EDITORS:
        page = write(editor, width=width, color_scheme=scheme)
        fill(page, SAMPLE)
        select(page, 5)
        expect_accessible(page)
        field = page.get_by_role("textbox", name="Text", exact=True)
        expect(field).to_have_count(1)
        assert field.evaluate("field => field.spellcheck && (field.ariaMultiLine ?? 'true') === 'true'")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_with_the_keyboard_up_the_tools_are_one_row_and_the_bar_leaves(write):
    for editor in EDITORS:
        page = write(editor, width=360, height=380, has_touch=True, is_mobile=True)
        bar, tools = page.get_by_role("navigation", name="Shortcuts"), page.get_by_role("toolbar")
        expect(bar).to_be_visible()
        text(page).tap()
        page.keyboard.insert_text("\n\n".join(f"Paragraph {number} of some words." for number in range(30)))
        page.keyboard.press("Enter")
        expect(bar).to_be_hidden()
        assert len(set(tools.locator("button").evaluate_all("all => all.map((one) => one.offsetTop)"))) == 1
        tools.locator("button").last.scroll_into_view_if_needed()
        expect(tools.locator("button").last).to_be_in_viewport()
        # What is typed is seen, between the tools and the line with the buttons.
        page.keyboard.type("seen")
        if editor == "rich":
            line = page.locator(f"{RICH} .cm-line").last
            expect(line).to_have_text("seen")
            place = line.bounding_box()
            assert place["y"] >= tools.bounding_box()["y"] + tools.bounding_box()["height"] - 1
            assert place["y"] + place["height"] <= page.locator(".write__line").bounding_box()["y"] + 1
        page.locator("#id_slug").evaluate("field => { field.closest('details').open = true; field.focus() }")
        expect(bar).to_be_visible()


# The switch


def test_plain_text_is_a_switch_that_this_browser_remembers(write):
    page = write()
    switch = page.get_by_role("button", name="Plain text")
    expect(switch).to_have_attribute("aria-pressed", "false")
    fill(page, "One *two* three.")
    select(page, 5, 8)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(page.locator(RICH)).to_be_hidden()
    expect(page.locator("#id_source")).to_be_visible()
    expect(written(page)).to_have_value("One *two* three.")
    assert page.locator("#id_source").evaluate("field => [field.selectionStart, field.selectionEnd]") == [5, 8]
    page.locator("#id_source").focus()
    page.keyboard.type("2")
    page.reload()
    expect(page.locator("#id_source")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator(RICH)).to_have_count(0)
    page.goto("/desk/write/")
    page.get_by_role("button", name="Plain text").click()
    expect(page.locator(RICH)).to_be_visible()
    expect(page.get_by_role("button", name="Plain text")).to_have_attribute("aria-pressed", "false")
    page.locator(f"{RICH} [role=textbox]").focus()
    page.keyboard.type("Three.")
    assert value_of(page) == "Three."


def test_where_the_editor_does_not_load_the_field_is_there_and_saves(running_blog, new_context):
    page = new_context(base_url=running_blog.url).new_page()
    log_in(page, running_blog)
    page.route("**/codemirror*.js", lambda route: route.abort())
    page.goto("/desk/write/")
    page.locator("#id_title").fill("Not loaded")
    page.locator("#id_source").fill("In the field.")
    expect(page.get_by_role("button", name="Plain text")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Save Draft", exact=True).click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    assert stored(running_blog, "Not loaded") == ["In the field."]


def test_back_and_forward_find_the_text_in_both(write):
    for editor in EDITORS:
        page = write(editor)
        page.locator("#id_title").fill(f"Back {editor}")
        text(page).focus()
        page.keyboard.type("Typed before I left.")
        expect(page.locator(".saved__word")).to_have_text(re.compile(r"^Saved \d?\d:\d\d"))
        page.goto("/desk/posts/")
        page.go_back()
        text(page)
        expect(written(page)).to_have_value("Typed before I left.")
        assert value_of(page) == "Typed before I left."
        page.go_forward()
        expect(page.get_by_role("heading", name="Posts", exact=True)).to_be_visible()


def test_what_another_program_puts_into_the_hidden_field_is_seen(write):
    page = write()
    fill(page, "One.")
    value_of(page)
    page.locator("#id_source").evaluate(
        "field => { field.value += ' Two.'; field.dispatchEvent(new Event('input', { bubbles: true })) }"
    )
    expect(page.locator(f"{RICH} .cm-line")).to_have_text("One. Two.")
    assert value_of(page) == "One. Two."
