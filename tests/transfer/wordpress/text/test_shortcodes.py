"""Shortcodes of WordPress and WordPress.com: how they are written, and what they become."""

import pytest

from transfer.wordpress.text import Attachment, Context, Notice, to_html
from transfer.wordpress.text.shortcodes import Finder, parse_attributes

CONTEXT = Context(
    attachments={
        1: Attachment("https://old.example/a.jpg", alt="A", caption='"One"', width=640, height=480),
        2: Attachment("https://old.example/b.jpg"),
        3: Attachment("https://old.example/c.mp3", title="Song & dance"),
        4: Attachment("https://old.example/d.mp4"),
        5: Attachment("https://old.example/e.jpg", parent=77),
    },
    attached=[Attachment("https://old.example/f.png"), Attachment("https://old.example/g.pdf")],
)


def flat(raw, context=CONTEXT):
    return to_html(raw, context).html.replace("\n", "")


def gallery(*figures):
    inside = "".join(f"<figure>{figure}</figure>" for figure in figures)
    return f'<figure class="wp-block-gallery">{inside}</figure>'


def link(url):
    return f'<p><a href="{url}">{url}</a></p>'


A = '<img src="https://old.example/a.jpg" alt="A" width="640" height="480">'
CAPTION = "<figcaption>“One”</figcaption>"
B, E, F = (f'<img src="https://old.example/{name}" alt="">' for name in ("b.jpg", "e.jpg", "f.png"))
FILM = "https://www.youtube.com/watch?v=abcdefghijk"


@pytest.mark.parametrize(
    ("text", "named", "unnamed"),
    [
        (' a="1" b=\'2\' c=3', {"a": "1", "b": "2", "c": "3"}, []),
        (" A = \"x y\"", {"a": "x y"}, []),
        (" ids=”1,2″", {"ids": "1,2"}, []),
        (" ids=“1,2” x=‘y’", {"ids": "1,2", "x": "y"}, []),
        (" ids=&quot;1,2&quot;", {"ids": "1,2"}, []),
        (" ids=&#8221;1,2&#8243;", {"ids": "1,2"}, []),
        ("\xa0a=1&nbsp;b=2", {"a": "1", "b": "2"}, []),
        (' a="1" a="2"', {"a": "1"}, []),
        (' a="x &amp; y"', {"a": "x & y"}, []),
        (' http://x.example/?a=1 "two words" three', {}, ["http://x.example/?a=1", "two words", "three"]),
        ("=http://x.example/?a=1&amp;b=2", {}, ["http://x.example/?a=1&b=2"]),
        ('="http://x.example/"', {}, ["http://x.example/"]),
        (":http://x.example/a.mp3|b=c", {}, ["http://x.example/a.mp3|b=c"]),
        ("", {}, []),
    ],
)  # fmt: skip
def test_attributes_are_read_however_they_are_quoted(text, named, unnamed):
    assert parse_attributes(text) == (named, unnamed)


@pytest.mark.parametrize(
    ("text", "end", "content"),
    [
        ("[a]", 3, None),
        ("[a /]x[/a]", 5, None),
        ("[a]x[/a]", 8, "x"),
        ("[a][a]x[/a][/a]", 11, "[a]x"),
        ("[a][b]x[/b][/a]", 15, "[b]x[/b]"),
        ("[a=http://x.example/]x[/a]", 26, "x"),
        ("[a b='1'/]x[/a]", 10, None),
        ("[A]x[/a]", 8, "x"),
    ],
)
def test_a_shortcode_ends_where_wordpress_ends_it(text, end, content):
    found = Finder(text).at(0)
    assert found.end == end
    assert (text[found.tag_end : found.content_end] if found.content_end >= 0 else None) == content


