"""A reader's Markdown: enough for an answer, and nothing else."""

import re
import time
from concurrent.futures import ThreadPoolExecutor
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.markup import COMMENT, pipeline, render
from blog.markup.limits import Clock
from tests.pace import allowed


def html(text):
    return render(text, COMMENT).html


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Hello", "<p>Hello</p>"),
        ("one\ntwo\n\nthree", "<p>one<br>\ntwo</p>\n<p>three</p>"),
        ("*a* _b_ **c**", "<p><em>a</em> <em>b</em> <strong>c</strong></p>"),
        ("__d__ ***e***", "<p><strong>d</strong> <em><strong>e</strong></em></p>"),
        ("snake_case_name and 2 * 3 * 4", "<p>snake_case_name and 2 * 3 * 4</p>"),
        ("`a < b`", "<p><code>a &lt; b</code></p>"),
        ("```py\na < b\n```", '<pre><code class="language-py">a &lt; b</code></pre>'),
        ("> said\n> so\n\nYes", "<blockquote>\n<p>said<br>\nso</p>\n</blockquote>\n<p>Yes</p>"),
        ("see:\n- a\n- b", "<p>see:</p>\n<ul>\n<li>a</li>\n<li>b</li>\n</ul>"),
        ("1) a\n2) b", "<ol>\n<li>a</li>\n<li>b</li>\n</ol>"),
        ("\\*not emphasis\\*", "<p>*not emphasis*</p>"),
        ("AT&T &copy; &lt;", "<p>AT&amp;T © &lt;</p>"),
        ("a < b > c & d", "<p>a &lt; b &gt; c &amp; d</p>"),
        ('"quotes" -- stay...', '<p>"quotes" -- stay...</p>'),
        ("~~no~~", "<p>~~no~~</p>"),
        ("# no heading", "<p># no heading</p>"),
        ("no heading\n===", "<p>no heading<br>\n===</p>"),
        ("no\n\n---\n\nrule", "<p>no</p>\n<p>---</p>\n<p>rule</p>"),
        ("| a |\n|---|\n| b |", "<p>| a |<br>\n|---|<br>\n| b |</p>"),
        ("a[^1]\n\n[^1]: b", "<p>a[^1]</p>\n<p>[^1]: b</p>"),
        ("[a][1]\n\n[1]: https://example.com/x", None),
        ("[TOC]", "<p>[TOC]</p>"),
        ("a {: .toc #x }", "<p>a {: .toc #x }</p>"),
        ("[ ] to do", "<p>[ ] to do</p>"),
        ("<b>bold</b>", "<p>&lt;b&gt;bold&lt;/b&gt;</p>"),
        ("<div>\n\n*a*\n\n</div>", "<p>&lt;div&gt;</p>\n<p><em>a</em></p>\n<p>&lt;/div&gt;</p>"),
        ("<!-- hidden -->", "<p>&lt;!-- hidden --&gt;</p>"),
        ("ann@example.com <ann@example.com>", "<p>ann@example.com &lt;ann@example.com&gt;</p>"),
        ("[m](mailto:ann@example.com)", '<p><a href="mailto:ann@example.com" rel="nofollow ugc noopener">m</a></p>'),
        ("[x](https://example.com 'title')", '<p><a href="https://example.com" rel="nofollow ugc noopener">x</a></p>'),
        ("ftp://example.com/x", "<p>ftp://example.com/x</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_comment_becomes_html(text, wanted):
    if wanted is not None:
        assert html(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "¯\\_(ツ)_/¯",
        "It is in C:\\Users\\_me\\_notes_, not in C:\\*.txt",
        "\\\\server\\_share\\*.doc",
        "users\\_me and \\o/ and \\(a\\)",
        "2*3*4 is 24",
        "a*b*c and x**2**3",
        "f(x)*g(x)*h",
        'f[0]("x") and f[0](x)',
        "a[i](j, k)",
        "[x](see below)",
        "<your name here> and Vec<String>",
        "snake_case_name",
        "what?q=*a",
        "```all of it",
    ],
)
def test_signs_that_mean_nothing_are_kept(text):
    assert render(text, COMMENT).plain == text and "<" not in html(text).replace("<p>", "").replace("</p>", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"¯\\_(ツ)_/¯", r"¯\_(ツ)_/¯"),
        (r"¯\\\_(ツ)_/¯", r"¯\_(ツ)_/¯"),
        (r"\*a\* \_b\_ \`c\` \[d\](e)", "*a* _b_ `c` [d](e)"),
        (r"1986\. A good year", "1986. A good year"),
    ],
)
def test_a_backslash_still_takes_the_meaning_of_a_sign(text, wanted):
    assert html(text) == f"<p>{wanted}</p>"


@pytest.mark.parametrize(
    "address",
    ["https://web.archive.org/web/*/x", "https://x.example/?q=*a*", "https://x.example/_a_/*b*_c", "www.x.example/*a*"],
)
def test_an_address_with_stars_is_one_link(address):
    rendered = render(f"see {address} and *this*", COMMENT)
    assert len(rendered.links) == 1 and f">{address}</a> and <em>this</em>" in rendered.html


@pytest.mark.parametrize("address", ["http://x.example", "mailto:ann@example.com", "/about/"])
def test_a_link_without_words_shows_its_address(address):
    assert f">{address}</a>" in html(f"[]({address})") and f">{address}</a>" in html(f"a [ ]({address}) b")


