"""How the rich editor draws Markdown: like the page, with the marks in a quieter ink."""

import re

from playwright.sync_api import expect

from tests.furnished import drawn
from tests.walks.test_two_editors import RICH, SAMPLE
from tests.walks.writing import choose_files, fill, select, text, value_of, written


def test_markdown_looks_like_the_page(write):
    page = write()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    fill(page, SAMPLE)
    select(page, 2)
    rich = page.locator(RICH)
    size = "(line) => parseFloat(getComputedStyle(line).fontSize)"
    heading = rich.locator(".cm-line", has_text="Over the bridge")
    assert heading.evaluate(size) > 1.2 * rich.locator(".cm-line").first.evaluate(size)
    assert rich.locator(".strong", has_text="steps").evaluate("word => getComputedStyle(word).fontWeight") == "700"
    assert "monospace" in rich.locator(".pre").first.evaluate("line => getComputedStyle(line).fontFamily")
    colours = rich.locator(".pre span").evaluate_all("all => all.map((word) => getComputedStyle(word).color)")
    assert len(set(colours)) >= 3
    # Marks are quiet, except in the line where one is.
    ink = "mark => getComputedStyle(mark).color"
    assert rich.locator(".is-here .mark").first.evaluate(ink) == heading.evaluate(ink)
    assert heading.locator(".mark").evaluate(ink) != heading.evaluate(ink)
    # An address is folded into its words until one is at it.
    link = rich.locator(".cm-line").first
    expect(link).not_to_contain_text("example.org")
    select(page, SAMPLE.index("sounds") + 2)
    expect(link).to_contain_text("[sounds like rain](https://example.org/a)")
    # Columns stand below one another.
    bars = rich.locator(".table .mark").evaluate_all(
        "all => all.map((bar) => Math.round(bar.getBoundingClientRect().x))"
    )
    assert bars[:3] == bars[-3:]
    # A picture of another site is not asked for.
    assert not [url for url in asked if "elsewhere" in url]
    # The measure and the face of the page that readers see.
    fill(page, "The first mile is a liar and says that you are tired. " * 5)
    page.get_by_role("button", name="Publish", exact=True).click()
    expect(page.get_by_text("Saved. It is published.")).to_be_visible()
    text(page)
    face = "line => { const { fontFamily, fontSize } = getComputedStyle(line); return [fontFamily, fontSize] }"
    wide = "line => Math.round(line.getBoundingClientRect().width)"
    mine = [page.locator(f"{RICH} .cm-line").first.evaluate(each) for each in (face, wide)]
    page.goto(page.locator(".permalink a").get_attribute("href"))
    assert mine == [page.locator(".prose > p").first.evaluate(each) for each in (face, wide)]


EXTENDED = """A ==marked *word*==, H~2~O, x^2^, $a_1 + b_1$ and 5$ or 6$, a ^[note with `]` and *stress*] at its end.

> [!WARNING] Ice *below* the bridge
> Take the other side.

> [!TIP]
> Run early.

> A quotation of [!NOTE].

*[km]: kilometres
"""


def test_extended_markdown_is_drawn_where_the_post_has_it(write):
    page = write()
    fill(page, EXTENDED)
    select(page, 0)
    rich = page.locator(RICH)
    box = page.locator("#id_extended_markdown")
    drawn_as = {
        "highlight": ["==marked *word*=="],
        "sub": ["~2~"],
        "sup": ["^2^"],
        "math": ["$a_1 + b_1$"],
        "inline-note": ["^[note with `]` and *stress*]"],
        "abbreviation": ["*[km]: kilometres"],
        "callout__title": ["Ice *below* the bridge", "TIP"],
        "callout--warning": ["Ice *below* the bridge", "Take the other side."],
        "callout--tip": ["TIP", "Run early."],
        "callout--note": [],
    }

    def shown(name):
        """The lines or spans of this class, as they are seen: marks of quotes left out, pieces of a span joined."""
        return page.evaluate(
            """name => [...document.querySelector(".write__rich").shadowRoot.querySelectorAll(".cm-line")].map(line => {
                const parts = line.classList.contains(name) ? [line] : [...line.querySelectorAll("." + name)];
                return parts.map((part) => part.textContent).join("").replace(/^> ?/, "");
            }).filter(Boolean)""",
            name,
        )

    for name, words in drawn_as.items():
        assert shown(name) == words, name
    # The kind and its signs are there as soon as one is in their line.
    select(page, EXTENDED.index("[!TIP]") + 3)
    assert shown("callout__title") == ["Ice *below* the bridge", "[!TIP]"]
    # Without the box it is the Markdown that readers see then, and the text stays as it is.
    page.locator("summary", has_text="Settings").first.click() if not box.is_visible() else None
    box.uncheck()
    expect(rich.locator(".highlight")).to_have_count(0)
    for name in drawn_as:
        assert shown(name) == [], name
    assert value_of(page) == EXTENDED
    box.check()
    expect(rich.locator(".highlight")).not_to_have_count(0)


