"""Blocks are what CommonMark, GitHub and PHP Markdown Extra say, and no word of them is lost."""

import re
from time import thread_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blog.markup import COMMENT, POST, render
from blog.markup.blocks import Dialect
from blog.markup.blocks.structure import CELLS, DEEPEST, Structure
from tests.markup import squeeze
from tests.pace import allowed


def shape(html: str) -> str:
    """The HTML without the spaces between tags, which mean nothing here, and without the colours of code."""
    coloured = r'<div class="highlight"><pre>(?:<span></span>)?<code>(.*?)</code></pre></div>'
    html = re.sub(coloured, r"<pre>\1</pre>", html, flags=re.DOTALL)
    return re.sub(r">\n+<", "><", html).strip()


def post(text: str) -> str:
    return shape(render(text, POST, prefix="p-", smart=False).html)


def comment(text: str) -> str:
    return render(text, COMMENT).html


BOLD = "\n\n**x**\n\n- a\n\n"
READ = "<p><strong>x</strong></p><ul><li>a</li></ul>"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"<details>\n<summary>More</summary>{BOLD}</details>", f"<details><summary>More</summary>{READ}</details>"),
        (f"<div>{BOLD}</div>", f"<div>{READ}</div>"),
        (f"<figure>{BOLD}</figure>", f"<figure>{READ}</figure>"),
        (f"<section>{BOLD}</section>", READ),
        (f"<center>{BOLD}</center>", READ),
        ("<p>\n\n**x**\n\n</p>", "<p><strong>x</strong></p>"),
        (f"<table>\n<tr>\n<td>{BOLD}</td>\n</tr>\n</table>", f"<table><tbody><tr><td>{READ}</td></tr></tbody></table>"),
        (f"<blockquote>{BOLD}</blockquote>", f"<blockquote>{READ}</blockquote>"),
        ("<div>\n**x**\n</div>\n\n**y**", "<div>\n**x**\n</div><p><strong>y</strong></p>"),
        ("- a\n\n  <div>\n\n  *x*\n\n  </div>", "<ul><li><p>a</p><div><p><em>x</em></p></div></li></ul>"),
        ("> <div>\n>\n> *x*\n>\n> </div>", "<blockquote><div><p><em>x</em></p></div></blockquote>"),
        ("<b>x</b> *y*", "<p><b>x</b> <em>y</em></p>"),
        ('<span lang="de">\n*x*\n</span>', '<span lang="de">\n*x*\n</span>'),
    ],
)
def test_markdown_within_html_is_read_behind_an_empty_line(text, wanted):
    assert post(text) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "<blockquote>\nTo be.\n- Hamlet\n</blockquote>",
        "<blockquote>\n1) One\n2) Two\n</blockquote>",
        "<div>\na  b\n# c\n* d\n| e |\n|---|\n</div>",
        "<pre>\n- a\n\n  *b*\n\n1) c\n</pre>",
        "<div>\n\ttab\n    four\n</div>",
    ],
)
def test_text_in_raw_html_is_not_altered(text):
    assert render(text, POST).html == text.replace("<pre>\n", "<pre>")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<div>Use Vec<String> here</div>", "<div>Use Vec&lt;String&gt; here</div>"),
        ("<div>\n<your name here>\n</div>", "<div>\n&lt;your name here&gt;\n</div>"),
        ("<pre>\na <foo.bar> b\n</pre>", "<pre>a &lt;foo.bar&gt; b\n</pre>"),
        ("<div>a <title> b</div>", "<div>a &lt;title&gt; b</div>"),
        ("<div>a <title> b</div>\n\n```\n</title>\n```", "<div>a &lt;title&gt; b</div><pre>&lt;/title&gt;\n</pre>"),
        ("<svg>\n<path>\n\n<path>\n</svg>\n\nafter", "<p>after</p>"),
        ("<!-- <title> -->\nafter", "<p>after</p>"),
        ("<!-- a\n\n- b -->\nafter", "<p>after</p>"),
    ],
)  # fmt: skip
def test_what_is_no_html_in_raw_html_is_shown(text, wanted):
    assert post(text) == wanted


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("<svg>\n</svg>\n\na", [(1, "<svg>")]),
        ("a\n\n<div>\n<script>x</script>\n<style></style></div>", [(4, "<script>"), (5, "<style>")]),
        ("<script>\n\nx\n</script>", [(1, "<script>")]),
        ("<div>\nb\n</div>", []),
    ],
)
def test_what_is_dropped_is_told(text, told):
    notices = render(text, POST).notices
    assert [(notice.line, notice.what) for notice in notices if notice.kind == "dropped"] == told


