"""The words within blocks are read as CommonMark reads them, and none of them vanishes."""

from time import thread_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from blog.markup import POST, render
from blog.markup.inlines.scanner import Dialect, Scanner


def html(text, **options):
    return render(text, POST, prefix="p-", smart=False, **options).html


def line(text, **options):
    return html(text, **options).removeprefix("<p>").removesuffix("</p>")


def link(address, words=None):
    return f'<a href="{address}">{words or address}</a>'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("[`A`]\n\n[`A`]: https://a.example", link("https://a.example", "<code>A</code>")),
        ("[the `A`][`a`]\n\n[`A`]: /a", link("/a", "the <code>A</code>")),
        ("[*B*][]\n\n[*b*]: /b", link("/b", "<em>B</em>")),
        ("See [one] [two].\n\n[one]: /1", f"See {link('/1', 'one')} [two]."),
        ("See [one] [two].\n\n[two]: /2", f"See [one] {link('/2', 'two')}."),
        ("See [one][two].\n\n[one]: /1", "See [one][two]."),
        ("See [one] (two).\n\n[one]: /1", f"See {link('/1', 'one')} (two)."),
        ("[x](see below)", "[x](see below)"),
        ("[x](see, below)", "[x](see, below)"),
        ("[x](a 'b' c)", "[x](a 'b' c)"),
        ("[x](see below)\n\n[x]: /x", f"{link('/x', 'x')}(see below)"),
        ('f[0]("x")', 'f[0]("x")'),
        ("f[0]('x')", "f[0]('x')"),
        ('f[i][j]("a", "b")', 'f[i][j]("a", "b")'),
        ("[ẞ]\n\n[SS]: /s", link("/s", "ẞ")),
        ("[a [b](/b) c](/d)", f"[a {link('/b', 'b')} c](/d)"),
        (r"[a\]](/b\)c)", link("/b)c", "a]")),
        ("[](http://x.example)", link("http://x.example")),
        ("[](https://x.example/a?b=1&c)", link("https://x.example/a?b=1&amp;c")),
        ("[ ](mailto:a@x.example)", link("mailto:a@x.example")),
        ("![a b](my picture.jpg)", '<img alt="a b" decoding="async" loading="lazy" src="my%20picture.jpg">'),
    ],
)
def test_a_link_takes_no_word_with_it(text, wanted):
    shown = html(text)
    assert shown.replace("<figure>", "<p>").replace("</figure>", "</p>") == f"<p>{wanted}</p>"


@pytest.mark.parametrize(
    "text",
    [
        "Use Vec<String> and <your name here>.",
        "if a<b then c>d",
        "a < b and c > d, x<y && y>z",
        "<localhost:5001>",
        "<ISBN 123>",
        "<foo.bar.baz>",
        "Map<String, List<u>> of <u>",
        "<3 and <- and <>",
        "a <my-element> and <Foo bar=1> here",
        "an <input> in a <form>, a <link> and a <meta>",
        "every page needs a <title> in its <head>",
        "never forget the </title>, the </p",
        "A </b> that nobody opened, a <b> that nobody closes",
        "Use a <table> for tables, <ul> for lists, <details> for more",
        "So <?php echo 1 ?> and <!DOCTYPE html> and <![CDATA[x]]>",
        "a <!-- that does not end",
        "&notanentity; &copy &#xfffffff; & &;",
        "C:\\Windows\\new and \\a",
        "`` unclosed ` code",
        "~one~ and ~~~three~~~",
        "{a, b} and *{n} and x{.c}",
        "[no][reference] and [none] and ![none]",
        "[^1] without a note",
        "snake_case_name and _a and * a *",
    ],
)
def test_what_is_no_markup_is_shown_as_it_was_typed(text):
    assert render(text, POST, smart=False).plain == text
    assert "<a" not in html(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<b>bold</b> <i>x</i>", "<b>bold</b> <i>x</i>"),
        ('a<br>b <img src="/a.png"> c', 'a<br>b <img alt="" decoding="async" loading="lazy" src="/a.png"> c'),
        ('<span lang="de">*x*</span>', '<span lang="de"><em>x</em></span>'),
        ("<a href='/x'>https://y.example</a> https://z.example", f"{link('/x', 'https://y.example')} {link('https://z.example')}"),
        ("a <!-- hidden --> b <!--> c", "a  b  c"),
        ("H<sub>2</sub>O", "H<sub>2</sub>O"),
        ("x <font color=red>y</font>", "x y"),
    ],
)  # fmt: skip
def test_what_is_html_is_html(text, wanted):
    assert line(text) == wanted


def test_a_tag_may_be_closed_in_another_block():
    assert "<details>" in html("See <details>\n\n*b*\n\n</details>")
    assert "<b>a</b>" in html("<b>a\n\nb</b>") and "&lt;" not in html("<b>a\n\nb</b>")