@pytest.mark.parametrize("text", ["[]", "[ a]", "[1]", "[a", "[a[b]]", "[/a]"])
def test_what_is_no_shortcode(text):
    assert Finder(text).at(0) is None


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ('[caption id="attachment_1" align="alignleft" width="300"]<img src="a.jpg" alt="A" /> "Words"[/caption]',
         '<figure class="alignleft"><img src="a.jpg" alt="A"><figcaption>“Words”</figcaption></figure>'),
        ('[caption align="alignnone" caption="Old <em>words</em>"]<img src="a.jpg" />[/caption]',
         '<figure><img src="a.jpg" alt=""><figcaption>Old <em>words</em></figcaption></figure>'),
        ('[wp_caption]<a href="b.jpg"><img src="a.jpg" /></a> By <a href="c">Ann</a>[/wp_caption]',
         '<figure><a href="b.jpg"><img src="a.jpg" alt=""></a>'
         '<figcaption>By <a href="c">Ann</a></figcaption></figure>'),
        ('[caption width="3"]<img src="a.jpg" />[/caption]', '<p><img src="a.jpg" alt=""></p>'),
        ('a [caption]<img src="a.jpg" />b\nc[/caption] d',
         '<p>a</p><figure><img src="a.jpg" alt=""><figcaption>b<br>c</figcaption></figure><p>d</p>'),
        ('<p>a [caption]<img src="a.jpg" />b[/caption] c</p>',
         '<p>a</p><figure><img src="a.jpg" alt=""><figcaption>b</figcaption></figure><p>c</p>'),
        ('[caption][youtube=abcdefghijk] Words[/caption]',
         f"<figure>{link(FILM)}<figcaption>Words</figcaption></figure>"),
        ('<div class="wp-caption alignright"><img src="a.jpg" /><p class="wp-caption-text">b</p></div>',
         '<figure class="alignright"><img src="a.jpg" alt=""><figcaption>b</figcaption></figure>'),
        ('[gallery ids="2,1"]', gallery(B, A + CAPTION)),
        ("[gallery include=2 columns=3]", gallery(B)),
        ('[gallery ids=”2″ link="file"]', gallery(f'<a href="https://old.example/b.jpg">{B}</a>')),
        ("[gallery]", gallery(F)),
        ('[gallery id="77"]', gallery(E)),
        ('[slideshow ids="2"]', gallery(B)),
        ('[playlist ids="3"]',
         '<figure><audio controls="" src="https://old.example/c.mp3"></audio>'
         '<figcaption>Song &amp; dance</figcaption></figure>'),
        ('[playlist type="video" ids="4,3"]', '<figure><video controls="" src="https://old.example/d.mp4"></video></figure>'),
        ("[audio https://x.example/a.mp3]", '<figure><audio controls="" src="https://x.example/a.mp3"></audio></figure>'),
        ("[audio:https://x.example/a.mp3|titles=b]",
         '<figure><audio controls="" src="https://x.example/a.mp3"></audio></figure>'),
        ('[audio mp3="/a.mp3" ogg="/a.ogg"][/audio]',
         '<figure><audio controls=""><source src="/a.mp3"><source src="/a.ogg"></audio></figure>'),
        ('[video width="640" height="360" mp4="/a.mp4" poster="/p.jpg"][/video]',
         '<figure><video controls="" src="/a.mp4" poster="/p.jpg" width="640" height="360"></video></figure>'),
        (f'[video src="{FILM}"]', link(FILM)),
        ("[code]a &lt; b[/code]", "<pre><code>a &lt; b</code></pre>"),
        ('[code lang="php"]if ($a < 1 && $b) "x";[/code]',
         '<pre><code class="language-php">if ($a &lt; 1 &amp;&amp; $b) "x";</code></pre>'),
        ('[sourcecode language="python"]\na\n[/sourcecode]', '<pre><code class="language-python">a</code></pre>'),
        ("[css]a{}[/css]", '<pre><code class="language-css">a{}</code></pre>'),
        ("[code]<b>[gallery]</b>[/code]", "<pre><code>&lt;b&gt;[gallery]&lt;/b&gt;</code></pre>"),
        ("[youtube=http://www.youtube.com/watch?v=abcdefghijk&amp;w=320&amp;h=240]", link(FILM)),
        ("[youtube http://youtu.be/abcdefghijk?w=320]", link(FILM)),
        ("[youtube]abcdefghijk[/youtube]", link(FILM)),
        ('[youtube id="abcdefghijk"]', link(FILM)),
        ("[vimeo 12345678]", link("https://vimeo.com/12345678")),
        ('[vimeo clip_id="12345678" width="400"]', link("https://vimeo.com/12345678")),
        ("[vimeo=http://vimeo.com/12345678]", link("https://vimeo.com/12345678")),
        ("[embed width=3]https://youtu.be/abcdefghijk[/embed]", link(FILM)),
        ("[embed]https://x.example/a?b=1&amp;c=2[/embed]",
         '<p><a href="https://x.example/a?b=1&amp;c=2">https://x.example/a?b=1&amp;c=2</a></p>'),
        ("$latex a^2&s=2$", '<p><code class="language-latex">a^2</code></p>'),
        ("[latex]a < b[/latex]", '<p><code class="language-latex">a &lt; b</code></p>'),
        ("$5 and $6", "<p>$5 and $6</p>"),
        ("[[gallery]]", "<p>[gallery]</p>"),
        ('[[gallery ids="1"]]', '<p>[gallery ids="1"]</p>'),
        ("[[caption]x[/caption]]", "<p>[caption]x[/caption]</p>"),
        ("[[link]]", "<p>[[link]]</p>"),
        ('<a href="x" title="[gallery]">y</a>', '<p><a href="x" title="[gallery]">y</a></p>'),
        ("x[/caption]", "<p>x[/caption]</p>"),
    ],
)  # fmt: skip
def test_a_shortcode_becomes_what_it_shows(raw, shown):
    assert flat(raw) == shown
    assert to_html(raw, CONTEXT).notices == ()


