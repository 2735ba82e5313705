"""Paragraphs and line breaks of classic texts, by the documented behaviour of wpautop."""

import pytest

from transfer.wordpress.text import Context, to_html

PLAIN = Context(texturize=False)


def flat(raw):
    return to_html(raw, PLAIN).html.replace("\n", "")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("", ""),
        (" \n\n \n", ""),
        ("one", "<p>one</p>"),
        ("one\n\ntwo", "<p>one</p><p>two</p>"),
        ("one\r\n\r\ntwo", "<p>one</p><p>two</p>"),
        ("one\rtwo", "<p>one<br>two</p>"),
        ("one\n \t\ntwo", "<p>one</p><p>two</p>"),
        ("one\n\n\n\ntwo", "<p>one</p><p>two</p>"),
        ("one  \ntwo", "<p>one<br>two</p>"),
        ("one<br>\ntwo", "<p>one<br>two</p>"),
        ("one<br />two", "<p>one<br>two</p>"),
        ("one<br /><br />two", "<p>one</p><p>two</p>"),
        ("one<br/>\n<br/>two", "<p>one</p><p>two</p>"),
        ("<em>one</em>\ntwo", "<p><em>one</em><br>two</p>"),
        ("<em>one\n\ntwo</em> three", "<p><em>one</em></p><p><em>two</em> three</p>"),
        ("<p>one\n\ntwo</p>", "<p>one</p><p>two</p>"),
        ("<p>one\ntwo</p>", "<p>one<br>two</p>"),
        ("<p>one</p>\n\n<p>two</p>", "<p>one</p><p>two</p>"),
        ("<p></p>one", "<p>one</p>"),
        ("<h2>Head</h2>\ntext", "<h2>Head</h2><p>text</p>"),
        ("text\n<h2>Head</h2>", "<p>text</p><h2>Head</h2>"),
        ("<div>one</div>", "<div>one</div>"),
        ("<div>one\n\ntwo</div>", "<div>one<p>two</p></div>"),
        ("<div>\n\none\n\n</div>", "<div><p>one</p></div>"),
        ("<blockquote>one</blockquote>", "<blockquote><p>one</p></blockquote>"),
        ("<blockquote>one\n\ntwo</blockquote>", "<blockquote><p>one</p><p>two</p></blockquote>"),
        ("<ul>\n<li>one</li>\n<li>two</li>\n</ul>", "<ul><li>one</li><li>two</li></ul>"),
        ("<ul>\n<li>one\n\ntwo</li>\n</ul>", "<ul><li>one<p>two</p></li></ul>"),
        ("<ol>\n<li>a\n<ol>\n<li>b</li>\n</ol>\n</li>\n</ol>", "<ol><li>a<ol><li>b</li></ol></li></ol>"),
        ("<table>\n<tr>\n<td>a</td>\n</tr>\n</table>", "<table><tr><td>a</td></tr></table>"),
        ("one\n<hr />\ntwo", "<p>one</p><hr><p>two</p>"),
        ("<figure>\n<img src='a.png'>\n<figcaption>x</figcaption>\n</figure>",
         '<figure><img src="a.png" alt=""><figcaption>x</figcaption></figure>'),
        ("a < b > c", "<p>a &lt; b &gt; c</p>"),
        ("one &amp; two & three &eacute;", "<p>one &amp; two &amp; three &eacute;</p>"),
        ("<a href='x'\ntitle='y'>z</a>", '<p><a href="x" title="y">z</a></p>'),
    ],
)  # fmt: skip
def test_a_classic_text_gets_paragraphs_and_line_breaks(raw, shown):
    assert flat(raw) == shown


@pytest.mark.parametrize("name", ["pre", "script", "style", "svg"])
def test_no_paragraphs_begin_in_what_is_no_text(name):
    shown = to_html(f"a\n\n<{name}>x\n\ny</{name}>\n\nb", PLAIN).html
    assert shown.count("<p>") == 2
    assert shown.startswith("<p>a</p>")
    assert shown.endswith("<p>b</p>")


def test_white_space_in_pre_stays():
    assert to_html("a\n<pre>  x\n\n\ty\n</pre>", PLAIN).html == "<p>a</p>\n<pre>  x\n\n\ty\n</pre>"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("one\n\n<!--more-->\n\ntwo", "<p>one</p><!--more--><p>two</p>"),
        ("one\n<!--more-->\n\ntwo", "<p>one</p><!--more--><p>two</p>"),
        ("one<!--more Read on-->two", "<p>one<!--more Read on-->two</p>"),
        ("one<!--more--><!--noteaser-->\n\ntwo", "<p>one</p><!--more--><p>two</p>"),
        ("one\n\n<!--nextpage-->\n\ntwo", "<p>one</p><p>two</p>"),
        ("one<!--nextpage-->two", "<p>one</p><p>two</p>"),
        ("one<!-- note -->two", "<p>onetwo</p>"),
        ("one <!-- two", "<p>one &lt;!-- two</p>"),
    ],
)
def test_comments_are_marks_or_nothing(raw, shown):
    assert flat(raw) == shown


def test_unclosed_formatting_does_not_multiply_the_text():
    raw = "<b>" * 12 + "</p><p>x" * 50_000
    assert len(to_html(raw, PLAIN).html) < 4 * len(raw)
