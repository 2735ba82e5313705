"""Where Python-Markdown lost a sign or a word that CommonMark, and people, keep."""

import pytest

from blog.markup import COMMENT, POST, render


def html(text, policy=POST):
    return render(text, policy, prefix="p-").html


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("## C#", '<h2 id="p-c">C#</h2>'),
        ("## C# and F# ##", '<h2 id="p-c-and-f">C# and F#</h2>'),
        ("## C# {#sharp .wp-x}", '<h2 class="wp-x" id="p-sharp">C#</h2>'),
        (r"## A \#", '<h2 id="p-a">A #</h2>'),
        ("## A ##", '<h2 id="p-a">A</h2>'),
        ("##\tA\t##  ", '<h2 id="p-a">A</h2>'),
        ("text\n## A\ntext", '<p>text</p>\n<h2 id="p-a">A</h2>\n<p>text</p>'),
        ("#running #marathon", "<p>#running #marathon</p>"),
        ("####### seven", "<p>####### seven</p>"),
        ("- # A\n- b", '<ul>\n<li>\n<h2 id="p-a">A</h2>\n</li>\n<li>b</li>\n</ul>'),
        ("## Sets {a, b, c}", '<h2 id="p-sets-a-b-c">Sets {a, b, c}</h2>'),
        ("Type\n{name}", "<p>Type\n{name}</p>"),
        ("*f*{n} and `g`{.5}", "<p><em>f</em>{n} and <code>g</code>{.5}</p>"),
        ("*f*{lang=de} and `g`{.wp-x}", '<p><em lang="de">f</em> and <code class="wp-x">g</code></p>'),
        ("Text.\n{: .wp-x}", '<p class="wp-x">Text.</p>'),
        ("a\\\nb", "<p>a<br>\nb</p>"),
        ("a\\\n\nb", "<p>a\\</p>\n<p>b</p>"),
        ("`a\\`\\\nb", "<p><code>a\\</code><br>\nb</p>"),
    ],
)  # fmt: skip
def test_an_author_reads_what_they_wrote(text, wanted):
    assert html(text) == wanted


@pytest.mark.parametrize("policy", [POST, COMMENT])
@pytest.mark.parametrize(
    ("before", "address", "after"),
    [
        ("", "https://en.wikipedia.org/wiki/Run_(disambiguation)", ""),
        ("see (", "https://en.wikipedia.org/wiki/Run_(a)", ") there"),
        ("(see ", "https://en.wikipedia.org/wiki/Run", ")"),
        ("", "https://example.org/a(b(c))", ")"),
        ("", "https://example.org/a(b)c", "."),
        ("", "https://example.org/(a", " )"),
    ],
)
def test_an_address_keeps_the_brackets_that_it_opened(policy, before, address, after):
    shown = html(before + address + after, policy)
    assert f'href="{address}"' in shown and f">{address}</a>{after}</p>" in shown


def test_a_reader_breaks_a_line_with_a_backslash_once():
    assert html("a\\\nb", COMMENT) == "<p>a<br>\nb</p>"


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |"


def test_a_table_may_stand_right_below_a_line():
    shown = html(f"Before:\n{TABLE}\n\nAfter.")
    assert shown.startswith("<p>Before:</p>\n<table>") and shown.endswith("</table>\n<p>After.</p>")
    assert shown.count("<tr>") == 2


@pytest.mark.parametrize(
    "text", [f"```\nBefore:\n{TABLE}\n```", "a | b\nc\n--|--", f"    Before:\n    {TABLE}", "a\nb | c\n-|-x", "a\n|\n|"]
)
def test_what_is_no_table_stays_what_it_was(text):
    assert "<table>" not in html(text)


@pytest.mark.parametrize("text", ["Intro\n\n## Title <!--more-->\n\n## Two", "Title <!--more-->\n=====\n\n## Two"])
def test_the_word_of_the_cut_is_shown_nowhere_in_a_heading(text):
    rendered = render(text, POST, prefix="p-")
    assert 'id="p-title"' in rendered.html and '<span id="p-more"></span>' in rendered.html
    assert '<a href="#p-title">Title</a>' in rendered.toc_html and "Two" not in rendered.teaser_html


def test_a_cut_in_what_a_picture_is_called_cuts_nothing():
    rendered = render("![A <!--more--> bridge](/a.png)\n\nText", POST, prefix="p-")
    assert 'alt="A  bridge"' in rendered.html and rendered.teaser_html == rendered.more_id == ""
