"""What is pasted from a word processor or a web page becomes Markdown.

The clipboards of tests/data/clipboards/ have the HTML that the programs put there."""

import re

import pytest
from playwright.sync_api import expect

from tests.blog_process import ROOT
from tests.walks.test_writing_tools import log_in
from tests.walks.writing import EDITORS, fill, select, text, value_of, written

CLIPBOARDS = sorted((ROOT / "tests/data/clipboards").glob("*.html"))
PASTE = """(field, [html, plain, shiftKey, types]) => {
    const data = new DataTransfer();
    for (const type of types) data.setData(type, "{}");
    data.setData("text/html", html);
    data.setData("text/plain", plain);
    const travels = { bubbles: true, cancelable: true, composed: true };
    field.dispatchEvent(new KeyboardEvent("keydown", { key: "v", ctrlKey: true, shiftKey, ...travels }));
    return field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, ...travels }));
}"""


@pytest.fixture(params=EDITORS)
def write(request, running_blog, new_context):
    page = new_context(base_url=running_blog.url).new_page()
    log_in(page, running_blog)
    page.evaluate(EDITORS[request.param])
    page.goto("/desk/write/")
    return page


def paste(page, html, *, shift=False, types=()):
    """Answers whether it is left to the editor itself, or the browser, to paste it."""
    plain = re.sub(r"<[^>]+>", "", html).strip()
    return text(page).evaluate(PASTE, [html, plain, shift, list(types)])


def test_pasted_documents_become_markdown_and_undo_takes_it_back(write):
    assert len(CLIPBOARDS) >= 5
    for clipboard in CLIPBOARDS:
        fill(write, "Before. ")
        assert not paste(write, clipboard.read_text())
        expected = clipboard.with_suffix(".md").read_text().rstrip("\n")
        gap = "Before. \n\n" if expected.startswith("#") else "Before. "
        expect(written(write), clipboard.name).to_have_value(gap + expected)
        write.keyboard.press("Control+z")
        expect(written(write)).to_have_value("Before. ")


def test_shift_keeps_it_plain_and_so_do_code_and_words_without_form(write):
    bold = "<p>The <b>first</b> mile</p>"
    is_rich = text(write).evaluate("field => field.localName") == "div"  # of a made event the browser pastes nothing
    for facts in ({"shift": True}, {"types": ["vscode-editor-data"]}):
        fill(write, "")
        assert paste(write, bold, **facts) != is_rich
        assert value_of(write) == ("The first mile" if is_rich else "")
    fill(write, "```\n\n```")
    select(write, 4)
    assert paste(write, bold) != is_rich
    assert value_of(write) == ("```\nThe first mile\n```" if is_rich else "```\n\n```")
    fill(write, "")
    assert not paste(write, '<meta charset="utf-8"><p style="color: red">3 * 4 and [5]</p>')
    expect(written(write)).to_have_value("3 * 4 and [5]")


def test_what_is_pasted_stands_apart_from_the_words_around_it(write):
    fill(write, "See here.")
    select(write, 4)
    paste(write, "<p>the <b>bridge</b></p>")
    expect(written(write)).to_have_value("See the **bridge**here.")
    fill(write, "See here.")
    select(write, 4)
    paste(write, "<ul><li>one</li><li>two</li></ul>")
    expect(written(write)).to_have_value("See \n\n- one\n- two\n\nhere.")


def test_hostile_html_brings_words_alone(write):
    asked = []
    write.on("request", lambda request: asked.append(request.url))
    paste(
        write,
        '<p><b>Look</b> <img src="https://elsewhere.example/a.png" onerror="document.title = 1"> '
        '<a href="javascript:alert(1)">here</a><iframe src="https://elsewhere.example/"></iframe>'
        "<svg onload='document.title = 1'></svg></p><script>document.title = 1</script>",
    )
    expect(written(write)).to_have_value(re.compile("^\\*\\*Look\\*\\* +here$"))
    assert not [url for url in asked if "elsewhere" in url]
    assert write.title() != "1"
    assert "javascript" not in value_of(write)
