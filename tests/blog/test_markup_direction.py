"""Blocks of a text that are read from right to left say so; a text of Latin letters is as it was."""

import pytest

from blog.markup import COMMENT, POST, render

SHALOM, MARHABA = "שלום עולם", "مرحبا بالعالم"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (SHALOM, f'<p dir="rtl">{SHALOM}</p>'),
        (f"{MARHABA}!", f'<p dir="rtl">{MARHABA}!</p>'),
        (f"(1) {SHALOM} in 2026", f'<p dir="rtl">(1) {SHALOM} in 2026</p>'),
        ("Hello, world.", "<p>Hello, world.</p>"),
        (f"Hello: {SHALOM}", f'<p dir="ltr">Hello: {SHALOM}</p>'),
        (f"{SHALOM}\n\nHello\n\n2026", f'<p dir="rtl">{SHALOM}</p>\n<p dir="ltr">Hello</p>\n<p>2026</p>'),
        (f"`git push` {SHALOM}", f'<p dir="rtl"><code>git push</code> {SHALOM}</p>'),
        (f"*{SHALOM}* hello", f'<p dir="rtl"><em>{SHALOM}</em> hello</p>'),
        (f"[{SHALOM}](https://example.org/)", f'<p dir="rtl"><a href="https://example.org/">{SHALOM}</a></p>'),
    ],
)
def test_the_first_word_of_a_block_decides(text, html):
    assert render(text, POST).html == html


def test_a_mixed_list_has_each_item_in_its_own_direction():
    html = render(f"- {SHALOM}\n- Hello\n- 2026", POST).html
    assert '<ul dir="rtl">' in html and f'<li dir="rtl">{SHALOM}</li>' in html
    assert '<li dir="ltr">Hello</li>' in html and "<li>2026</li>" in html
    assert '<ol dir="ltr">' in render(f"1. Hello\n2. {MARHABA}", POST).html


def test_quotes_headings_tables_and_details_follow_their_own_words():
    text = f"""## {SHALOM}

> {MARHABA}
>
> Hello

| {SHALOM} | Hello |
|---|---|
| {SHALOM} | 1 |

<details><summary>{SHALOM}</summary>

Hello

</details>

    {SHALOM}
"""
    html = render(text, POST).html
    for tag in ("h2", "blockquote", "table", "details", "summary"):
        assert f'<{tag} dir="rtl"' in html, tag
    assert '<th dir="rtl">' in html and '<th dir="ltr">' in html
    assert '<pre dir="ltr">' in html  # code is code


def test_the_language_of_a_post_decides_for_texts_without_such_letters():
    assert render("Hello", POST, language="he").html == '<p dir="ltr">Hello</p>'
    assert render("Hello", POST, language="de").html == "<p>Hello</p>"


def test_what_an_author_says_of_the_direction_stands():
    assert render(f'<p dir="auto">{SHALOM}</p>', POST, source_format="html").html == f'<p dir="auto">{SHALOM}</p>'
    html = render(f'<div><p dir="ltr">{SHALOM}</p><p>{SHALOM}</p></div>', POST, source_format="html").html
    assert html == f'<div dir="rtl"><p dir="ltr">{SHALOM}</p><p dir="rtl">{SHALOM}</p></div>'


@pytest.mark.parametrize("text", [SHALOM, f"{SHALOM}\n\n> Hello\n\n- {MARHABA}", f"> {SHALOM}", f"{SHALOM}: 3 * 4"])
def test_comments_have_it_too(text):
    html = render(text, COMMENT).html
    assert '<p dir="rtl">' in html
    assert ('<p dir="ltr">Hello' in html) == ("Hello" in text)


def test_contents_and_teasers_have_it_too():
    rendered = render(f"{SHALOM}\n\n<!--more-->\n\n## {SHALOM}\n\n## Hello", POST)
    assert f'<p dir="rtl">{SHALOM}</p>' in rendered.teaser_html
    assert '<li dir="rtl">' in rendered.toc_html and '<li dir="ltr">' in rendered.toc_html