@pytest.mark.parametrize(
    ("raw", "shown", "kinds"),
    [
        ("[tweet https://twitter.com/a/status/1]", link("https://twitter.com/a/status/1"), ["embed"]),
        ("[tweet 123]", link("https://twitter.com/i/status/123"), ["embed"]),
        ("[gist]https://gist.github.com/a/1[/gist]", link("https://gist.github.com/a/1"), ["embed"]),
        ("[wpvideo AbC123 w=640]", link("https://videopress.com/v/AbC123"), ["embed"]),
        ("[soundcloud url=\"https://soundcloud.com/a/b\"]", link("https://soundcloud.com/a/b"), ["embed"]),
        ('[polldaddy poll="123"]', link("https://poll.fm/123"), ["poll", "embed"]),
        ('[contact-form][contact-field label="N" /]Write![/contact-form]', "<p>Write!</p>", ["form"]),
        ("[gallery ids=99]", "", ["attachment", "attachment"]),
        ("[blog_subscription_form]", "", ["shortcode"]),
        ('[thing a="b"]"in"[/thing]', '<p>[thing a="b"]“in”[/thing]</p>', ["shortcode"]),
        ("[my_thing]", "<p>[my_thing]</p>", ["shortcode"]),
        ("[youtube=]", "<p>[youtube=]</p>", ["shortcode"]),
        ("[caption]", "<p>[caption]</p>", ["shortcode"]),
    ],
)  # fmt: skip
def test_what_is_not_carried_as_it_was_is_named(raw, shown, kinds):
    assert flat(raw) == shown
    assert [notice.kind for notice in to_html(raw, CONTEXT).notices] == kinds


@pytest.mark.parametrize(
    "raw", ["[sic]", "[1]", "a[0]", "[citation needed]", "[...]", "<code>[x y=1]</code>", "<pre>[x_y]</pre>"]
)
def test_words_in_brackets_are_no_shortcode(raw):
    assert to_html(raw).notices == ()


def test_a_gallery_whose_captions_hold_galleries_ends():
    pictures = {n: Attachment(f"https://old.example/{n}.jpg", caption="[gallery ids=1,2,3,4,5]") for n in range(1, 6)}
    converted = to_html("[gallery ids=1,2,3,4,5]", Context(attachments=pictures))
    assert converted.html.count("<img") <= 5_000
    assert Notice("limit", "[gallery ids=1,2,3,4,5]") in converted.notices