@pytest.mark.parametrize("sign", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")
def test_a_backslash_shows_any_sign(sign):
    assert render(f"a\\{sign}b\\{sign}", POST).plain == f"a{sign}b{sign}"
    assert render(f"`\\{sign}`" if sign != "`" else "`` \\` ``", POST).plain == f"\\{sign}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (r"<foo\+bar@x.example>", "&lt;foo+bar@x.example&gt;"),
        ("<foo+bar@x.example>", link("mailto:foo+bar@x.example", "foo+bar@x.example")),
        ("<a@b>", link("mailto:a@b", "a@b")),
        ("<https://x.example/a?b=1&c=2>", link("https://x.example/a?b=1&amp;c=2")),
        ("<tel:+123>", link("tel:+123")),
        ("<ftp://x.example>", "ftp://x.example"),
        ("https://web.archive.org/web/*/x", link("https://web.archive.org/web/*/x")),
        ("see https://x.example/?q=*a* now", f"see {link('https://x.example/?q=*a*')} now"),
        ("https://x.example/*a*/b_c_d", link("https://x.example/*a*/b_c_d")),
        ("**https://x.example/**", f"<strong>{link('https://x.example/')}</strong>"),
        ("*see https://x.example/a*.", f"<em>see {link('https://x.example/a')}</em>."),
        ("~~https://x.example~~", f"<del>{link('https://x.example')}</del>"),
        ("[see https://x.example/a]", f"[see {link('https://x.example/a')}]"),
        ("[https://x.example/*a*](/b)", link("/b", "https://x.example/*a*")),
        ("https://x.example/?a=1&amp;b=2!", f"{link('https://x.example/?a=1&amp;b=2')}!"),
        ("www.example.org.", f"{link('http://www.example.org', 'www.example.org')}."),
        ('"https://x.example", he', f'"{link("https://x.example")}", he'),
        ("https://例え.jp/あ。次", f"{link('https://例え.jp/あ')}。次"),
        ("ahttps://x.example http://", "ahttps://x.example http://"),
    ],
)  # fmt: skip
def test_an_address_is_the_link_that_was_typed(text, wanted):
    assert line(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("**「は」**は", "<strong>「は」</strong>は"),
        ("これは**強調。**次", "これは<strong>強調。</strong>次"),
        ("在**“引用”**中", "在<strong>“引用”</strong>中"),
        ("***a***", "<em><strong>a</strong></em>"),
        ("2*3*4", "2<em>3</em>4"),
        ("a**b**c", "a<strong>b</strong>c"),
        ("~~a *b*~~ c", "<del>a <em>b</em></del> c"),
        ("*a ~~b* c~~", "<em>a ~~b</em> c~~"),
    ],
)
def test_emphasis_stands_where_it_is_meant(text, wanted):
    assert line(text) == wanted


SIZED = '<img alt="x" class="wp-a" decoding="async" loading="lazy" src="/y.png" width="300">'


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("*x*{lang=de} y", '<em lang="de">x</em> y'),
        ("**x**{: .wp-a .wp-b}", '<strong class="wp-a wp-b">x</strong>'),
        ("[x](/y){rel=me title='A B'}", '<a href="/y" rel="me" title="A B">x</a>'),
        ("`x`{.wp-a}{.wp-b}", '<code class="wp-a">x</code>{.wp-b}'),
        ("~~x~~{lang=fr}", '<del lang="fr">x</del>'),
        ("a ![x](/y.png){width=300 .wp-a}", f"a {SIZED}"),
        ("*x* {lang=de}", "<em>x</em> {lang=de}"),
        ("*x*{5} `y`{n}", "<em>x</em>{5} <code>y</code>{n}"),
    ],
)  # fmt: skip
def test_braces_right_behind_an_element_are_its_attributes(text, wanted):
    assert line(text) == wanted


@pytest.mark.parametrize("name", ["caf%C3%A9", "café", "cafe", "Caf%C3%A9"])
def test_a_link_finds_its_heading_however_it_is_written(name):
    assert 'href="#p-cafe"' in html(f"# Café\n\n[e](#{name})")
    assert 'href="#p-la-rive-gauche"' in html("# La rive gauche\n\n[e](#La%20rive%20gauche)")
    assert 'href="#respond"' in html(f"[e](#respond) [f](#{name})")


def noticed(text, **options):
    return [(notice.line, notice.kind, notice.what) for notice in render(text, POST, **options).notices]


@pytest.mark.parametrize("scheme", ["tel:+49301234", "sms:+49301234", "geo:52.5,13.4", "xmpp:ann@example.org"])
def test_what_a_telephone_opens_is_a_link(scheme):
    assert line(f"[x]({scheme})") == link(scheme, "x")
    assert line(f'<a href="{scheme}">x</a>') == link(scheme, "x")
    assert noticed(f"[x]({scheme})") == []


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a\n\nb\n[x](javascript:alert(1))", [(4, "dropped", "javascript:")]),
        ('a <a href="vbscript:x">b</a>', [(1, "dropped", "vbscript:")]),
        ("![x](data:image/png;base64,xx)", [(1, "dropped", "data:")]),
        ("[x]\n\n[x]: file:///etc", [(1, "dropped", "file:")]),
        ("a\nb <script>c()</script> d", [(2, "dropped", "<script>")]),
        ("- a\n- b <svg><path/></svg>", [(2, "dropped", "<svg>")]),
        ("a <style>b{}</style> <embed src=x>", [(1, "dropped", "<embed>"), (1, "dropped", "<style>")]),
        ("a <script> b, <title>, `<style></style>`", []),
        ("[x](other/) [y](#z) [z](//x.example)", []),
    ],
)
def test_what_is_dropped_is_named_at_its_line(text, wanted):
    assert noticed(text) == wanted


