"""Where the words, the markers and the lines of a text stand that is read from right to left."""

import pytest

from blog.markup import POST, render
from tests.blog_process import ROOT

HEBREW, ARABIC, ENGLISH = "שלום עולם", "مرحبا بالعالم", "Hello"

# The gaps beside the words of an element, in pixels within the text's own box.
GAPS = """(selector) => {
    const element = document.querySelector(selector), range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect(), box = document.querySelector(".prose").getBoundingClientRect();
    return [Math.round(words.left - box.left), Math.round(box.right - words.right)];
}"""


@pytest.fixture
def shown(page):
    sheets = "".join((ROOT / f"static/css/{name}.css").read_text() for name in ("tokens", "base", "prose", "code"))

    def show(text):
        html = render(text, POST).html
        page.set_viewport_size({"width": 600, "height": 600})
        page.set_content(
            f'<style>{sheets}</style><main class="entry"><div class="prose" dir="auto">{html}</div></main>'
        )
        return page

    return show


def test_words_stand_at_the_side_from_which_they_are_read(shown):
    page = shown(
        f"{HEBREW}\n\n{ENGLISH}\n\n- {HEBREW}\n- {ENGLISH}\n\n1. {ENGLISH}\n2. {ARABIC}\n\n> {ARABIC}\n\n"
        f"| {HEBREW} | {ENGLISH} |\n|---|---|\n| {ARABIC} | 1 |\n\n```\nx = '{HEBREW}'\n```"
    )

    def side(selector):
        left, right = page.evaluate(GAPS, selector)
        return "left" if left < right else "right"

    assert side("p[dir=rtl]") == "right" and side("p[dir=ltr]") == "left"
    assert [side(f"ul > li:nth-child({at})") for at in (1, 2)] == ["right", "left"]  # a mixed list
    assert [side(f"ol > li:nth-child({at})") for at in (1, 2)] == ["left", "right"]
    assert side("pre") == "left" and side("table") == "right"
    # Beside each item its marker has room at its own side.
    assert page.evaluate(GAPS, "ul > li:nth-child(1)")[1] > 15 and page.evaluate(GAPS, "ul > li:nth-child(2)")[0] > 15
    line = page.evaluate(
        """() => { const { borderLeftWidth, borderRightWidth } = getComputedStyle(document.querySelector("blockquote"));
        return [borderLeftWidth, borderRightWidth]; }"""
    )
    assert line == ["0px", "1px"]
    first, second = (page.locator("th").nth(at).bounding_box()["x"] for at in (0, 1))
    assert first > second  # the columns run from the right