def test_a_picture_stands_below_its_line_with_its_caption(write):
    page = write()
    choose_files(page, [{"name": "fog.png", "mimeType": "image/png", "buffer": drawn()}])
    page.get_by_label("Alternative text").fill("A bridge in fog")
    page.get_by_label("Caption").fill("At six")
    page.get_by_role("button", name="Done").click()
    picture = page.locator(f"{RICH} figure")
    expect(picture).to_have_text("At six")
    shown = picture.get_by_alt_text("A bridge in fog")
    expect(shown).to_have_attribute("src", re.compile(r"^/media/[0-9a-f]{32}/fog-480\.webp$"))
    expect(shown).to_have_js_property("naturalWidth", 480)
    fill(page, re.sub(r"!\[.*\)", lambda found: f"![]{found[0].partition(']')[2]}", value_of(page)))
    expect(picture).to_have_text("At six · No alternative text")


def test_a_decorative_picture_is_not_said_to_lack_a_text(write):
    page = write()
    choose_files(page, [{"name": "fog.png", "mimeType": "image/png", "buffer": drawn()}])
    picture = page.locator(f"{RICH} figure")
    expect(picture).to_have_text("No alternative text")
    decorative = page.get_by_label("Decorative")
    decorative.check()
    expect(picture).to_have_text("Decorative")
    decorative.uncheck()
    expect(picture).to_have_text("No alternative text")
    decorative.check()
    page.get_by_role("button", name="Done").click()
    page.get_by_label("Title", exact=True).fill("Fog")
    page.get_by_role("button", name="Save draft").click()
    text(page)
    # What the page has not seen itself it asks of the blog, once for all pictures.
    with page.expect_request(lambda request: "?decorative=" in request.url):
        page.reload()
    expect(picture).to_have_text("Decorative")


def test_a_task_is_ticked_by_mouse_and_by_keyboard_and_that_is_said(write):
    page = write()
    fill(page, "- [ ] shoes\n- [x] keys\n\nend")
    page.locator(f"{RICH} .cm-announced").evaluate(
        """place => {
            window.said = [];
            const note = (changes) => changes.forEach(({ addedNodes }) => addedNodes.forEach((each) => {
                if (each.textContent.trim()) window.said.push(each.textContent);
            }));
            new MutationObserver(note).observe(place, { childList: true });
        }"""
    )
    boxes = page.locator(f"{RICH} input[type=checkbox]")
    page.get_by_role("checkbox", name="shoes").click()
    expect(written(page)).to_have_value("- [x] shoes\n- [x] keys\n\nend")
    expect(boxes.first).to_be_checked()
    page.get_by_role("checkbox", name="keys").click()
    expect(written(page)).to_have_value("- [x] shoes\n- [ ] keys\n\nend")
    assert page.evaluate("window.said") == ["Done", "Not done"]
    select(page, 9)
    page.keyboard.press("Control+Enter")
    expect(written(page)).to_have_value("- [ ] shoes\n- [ ] keys\n\nend")
    for _step in range(3):
        page.keyboard.press("Control+z")
    expect(written(page)).to_have_value("- [ ] shoes\n- [x] keys\n\nend")
