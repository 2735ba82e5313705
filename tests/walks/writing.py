"""The text of the write page, in whichever of its two editors is there."""

import pytest
from playwright.sync_api import expect

# {name: what a browser remembers in which it was chosen}
EDITORS = {
    "rich": "localStorage.removeItem('longrun.plain-text')",
    "plain": "localStorage.setItem('longrun.plain-text', 'yes')",
}
IN_BOTH = ["rich", pytest.param("plain", marks=pytest.mark.long)]

# The page's own module: what a test tells it happens in the editor that is there.
MODULE = """async () => {
    const loaded = performance.getEntriesByType("resource").map((entry) => entry.name);
    return await import(loaded.find((name) => /desk\\/editor\\.[^/]*js$/.test(name)));
}"""
HAS_SCRIPTS = "() => !document.querySelector('markdown-toolbar')?.hidden"
IS_PLAIN = "() => localStorage.getItem('longrun.plain-text') === 'yes'"


def written(page):
    """The field that the form sends: what is written, whichever editor shows it."""
    return page.locator("#id_source")


def value_of(page):
    """What is written. The field gets it when the keys rest, so it is told to take it now."""
    if page.evaluate(HAS_SCRIPTS):
        page.evaluate(f"async () => (await ({MODULE})()).settle()")
    return written(page).input_value()


def text(page):
    """Where one types. With scripts, that is the chosen editor, once it is there."""
    if page.evaluate(HAS_SCRIPTS) and not page.evaluate(IS_PLAIN):
        expect(page.locator(".write__rich")).to_be_visible()
        return page.locator(".write__rich [role=textbox]")
    return written(page)


def fill(page, words):
    """These words in place of what was there."""
    if text(page).evaluate("field => field.localName") == "textarea":
        text(page).fill(words)
    else:
        page.evaluate(
            f"async (words) => {{ const text = await ({MODULE})(); text.replace(0, text.text().length, words) }}", words
        )


def select(page, start, end=None):
    text(page).focus()
    place = [start, start if end is None else end]
    page.evaluate(f"async ([start, end]) => (await ({MODULE})()).select(start, end)", place)


def is_writing(page):
    """Whether the text has the focus."""
    return page.evaluate("() => Boolean(document.activeElement.closest('.write__editor'))")


def choose_files(page, files):
    """New files, picked with the picture tool."""
    page.get_by_role("button", name="Pictures", exact=True).click()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Upload new files…").click()
    chooser.value.set_files(files)
