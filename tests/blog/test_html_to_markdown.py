"""HTML becomes Markdown that shows the same: words, links, pictures, structure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blog import markup
from blog.markup.html_to_markdown import html_to_markdown
from blog.markup.rendered_parts import parts_of


def rendered(source, source_format):
    return markup.render(source, markup.POST, source_format=source_format, prefix="p1-").html


def turned(html):
    """(the Markdown, whether it shows the same), careful where the plain one does not."""
    before = rendered(html, "html")
    for careful in (False, True):
        text = html_to_markdown(before.replace('"p1-', '"').replace('"#p1-', '"#'), careful=careful)
        if parts_of(rendered(text, "markdown")) == parts_of(before):
            return text.rstrip("\n"), not careful
    return text, None


PLAIN = [
    ("<p>One <strong>two</strong> <em>three</em>.</p><p>Four</p>", "One **two** *three*.\n\nFour"),
    ("<h2>Title</h2><p>Text<br>more</p><hr>", "## Title\n\nText\\\nmore\n\n---"),
    ('<p><a href="https://x.example/a">A</a> <a href="https://x.example/b" title="B!">b</a></p>',
     '[A](https://x.example/a) [b](https://x.example/b "B!")'),
    ('<p><a href="https://x.example/">https://x.example/</a></p>', "<https://x.example/>"),
    ('<p><img src="/media/x.png" alt="The line" width="1024" height="768" class="size-large wp-image-12"></p>',
     "![The line](/media/x.png)"),
    ('<p><img src="/media/x.png" alt="" width="300" class="alignleft"></p>', "![](/media/x.png){.alignleft width=300}"),
    ("<ul><li>One</li><li>Two<ul><li>Three</li></ul></li></ul>", "- One\n- Two\n  - Three"),
    ("<ol start='3'><li>One</li><li>Two</li></ol>", "3. One\n4. Two"),
    ("<ul><li><p>One</p></li><li><p>Two</p></li></ul>", "- One\n\n- Two"),
    ("<blockquote><p>One</p><p>Two</p></blockquote>", "> One\n>\n> Two"),
    ('<pre><code class="language-python">a = 1\n\nb = "x"\n</code></pre>', '```python\na = 1\n\nb = "x"\n```'),
    ("<p>Use <code>a`b</code></p>", "Use ``a`b``"),
    ("<table><thead><tr><th>A</th><th>B</th></tr></thead><tbody><tr><td>1</td><td>a|b</td></tr></tbody></table>",
     "| A | B |\n| --- | --- |\n| 1 | a\\|b |"),
    ("<figure class='wp-block-image'><img src='/media/x.png' alt='x'></figure>", "![x](/media/x.png)"),
    ("<p>1. not a list</p><p># no heading</p><p>- no item</p><p>2*3*4 a_b_c _x_ [x](y) &lt;b&gt;</p>", None),
    ("<p>H<sub>2</sub>O and <kbd>Ctrl</kbd></p>", "H<sub>2</sub>O and <kbd>Ctrl</kbd>"),
    ("<ul><li>One</li></ul><ul><li>Two</li></ul>", "- One\n\n* Two"),
    ("<p>Words in <del>no</del> paragraph</p>bare text", "Words in ~~no~~ paragraph\n\nbare text"),
]  # fmt: skip


@pytest.mark.parametrize(("html", "markdown"), PLAIN)
def test_html_that_markdown_has_words_for(html, markdown):
    text, same = turned(html)
    assert same and (markdown is None or text == markdown)


KEPT = [
    '<figure><img src="/media/x.png" alt="x"><figcaption>The <em>line</em>, 2*3*4</figcaption></figure>',
    "<details><summary>More</summary><p>One</p>\n\n<p>Two</p></details>",
    "<table><tr><td colspan='2'>A</td></tr><tr><td>1</td><td>2</td></tr></table>",
    '<p class="aligncenter">Centred</p>',
    '<video controls src="/media/x.mp4"></video>',
    '<p><a href="#x">Down</a></p><p id="x">Here</p>',
    '<p><a href="#x">Down</a></p><h2 id="x">Here</h2>',
    '<p><a href="https://x.example/" rel="nofollow">x</a></p>',
    '<p lang="de">Guten Tag</p>',
    "<ul><li>a<blockquote><p>b</p></blockquote></li></ul>",
    "<ol><li>a<pre><code>x\n\n  y</code></pre></li></ol>",
    "<dl><dt>A</dt><dd>a</dd><dt>B</dt><dd>b</dd></dl>",
    "<blockquote><ul><li>a</li></ul><pre>``` x</pre></blockquote>",
    '<p><a href="https://x.example/a_(b)"><img src="/media/x_y.png" alt="[x] *y*"></a></p>',
    "<p>*</p><p>**a** `b` \\c \\* &amp;amp; &copy; ~~d~~ {x} a | b</p>",
    "<p>http://x.example/ not linked? <b>a</b>b<i> c </i>d</p>",
    "<p>“Quotes”, 'plain' -- and ... more</p>",
    "<p><b>“x”</b>y <i>a<b>b</b></i></p>",
    "<p>a<br><br>b</p><p>+ c</p><p>= d</p><p>: e</p><p>&gt; f</p><p>1) g</p><p>~~~</p><p>```</p>",
    '<div class="wp-block-group"><h3>A</h3><p>b</p></div>',
    '<p><a href="/a/">a</a><a href="/b/"> b </a></p>',
    "<p>&nbsp;a&nbsp;&nbsp;b</p>",
    "<h1></h1><p></p><ul></ul>",
    "<p>[^1] and [x]: /y/ and ![no](/z/)</p>",
]  # fmt: skip


@pytest.mark.parametrize("html", KEPT)
def test_html_that_stays_or_needs_care_shows_the_same(html):
    text, same = turned(html)
    assert same is not None, text


def test_plain_posts_need_no_backslashes():
    text, same = turned("<p>Ten miles (16 km) - in 1:10:03! It's 5 + 5 = 10, a_b, 50% & more; “so”.</p>")
    assert same and "\\" not in text


INLINE = st.sampled_from(["strong", "em", "code", "a", "del", "sub", "span"])
WORDS = st.text(st.sampled_from("ab 1.-*_[]()<>#&|\\`~!:{}+=\"'\n"), min_size=1, max_size=12)


def escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrapped(pair):
    name, inside = pair
    return f'<a href="https://x.example/">{inside}</a>' if name == "a" else f"<{name}>{inside}</{name}>"


PIECES = st.one_of(WORDS.map(escaped), st.tuples(INLINE, WORDS.map(escaped)).map(wrapped))
TEXTS = st.lists(PIECES, max_size=5).map("".join)
HTML = st.lists(st.tuples(st.sampled_from(["p", "h2", "blockquote", "li", "pre"]), TEXTS), max_size=4).map(
    lambda blocks: "".join(f"<{name}>{text}</{name}>" for name, text in blocks)
)


@given(HTML)
def test_any_html_is_turned_without_an_error(html):
    turned(html)
