"""Nothing that anybody writes brings more into the page than the tables of the policies say."""

import re
from xml.etree.ElementTree import Element

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.markup import COMMENT, POST, render, sanitizer
from blog.markup.sanitizer import clean
from tests.data.xss_vectors import VECTORS

PREFIX = "p1a2b3-"
OF_THE_PAGE = {"html", "head", "title", "body"}
ADDRESSES = {"href", "src", "cite", "poster"}


def parsed(html: str) -> Element:
    """The document a browser makes of it; raises on anything that HTML calls a parse error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(f"<!DOCTYPE html><title>x</title><body>{html}")


def scheme_of(address: str) -> str:
    """The scheme as the URL standard reads it: tabs and newlines anywhere, and spaces before it, do not count."""
    address = re.sub(r"[\t\n\r]", "", address).lstrip("".join(map(chr, range(0x21))))
    found = re.match(r"([a-zA-Z][a-zA-Z0-9+.\-]*):", address)
    return found[1].lower() if found else ""


def assert_harmless(html: str, policy) -> None:
    for element in parsed(html).iter():
        assert element.tag in policy.tags | OF_THE_PAGE, element.tag
        for name, value in element.attrib.items():
            assert policy.value(element.tag, name, value) == value, (element.tag, name, value)
            assert name not in ("name", "style", "target") and not name.startswith("on")
            if name in ADDRESSES:
                assert scheme_of(value) in policy.schemes | {""}, value
            if name == "id":
                assert value.startswith(PREFIX) and " " not in value


def assert_unique_ids(html: str) -> None:
    ids = [element.get("id") for element in parsed(html).iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_there_are_enough_vectors():
    assert len(set(VECTORS)) >= 200


@pytest.mark.parametrize("vector", VECTORS)
def test_a_script_in_a_post_is_no_script(vector):
    for source_format in ("markdown", "html"):
        rendered = render(vector, POST, source_format=source_format, prefix=PREFIX)
        assert_harmless(rendered.html, POST)
        assert_harmless(rendered.teaser_html, POST)
        assert_harmless(rendered.toc_html, POST)
        assert_unique_ids(rendered.html)


@pytest.mark.parametrize("vector", VECTORS)
def test_a_script_in_a_comment_is_words(vector):
    assert_harmless(render(vector, COMMENT).html, COMMENT)


@pytest.mark.parametrize("policy", [POST, COMMENT], ids=lambda policy: policy.name)
@pytest.mark.parametrize("vector", VECTORS)
def test_what_is_clean_stays_as_it_is(vector, policy):
    once = clean(vector, policy)
    assert clean(once, policy) == once


def test_a_comments_html_is_shown_and_not_obeyed():
    assert render("<b>bold</b> & <script>x</script>", COMMENT).html == (
        "<p>&lt;b&gt;bold&lt;/b&gt; &amp; &lt;script&gt;x&lt;/script&gt;</p>"
    )


def test_a_scripts_text_goes_with_it():
    rendered = render("<p>a</p><script>alert(1)</script><style>p{}</style>", POST, source_format="html")
    assert rendered.html == "<p>a</p>" and rendered.plain == "a"


@pytest.mark.parametrize(
    "address",
    [
        "https://example.com/?a=1&b=2#c",
        "http://example.com",
        "mailto:a@example.com",
        "/2026/11/",
        "other/",
        "#comments",
        "?p=1",
        "//example.com/x",
    ],
)
def test_an_honest_address_stays(address):
    html = render(f"[x]({address})", POST, prefix=PREFIX).html
    assert [link.get("href") for link in parsed(html).iter("a")] == [address]


def test_a_link_that_is_refused_leaves_its_words():
    assert render("[my *words*](javascript:alert(1))", POST).html == "<p>my <em>words</em></p>"


def test_a_link_in_a_comment_says_whose_it_is():
    html = render("[x](https://example.com) https://example.org", COMMENT).html
    assert html.count('rel="nofollow ugc noopener"') == 2


def test_an_author_may_say_how_a_link_is_meant():
    html = render('<a href="/x" rel="ME evil sponsored">x</a>', POST, source_format="html").html
    assert html == '<a href="/x" rel="me sponsored">x</a>'


@pytest.mark.parametrize("policy", [POST, COMMENT], ids=lambda policy: policy.name)
@pytest.mark.parametrize(
    "text",
    [
        "a\x00b\x08c\x1bd",
        "&#0;&#1;&#x1f;&#x7f;&#x80;&#xfffe;&#xfdd0;&#xd800;",
        "\ud800 \udfff",
        "\ufffe\uffff\U0001fffe",
        "a\x0cb\x0b",
    ],
)
def test_what_no_page_may_hold_is_taken_out(text, policy):
    html = render(text, policy).html
    parsed(html)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]", html)


def test_a_comment_cannot_turn_the_direction_of_the_page():
    html = render("a\u202eb\u2066c &#x202e;d", COMMENT).html
    assert not set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") & set(html)


def test_the_words_of_the_parser_are_not_the_writers():
    """Python-Markdown keeps a place for stashed HTML with control characters; typed ones must not reach into it."""
    html = render("\x02wzxhzdk:0\x03 <b>x</b>\n\n<div>secret</div>", POST).html
    assert html.count("secret") == 1


_PIECES = """< > </ /> = " ' ` & ; # : ! [ ] ( ) * _ ~ - + | \\ { } <!-- --> <![CDATA[ ]]> <? 1. - [x] [^1]
    [^1]: ``` ~~~
    <p> </p> <b> </b> <i> <a href= <a href="x"> </a> <table> <tr> <td> </table> <li> <ul> </ul> <ol> <math> <mtext>
    <mglyph> <svg> <style> </style> <script> </script> <noscript> </noscript> <template> <select> <option> <textarea>
    <title> <xmp> <plaintext> <pre> </pre> <code> <h1> </h1> <h2> <img src=x <img src=x onerror=alert(1)> onclick=
    id=a name=b class="toc" class=evil style= javascript: data: http://a.b/ mailto:a@b.c &#9; &Tab; &colon; &amp;
    &lt; &#1; &#0; &#xfffe; {: .a #b } [TOC] <!--more--> <form> <button> <nobr> <details> <summary> <dl> <dt> <dd>
    <figure> <figcaption> <blockquote> <hr> <br> <video src=x> <audio> <source> <iframe> <object> <caption> <col>
    <ruby> <rt> <rp> <q cite= <del cite=javascript:x> align=right <th align=center> <div> </div> <span id=x>
    <annotation-xml> <foreignObject> <desc> <frameset> <body> <html> <head> <base href=x> <meta> <link>
    a x1 é 漢 \x01 \u202e \ud800 \U0001f600""".split()
_SPACES = [" ", "\n", "\n\n", "    ", "\t", "\x00", "\x0c"]
_TEXTS = st.lists(st.sampled_from(_PIECES) | st.sampled_from(_SPACES), max_size=40).map("".join) | st.text(max_size=60)


@settings(max_examples=100, deadline=None)
@given(_TEXTS)
@example("<p><button><p>x</p></button></p>")
@example("<ruby><ul><rt>")
@example("<li>a<dd>b<figcaption>c<summary>d<source src=x><p>")
def test_any_text_becomes_valid_and_harmless_html(text):
    assert_rendered_harmless(text)


@pytest.mark.long
@settings(max_examples=1000, deadline=None)
@given(_TEXTS)
def test_any_of_many_texts_becomes_valid_and_harmless_html(text):
    assert_rendered_harmless(text)


def assert_rendered_harmless(text):
    for policy, source_format in ((POST, "markdown"), (POST, "html"), (COMMENT, "markdown")):
        rendered = render(text, policy, source_format=source_format, prefix=PREFIX)
        for html in (rendered.html, rendered.teaser_html, rendered.toc_html):
            assert_harmless(html, policy)
        assert_unique_ids(rendered.html)


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
def test_cleaning_twice_is_cleaning_once(text):
    for policy in (POST, COMMENT):
        once = clean(text, policy)
        assert clean(once, policy) == once


@settings(max_examples=300, deadline=None)
@given(_TEXTS)
@example('<b><a href="https://a.b/?c=1&d"><i>x</b>y<p>z<img src="http://a.b/c.png" alt="1 > 0" onclick=x>')
@example("<p><button><p>x</p></button></p>")
def test_plain_html_is_the_same_whether_bleach_sees_it_or_not(text):
    for policy in (POST, COMMENT):
        quick = clean(text, policy)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sanitizer, "PLAIN", re.compile("(?!)"))
            assert quick == clean(text, policy)


def test_bleach_is_spared_plain_html_and_nothing_else(monkeypatch):
    seen = []
    monkeypatch.setattr(sanitizer, "_bleached_once", lambda html, policy: seen.append(html) or html)
    clean('<h2>A</h2><p>b <a href="https://c.example/?d&amp;e">f</a><img src="http://g.example/h" alt="i"></p>', POST)
    assert not seen
    strange = [
        '<a href="tel:1">x</a>',
        '<a href="https://a.example/`">x</a>',
        "<table><tr><td>x</td></tr></table>",
        "<pre>\n\nx</pre>",
        '<b title="&quot;x">y</b>',
    ]
    for html in strange:
        clean(html, POST)
    assert len(seen) == len(strange)


@settings(max_examples=200, deadline=None)
@given(_TEXTS)
@example("<<pre>\n>")
def test_a_finished_page_is_as_clean_as_it_can_be(text):
    """What we add after cleaning is in the tables too: cleaning the result once more changes nothing."""
    html = render(text, POST, prefix=PREFIX).html
    assert clean(html, POST).strip() == html