@pytest.mark.parametrize("policy", [POST, COMMENT], ids=lambda policy: policy.name)
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\nall:\n\tmake\n```", "all:\n\tmake"),
        ("a\n\n    \tmake\t-j", "\tmake\t-j"),
        ("a\n\n\tmake\t-j", "make\t-j"),
        ("- a\n\n  ```\n  \tb\n  ```", "\tb"),
        ("> ```\n> \tb\n> ```", "\tb"),
        ("~~~\n\n\ta\n\n~~~", "\n\ta\n"),
    ],
)
def test_tabs_in_code_are_tabs(text, code, policy):
    assert f">{code}" in render(text, policy).html.replace("<span></span>", "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (" # Title", '<h2 id="p-title">Title</h2>'),
        ("   ## Title ##", '<h2 id="p-title">Title</h2>'),
        ("    # Title", "<pre># Title\n</pre>"),
        ("Two\nlines\n---", '<h2 id="p-two-lines">Two\nlines</h2>'),
        ("Two\nlines\n  ===  ", '<h2 id="p-two-lines">Two\nlines</h2>'),
        ("> a\n---", "<blockquote><p>a</p></blockquote><hr>"),
        ("   * item\n\n    # make clean", "<ul><li>item</li></ul><pre># make clean\n</pre>"),
        ("- item\n\n      # make clean", "<ul><li><p>item</p><pre># make clean\n</pre></li></ul>"),
        ("> a\n\n> b", "<blockquote><p>a</p></blockquote><blockquote><p>b</p></blockquote>"),
        ("> a\n>\n> b", "<blockquote><p>a</p><p>b</p></blockquote>"),
        ("- a\n\n+ b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("1. a\n\n1) b", "<ol><li>a</li></ol><ol><li>b</li></ol>"),
        ("- a\n\n<!-- -->\n\n- b", "<ul><li>a</li></ul><ul><li>b</li></ul>"),
        ("- a\n- b\n\nx\n\n- c\n\n- d", None),
        ("- a\n  - b\n\n    c\n- d", "<ul><li>a<ul><li><p>b</p><p>c</p></li></ul></li><li>d</li></ul>"),
        ("- a\n- b\n\n- c", "<ul><li><p>a</p></li><li><p>b</p></li><li><p>c</p></li></ul>"),
        ("- ```\n  a\n\n  b\n  ```\n- c", "<ul><li><pre>a\n\nb\n</pre></li><li>c</li></ul>"),
    ],
)
def test_a_block_is_what_it_is_elsewhere(text, wanted):
    if wanted is None:
        wanted = "<ul><li>a</li><li>b</li></ul><p>x</p><ul><li><p>c</p></li><li><p>d</p></li></ul>"
    assert post(text) == wanted


def labels(html: str) -> list[str]:
    return re.findall(r'<li id="p-fn:([^"]*)"', squeeze(html))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("x[^b] y[^a]\n\n[^a]: A\n[^b]: B", ["b", "a"]),
        ("x[^b] y[^b] z[^a]\n\n[^a]: A\n\n[^b]: B", ["b", "a"]),
        ("x[^2]\n\n[^1]: nobody refers to it\n[^2]: note", ["2", "1"]),
        ("x[^2] y[^3]\n\n[^1]: A\n[^2]: see[^1]\n[^3]: B", ["2", "3", "1"]),
        ("[^a]: A\n\nx[^b] y[^a]\n\n> [^b]: B", ["b", "a"]),
        ("x[^Long\tNAME]\n\n[^long name]: A", ["long-name"]),
    ],
)
def test_footnotes_are_numbered_as_they_are_referred_to(text, order):
    html = post(text)
    assert labels(html) == order
    assert html.index(f'href="#p-fn:{order[0]}">1</a>') > 0


def test_a_footnote_has_blocks_and_leads_back_to_each_reference():
    html = post("x[^a] y[^a]\n\n[^a]: one\n    two\n\n    - item\n\n    ```\n    code\n    ```\n\nText.")
    assert "<p>one\ntwo</p><ul><li>item</li></ul><pre>code\n</pre><p><a" in html and "<p>Text.</p>" in html
    assert 'href="#p-fnref:a"' in html and 'href="#p-fnref2:a"' in html and html.count("footnote-backref") == 2


def test_a_note_leads_back_to_its_first_hundred_references():
    html = post("x[^a] " * 150 + "\n\n[^a]: one")
    assert html.count('class="footnote-ref"') == 150
    assert html.count("footnote-backref") == html.count('id="p-fnref') == 100


def test_a_second_footnote_of_the_same_name_is_shown():
    assert ": two</p>" in post("x[^a]\n\n[^a]: one\n\n[^a]: two")


TABLE = "| a | b |\n|:--|--:|\n"


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        (r"| `x \| y` | z |", ["<code>x | y</code>", "z"]),
        (r"x \| y | z", ["x | y", "z"]),
        ("| one |", ["one", ""]),
        ("| `x | y` | z | w |", ["<code>x | y</code>", "z", "w"]),
        ("| x | y | more | and more |", ["x", "y", "more", "and more"]),
        ("| *x* | [y](/z) |", ["<em>x</em>", '<a href="/z">y</a>']),
        ("x", ["x", ""]),
    ],
)
def test_a_row_has_its_cells(row, cells):
    found = re.findall(r"<td(?: class=\"[^\"]*\")?>(.*?)</td>", post(TABLE + row))
    assert found == cells


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"- a\n\n  {TABLE.replace(chr(10), chr(10) + '  ')}| 1 | 2 |", "<td"),
        (f"> {TABLE.replace(chr(10), chr(10) + '> ')}| 1 | 2 |", "<td"),
        (f"{TABLE}| 1 | 2 |\n\ntext", "<p>text</p>"),
        (f"{TABLE}| 1 | 2 |\n- item", "<ul><li>item</li></ul>"),
        (f"{TABLE}| 1 | 2 |\n> quote", "<blockquote>"),
        (f"above\n{TABLE}| 1 | 2 |", "<p>above</p><table>"),
    ],
)
def test_a_table_stands_among_other_blocks(text, wanted):
    html = post(text)
    assert "<table>" in html and wanted in html


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[a][x]\n\n[x]: /one\n[x]: /two", '<p><a href="/one">a</a></p>'),
        ("[X]: /two\n\n[x]: /one\n\n[a][X]", '<p><a href="/two">a</a></p>'),
        ("> [x]: /one\n\n[a][x]", '<blockquote></blockquote><p><a href="/one">a</a></p>'),
        ("[x]:\n/one\n'title'\n\n[a][x]", '<p><a href="/one" title="title">a</a></p>'),
        ("[x]: /one\n===\n[x]", '<p>===\n<a href="/one">x</a></p>'),
        ("text\n[x]: /one", "<p>text\n[x]: /one</p>"),
        ("[x]: </a b> (t)\nmore [x]", None),
        ("[x]: /one bad\n\n[x]", "<p>[x]: /one bad</p><p>[x]</p>"),
    ],
)
def test_the_first_definition_of_a_reference_counts(text, wanted):
    html = post(text)
    assert 'title="t"' in html and "<p>more <a" in html if wanted is None else html == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\n: b\n: c", "<dl><dt>a</dt><dd>b</dd><dd>c</dd></dl>"),
        ("a\nb\n:   c", "<dl><dt>a</dt><dt>b</dt><dd>c</dd></dl>"),
        ("a\n\n: b", "<dl><dt>a</dt><dd><p>b</p></dd></dl>"),
        ("a\n: b\n\nc\n: d", "<dl><dt>a</dt><dd>b</dd><dt>c</dt><dd>d</dd></dl>"),
        ("a\n:   b\n\n    > c", "<dl><dt>a</dt><dd><p>b</p><blockquote><p>c</p></blockquote></dd></dl>"),
        (": b", "<p>: b</p>"),
        ("# a\n: b", '<h2 id="p-a">a</h2><p>: b</p>'),
    ],
)
def test_definitions_stand_below_their_terms(text, wanted):
    assert post(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("> quoted\nanswer", "<blockquote>\n<p>quoted</p>\n</blockquote>\n<p>answer</p>"),
        ("> a\nb\n> c", "<blockquote>\n<p>a</p>\n</blockquote>\n<p>b</p>\n<blockquote>\n<p>c</p>\n</blockquote>"),
        ("- > a\nb", "<ul>\n<li>\n<blockquote>\n<p>a</p>\n</blockquote>\n</li>\n</ul>\n<p>b</p>"),
        ("1. Yes\n\n1986. A good year", '<ol>\n<li>Yes</li>\n</ol>\n<ol start="1986">\n<li>A good year</li>\n</ol>'),
        ("1. a\n4. b", '<ol>\n<li>a</li>\n</ol>\n<ol start="4">\n<li>b</li>\n</ol>'),
        ("1. a\n2. b\n2. c\n3. d", "<ol>\n<li>a</li>\n<li>b</li>\n<li>c</li>\n<li>d</li>\n</ol>"),
        ("- a\nb", "<ul>\n<li>a<br>\nb</li>\n</ul>"),
        ("* * *", "<p>* * *</p>"),
        (": a\n\n[^1]: b", "<p>: a</p>\n<p>[^1]: b</p>"),
    ],
)  # fmt: skip
def test_a_reader_who_knows_no_markdown_is_understood(text, wanted):
    assert comment(text) == wanted


# Words of their own in blocks of every kind, within each other.
_leaves = st.sampled_from(
    [
        "{}", "{}\n{}", "# {}", "{}\n===", "```\n{}\n{}\n```", "    {}", "| {} | {} |\n|---|---|\n| {} | `{}` |", "---",
        "{}\n: {}", "<details>\n<summary>{}</summary>\n\n{}\n\n</details>", "<div>\n{}\n</div>", "[{}](/x)", "{}[^n]",
        "[^{}]: {}", "- [ ] {}", "* {}\n* {}", "1) {}\n2) {}", "<p>\n\n{}\n",
        "<table>\n<tr><td>\n\n{}\n\n</td></tr>\n</table>",
        "~~~js\n{}", "<pre>\n{}\n\n{}</pre>", "{}\n{{: .wp-x}}", "<!-- -->\n{}",
    ]
)  # fmt: skip
_joints = st.sampled_from(["\n\n", "\n\n\n", "\n"])
_margins = st.sampled_from(["", "> ", ">", "- ", "1. ", "  ", "   ", "    ", "\t", "10) "])


@st.composite
def _texts(draw):
    parts = []
    for leaf in draw(st.lists(_leaves, min_size=1, max_size=8)):
        margin, first = draw(_margins), True
        for line in leaf.split("\n"):
            hanging = margin if first or margin.startswith(">") else " " * len(margin)
            parts.append(hanging + line + "\n")
            first = False
        parts.append(draw(_joints))
    text, count = "".join(parts), 0
    while "{}" in text:
        text, count = text.replace("{}", f"word{count}x", 1), count + 1
    return text.replace("{{", "{").replace("}}", "}"), [f"word{number}x" for number in range(count)]


def lost(text: str, words: list[str]) -> list[str]:
    html = render(text, POST, prefix="p-").html
    return [word for word in words if word not in html]


@settings(max_examples=40, deadline=None)
@given(_texts())
def test_every_word_of_a_text_is_on_the_page(made):
    assert lost(*made) == []


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(_texts())
def test_every_word_of_many_texts_is_on_the_page(made):
    assert lost(*made) == []


def test_a_text_like_those_in_real_folders_is_whole():
    text = (
        "# Guide\n\nSee [the docs][docs] and [`code`][docs].\n\n<details>\n<summary>Steps</summary>\n\n"
        "1. Install:\n   ```\n   make\tall\n   ```\n2. Run\n   - on *Linux*\n   - on Mac\n\n     More.\n\n"
        f"</details>\n\n{TABLE}| `c` | d[^n] |\n\n> Quote\n> - with item\n\n[docs]: https://example.com/docs\n"
        "[^n]: Note.\n\n<p align=center>\n  <b>Bye</b>\n</p>\n"
    )
    html = post(text)
    assert "<details><summary>Steps</summary><ol>" in html and "</ol></details>" in html
    assert html.count('href="https://example.com/docs"') == 2 and "make\tall" in html
    assert "<ul><li><p>on <em>Linux</em></p></li><li><p>on Mac</p><p>More.</p></li></ul>" in html
    assert "<code>c</code></td>" in html and "<p>Note." in html and "<b>Bye</b>" in html
    assert "<blockquote><p>Quote</p><ul><li>with item</li></ul></blockquote>" in html


def test_what_is_over_a_count_stays_as_it_was_typed_and_is_told():
    structure = Structure(Dialect())
    structure.read([*["> " * (DEEPEST + 20) + "deep"], "", "|" * 1001, "|-" * 1000 + "|", *["| x |"] * 200])
    assert CELLS < 1000 * 200
    assert structure.as_typed == [(1, "nesting"), (3, "table")]
    assert structure.document.children[-1].kind == "paragraph" and len(structure.document.children[-1].lines) == 202


@pytest.mark.parametrize(
    "text",
    [
        "> " * 117 + "a", "- a\n" * 10_000, "- " * 30_000, "- " * 80 + "a\n" + "\n" * 40_000, "[a]: x \"\n" * 10_000,
        "a\n: b\n" * 10_000, "<div>\n\n" * 10_000, "<!--\n" * 10_000, "a|b\n-|-\n" * 10_000, "- " * 100_000 + "a",
        "```\n" * 20_000, ("> " * 150 + "\n") * 1000, "<script>\n" * 20_000,
        "".join(f"[^{n}]: a\n" for n in range(10_000)),
    ],
    ids=range(14),
)  # fmt: skip
def test_blocks_are_found_in_one_walk(text):
    began = thread_time()
    Structure(Dialect()).read(text.split("\n"))
    assert thread_time() - began < allowed(5)  # under one second each; squares of these lengths would be minutes