FILM = "https://www.youtube.com/watch?v=abcdefghijk"


@pytest.mark.parametrize(
    ("frame", "leads_to"),
    [
        ('<iframe width="560" src="https://www.youtube.com/embed/abcdefghijk" allowfullscreen></iframe>', FILM),
        ('<iframe src="//youtube-nocookie.com/embed/abcdefghijk?rel=0&amp;start=90"></iframe>', f"{FILM}&amp;t=90s"),
        ("<IFRAME SRC='https://player.vimeo.com/video/76979871'></IFRAME>", "https://vimeo.com/76979871"),
        ('<iframe src="https://maps.example.org/?a=1&b=2">no frames</iframe>', "https://maps.example.org/?a=1&amp;b=2"),
    ],
)  # fmt: skip
def test_a_frame_becomes_a_link_to_its_page(frame, leads_to):
    assert html(frame) == html(f"<p>{frame}</p>", source_format="html") == f"<p>{link(leads_to)}</p>"
    assert line(f"See {frame} here") == f"See {link(leads_to)} here"
    assert html(f"<figure>\n<div>{frame}</div>\n</figure>").count(link(leads_to)) == 1


def test_the_link_of_a_films_frame_is_shown_as_a_player(make_post):
    post = make_post(source='<iframe src="https://www.youtube.com/embed/abcdefghijk" title="x"></iframe>')
    assert "data-player" in post.html and "<iframe" not in post.html


@pytest.mark.parametrize("frame", ['<iframe src="javascript:x"></iframe>', "<iframe></iframe>"])
def test_a_frame_that_leads_nowhere_is_dropped_and_named(frame):
    assert line(f"a {frame} b") == "a  b" and noticed(f"a {frame} b") == [(1, "dropped", "<iframe>")]
    assert html(frame) == ""


def test_emphasis_too_deep_to_be_meant_stays_as_typed_and_alone():
    deep = "*a **a " * 200 + "b** b*" * 200
    rendered = render(f"*One*\n\n{deep}\n\n*Two*", POST)
    assert rendered.html.startswith("<p><em>One</em></p>") and rendered.html.endswith("<p><em>Two</em></p>")
    assert [(notice.line, notice.kind) for notice in rendered.notices] == [(3, "as_typed")]


# What has kept parsers busy: beginnings without an end, ends without a beginning, things in things.
PIECES = [
    *"""[a]( [a](<b [a](b"c ![ ](u) [a][b] *a_ a** ~~a ` \\` </ <!-- <!--a--b <? <b> </b> <title> <title></title>
    & &# &a; {.a *x*{.a} [^1] www.a [www.aa] [[www.aa] https://a.( https://a.** https://a..... a_ [a] [[ ]] [a](b()
    [a](( "' ' -- ... 1'2" a=" [[a](b)""".split(),
    *("*a **b ***c", "__a _b ", "<a b='", "<a b=\"'", "<a ", "![a b](c d", "\n", "  \n"),
]
EVERY_DAY = ["[a](", "*a **b ***c", "`", "<a b='", "[[www.aa]", "[[a](b)", "<title>", "{.a"]


def slowdown(piece):
    """How many times as long a sign takes in a text that is 16 times as long; 16 in a quadratic reader."""

    def seconds_a_sign(size):
        start = thread_time()
        Scanner(piece * (size // len(piece)), Dialect(references={"a": ("/a", "")}, footnotes={"1"})).tokens()
        return (thread_time() - start) / size

    return seconds_a_sign(32_000) / min(seconds_a_sign(2_000) for _ in range(3))


@pytest.mark.parametrize(
    "piece", [pytest.param(piece, marks=[] if piece in EVERY_DAY else pytest.mark.long) for piece in PIECES]
)
def test_a_long_text_takes_as_long_a_sign_as_a_short_one(piece):
    assert min(slowdown(piece) for _ in range(2)) < 8


@settings(max_examples=200, deadline=None)
@example("<title></title><a b='")
@example("<div></div><a b='x")
@given(
    st.lists(st.sampled_from([*PIECES, " ", "a", "é", "漢", "\n", "*", "_", ")", ">", '"']), max_size=40).map("".join)
)
def test_no_letter_is_lost(text):
    """Whatever signs mean, what is neither in a tag nor an address is read."""
    text = f"{text} \n\n<wbr>wörds"
    rendered = render(text, POST)
    assert rendered.plain.endswith("wörds")
    assert rendered.plain.count("漢") <= text.count("漢")


def test_without_extensions_only_commonmark_is_read():
    text = "~~a~~ https://x.example *b*{.wp-x} [^1]\n\n[^1]: c"
    assert "<del>" not in html(text, extensions=False) and html(text, extensions=False).count("<a") <= 1
    assert "<em>b</em>{.wp-x}" in html(text, extensions=False)
