"""Punctuation, by the documented behaviour of wptexturize."""

import pytest

from transfer.wordpress.text import Context, to_html


def text(raw, language=""):
    return to_html(raw, Context(language=language)).html.removeprefix("<p>").removesuffix("</p>")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('"one"', "“one”"),
        ('He said "one".', "He said “one”."),
        ('("one") ["two"]', "(“one”) [“two”]"),
        ("'one'", "‘one’"),
        ("\"'one' two\"", "“‘one’ two”"),
        ("it's Ann's", "it’s Ann’s"),
        ("'tis 'twas rock 'em", "’tis ’twas rock ’em"),
        ("'tain't", "’tain’t"),
        ("the '90s, class of '99", "the ’90s, class of ’99"),
        ("'99'", "’99’"),
        ("'0.5'", "‘0.5’"),
        ("1950's", "1950’s"),
        ("``one''", "“one”"),
        ("6'4\" tall", "6′4″ tall"),
        ('9" wide', "9″ wide"),
        ("9' wide", "9′ wide"),
        ('"9"', "“9”"),
        ('"it is 9" wide"', "“it is 9″ wide”"),
        ("one...", "one…"),
        ("a -- b", "a — b"),
        ("a--b", "a–b"),
        ("a---b", "a—b"),
        ("a - b", "a – b"),
        ("a-b", "a-b"),
        ("xn--abc", "xn--abc"),
        ("2x4 1,000x30", "2×4 1,000×30"),
        ("0x10 ax4", "0x10 ax4"),
        ("Name (tm)", "Name ™"),
        ('"<em>one</em>"', "“<em>one</em>”"),
        ('<em>"one</em> two"', "<em>“one</em> two”"),
        ('"one<br>\ntwo"', "“one<br>\ntwo”"),
        ("&quot;one&quot;", "&quot;one&quot;"),
        ('&nbsp;"one"', "&nbsp;“one”"),
        ('<code>"x" -- y</code> "z"', '<code>"x" -- y</code> “z”'),
        ('<kbd>"</kbd> <tt>"</tt>', '<kbd>"</kbd> <code>"</code>'),
        ('<a href="x" title="&quot;x&quot; -- y">"z"</a>', '<a href="x" title="&quot;x&quot; -- y">“z”</a>'),
    ],
)
def test_punctuation_becomes_typographic(raw, shown):
    assert text(raw) == shown


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("", "“a ‘b’”, it’s"),
        ("de_DE", "„a ‚b‘“, it’s"),
        ("fr-FR", "«\u202fa “b”\u202f», it’s"),
        ("sv", "”a ’b’”, it’s"),
        ("ja", "\"a 'b'\", it's"),
    ],
)
def test_quotation_marks_follow_the_language(language, shown):
    assert text("\"a 'b'\", it's", language) == shown


def test_texturizing_can_be_off():
    assert to_html('"a" -- b', Context(texturize=False)).html == '<p>"a" -- b</p>'


def test_a_pre_is_left_alone_in_every_form():
    assert to_html('<pre>"a"</pre>').html == '<pre>"a"</pre>'
    assert to_html('[code]"a"[/code]').html == '<pre><code>"a"\n</code></pre>'
    assert to_html('<!-- wp:code --><pre class="wp-block-code"><code>"a"</code></pre><!-- /wp:code -->').html == (
        '<pre><code>"a"</code></pre>'
    )


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (":) :-( ;-) :lol:", "🙂 🙁 😉 😆"),
        ("(a:) http://x/:)", "(a:) http://x/:)"),
        ("items 7 and 8) are", "items 7 and 8) are"),
        ("<code>:)</code>", "<code>:)</code>"),
    ],
)
def test_smilies_between_white_space_become_characters(raw, shown):
    assert text(raw) == shown