def test_an_address_is_a_link_without_weight():
    assert html("see https://example.com/a_b_c.") == (
        '<p>see <a href="https://example.com/a_b_c" rel="nofollow ugc noopener">https://example.com/a_b_c</a>.</p>'
    )


def test_a_picture_is_no_picture():
    assert "<img" not in html("![x](https://example.com/a.png) ![y][z]\n\n[z]: https://example.com/b.png")


def test_a_reference_is_no_link():
    shown = html("[text][1]\n\n[1]: https://example.com/x")
    assert "[text][1]" in shown and ">text<" not in shown


def test_a_comment_gives_nothing_a_name():
    shown = html("# a {#comments}\n\n*b*{: #respond }\n\n<p id=x name=y>")
    assert not re.search(r"<[a-z][^>]* (id|name|class)=", shown)


def test_a_comment_lists_its_links_for_the_moderator():
    rendered = render(
        "[a](https://one.example) https://two.example [b](https://one.example) [c](javascript:x)", COMMENT
    )
    assert rendered.links == ("https://one.example", "https://two.example")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[" * 61, "brackets"),
        ("[a " * 61, "brackets"),
        ("[" * 21, "brackets"),
        ("> " * 9 + "a", "quotes"),
        ("1. " * 9 + "a", "markers"),
        ("- " * 9 + "a", "markers"),
        ("```\n" * 41, "fences"),
        ("a" * 10_001, "characters"),
        (" " * 61 + "a", "indent"),
    ],
)
def test_what_is_no_text_any_more_is_shown_as_it_was_typed(text, reason):
    rendered = render(f"*Hi*\n<b>\n\n{text}", COMMENT)
    assert rendered.truncated_reason == reason
    assert rendered.html.startswith("<p>*Hi*<br>\n&lt;b&gt;</p>\n<p>")
    assert rendered.plain.startswith("*Hi*\n<b>\n")


@pytest.mark.parametrize("text", ["[" * 20, "[a] " * 60, "> " * 8 + "a", "- " * 8 + "a", "a" * 10_000, "```\n" * 40])
def test_what_is_just_within_the_caps_is_read(text):
    assert render(text, COMMENT).truncated_reason == ""


def test_the_text_is_never_lost():
    text = "word " * 3000
    rendered = render(text, COMMENT)
    assert rendered.truncated_reason == "characters"
    assert rendered.words == 3000 and rendered.html.count("word") == 3000


NEARLY_WORDS = st.lists(
    st.sampled_from(
        [*"abwft É漢09 \n.,;:!?'’“«¡()…–%-", "\n\n", "www.", "http:", "1. ", "- ", "..", "e.g. ", "6:42", "x.de"]
    )
).map("".join)


@settings(deadline=None, max_examples=300)
@given(NEARLY_WORDS)
@example("One.\nTwo: (three)\n\n“Four” – don’t!")
@example("www.1st")
@example("a" + 9 * ".")
def test_what_is_only_words_becomes_what_the_whole_machine_makes_of_it(text):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "Clock", lambda _seconds: Clock(60))  # a machine that is busy makes no difference
        short = render(text, COMMENT)
        patch.setattr(pipeline, "_ONLY_WORDS", re.compile(r"(?!)"))
        assert render(text, COMMENT) == short


@pytest.mark.parametrize(
    "text", ["Thank you, I think.\n\nIt’s “good”: 3.5 km at 6:42 (not bad)!", "«Voilà»\n¿Y tú? 漢字"]
)
def test_an_ordinary_answer_is_only_words(text):
    assert pipeline._ONLY_WORDS.fullmatch(text)


@pytest.mark.parametrize("piece", ["a", "a ", "a\n", ".", "a.", "1:1", "a-a", "(", "«"])
def test_whether_it_is_only_words_is_soon_said(piece):
    began = time.thread_time()
    assert not pipeline._ONLY_WORDS.fullmatch(piece * (60_000 // len(piece)) + "*")
    assert time.thread_time() - began < allowed(1)


def test_a_parser_that_has_read_other_answers_reads_the_next_as_a_new_one():
    texts = [
        "3. three\n4. four",
        "1. one\n\n    ```\n    code\n    ```",
        "- a\n- b",
        "> `x",
        "[" * 500,
        "***",
        "https://a.example *b*",
    ]
    with ThreadPoolExecutor(1) as used:
        again = [used.submit(html, text).result() for text in (*texts, *reversed(texts), *texts)]
    fresh = []
    for text in (*texts, *reversed(texts), *texts):
        with ThreadPoolExecutor(1) as new:
            fresh.append(new.submit(html, text).result())
    assert again == fresh


@pytest.mark.parametrize("face", ["^_^", "-_-", ">_<", "=_=", "^*^", "<_<", "*_*", "_*_", "*.*", "(*_*)", "_._"])
def test_faces_keep_their_signs(face):
    assert html(f"Well {face} and again {face} so") == f"<p>Well {escape(face)} and again {escape(face)} so</p>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("*_a_*", "<p><em><em>a</em></em></p>"),
        ("*?* and *a*?*", "<p>*?* and <em>a</em>?*</p>"),
        ("**?** a", "<p><strong>?</strong> a</p>"),
        ("a*.*b", "<p>a*.*b</p>"),
    ],
)
def test_marks_around_words_still_mark_them(text, wanted):
    assert html(text) == wanted
