"""Blocks of WordPress's editor, by the markup that core saves."""

import pytest

from transfer.wordpress.text import Context, Notice, to_html

CONTEXT = Context(
    blocks={
        1: "<!-- wp:paragraph -->\n<p>again</p>\n<!-- /wp:paragraph -->",
        2: "<p>a</p><!-- wp:block {\"ref\":3} /-->",
        3: "<!-- wp:paragraph --><p>b</p><!-- /wp:paragraph --><!-- wp:block {\"ref\":2} /-->",
        4: "classic\n\ntext",
    },
    footnotes='[{"id":"n-1","content":"A <em>note</em>"},{"id":"n-2","content":"B"}]',
    media={"https://old.example/a.jpg": "/media/a.jpg"}.get,
)  # fmt: skip


def flat(raw, context=CONTEXT):
    return to_html(raw, context).html.replace("\n", "")


def block(name, inside, attributes=""):
    return f"<!-- wp:{name} {attributes}{' ' if attributes else ''}-->{inside}<!-- /wp:{name} -->"


IMAGE = '<figure class="wp-block-image"><img src="https://old.example/a.jpg" alt="A" class="wp-image-3"/></figure>'
SHOWN = '<img src="/media/a.jpg" alt="A">'


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (block("paragraph", '<p class="has-text-align-center">one\ntwo</p>'), "<p>onetwo</p>"),
        (block("heading", '<h3 class="wp-block-heading" id="here">H</h3>', '{"level":3}'), '<h3 id="here">H</h3>'),
        (block("list", f'<ul class="wp-block-list">{block("list-item", "<li>a</li>")}</ul>'), "<ul><li>a</li></ul>"),
        (block("quote", '<blockquote class="wp-block-quote"><p>q</p><cite>c</cite></blockquote>'),
         "<blockquote><p>q</p><cite>c</cite></blockquote>"),
        (block("pullquote", '<figure class="wp-block-pullquote"><blockquote><p>q</p></blockquote></figure>'),
         "<blockquote><p>q</p></blockquote>"),
        (block("image", IMAGE), f"<figure>{SHOWN}</figure>"),
        (block("image", IMAGE.replace("wp-block-image", "wp-block-image alignleft")),
         f'<figure class="alignleft">{SHOWN}</figure>'),
        (block("image", '<div class="wp-block-image"><figure class="alignright"><img src="a.jpg"></figure></div>'),
         '<figure class="alignright"><img src="a.jpg" alt=""></figure>'),
        (block("gallery", f'<figure class="wp-block-gallery has-nested-images">{block("image", IMAGE)}</figure>'),
         f'<figure class="wp-block-gallery"><figure>{SHOWN}</figure></figure>'),
        (block("gallery", '<ul class="wp-block-gallery"><li class="blocks-gallery-item"><figure>'
               '<img src="https://old.example/a.jpg" alt="A"/></figure></li></ul>'), f"<figure>{SHOWN}</figure>"),
        (block("cover", '<div class="wp-block-cover"><img class="wp-block-cover__image-background" alt="A" '
               'src="https://old.example/a.jpg"/><div class="wp-block-cover__inner-container"><p>x</p></div></div>'),
         f"<figure>{SHOWN}</figure><p>x</p>"),
        (block("cover", '<div class="wp-block-cover" style="background-image:url(https://old.example/a.jpg)"><p>x</p>'
               "</div>"),
         '<figure><img src="/media/a.jpg" alt=""></figure><p>x</p>'),
        (block("media-text", '<div class="wp-block-media-text"><figure class="wp-block-media-text__media">'
               f'{SHOWN}</figure><div class="wp-block-media-text__content"><p>x</p></div></div>'),
         f"<figure>{SHOWN}</figure><p>x</p>"),
        (block("buttons", '<div class="wp-block-buttons"><div class="wp-block-button"><a class="wp-block-button__link" '
               'href="https://x.example/">Go</a></div></div>'), '<p><a href="https://x.example/">Go</a></p>'),
        (block("columns", '<div class="wp-block-columns"><div class="wp-block-column"><p>a</p></div>'
               '<div class="wp-block-column"><p>b</p></div></div>'), "<p>a</p><p>b</p>"),
        (block("group", '<div class="wp-block-group"><div class="wp-block-group__inner-container">bare</div></div>'),
         "<p>bare</p>"),
        (block("table", '<figure class="wp-block-table"><table><tbody><tr><td class="has-text-align-right">1</td></tr>'
               "</tbody></table><figcaption>Cap</figcaption></figure>"),
         '<table><caption>Cap</caption><tbody><tr><td align="right">1</td></tr></tbody></table>'),
        (block("table", '<figure class="wp-block-table"><table><tr><th>1</th></tr></table></figure>'),
         "<table><tr><th>1</th></tr></table>"),
        (block("file", '<div class="wp-block-file"><object class="wp-block-file__embed" data="a.pdf"></object>'
               '<a id="wp-block-file--media-1" href="https://x.example/a.pdf">a</a>'
               '<a href="https://x.example/a.pdf" class="wp-block-file__button" download>Download</a></div>'),
         '<p><a href="https://x.example/a.pdf">a</a> <a href="https://x.example/a.pdf">Download</a></p>'),
        (block("audio", '<figure class="wp-block-audio"><audio controls src="https://x.example/a.mp3"></audio></figure>'),
         '<figure><audio controls="" src="https://x.example/a.mp3"></audio></figure>'),
        (block("video", '<figure class="wp-block-video"><video autoplay poster="https://old.example/a.jpg" '
               'src="https://x.example/a.mp4"></video><figcaption>c</figcaption></figure>'),
         '<figure><video controls="" src="https://x.example/a.mp4" poster="/media/a.jpg"></video>'
         "<figcaption>c</figcaption></figure>"),
        (block("details", "<details class=\"wp-block-details\"><summary>s</summary><p>x</p></details>"),
         "<details><summary>s</summary><p>x</p></details>"),
        (block("separator", '<hr class="wp-block-separator"/>'), "<hr>"),
        (block("spacer", '<div style="height:9px" aria-hidden="true" class="wp-block-spacer"></div>'), ""),
        (block("verse", '<pre class="wp-block-verse">"a"  b</pre>'), '<pre>"a"  b</pre>'),
        (block("code", '<pre class="wp-block-code"><code lang="css" class="language-css">a</code></pre>'),
         '<pre><code class="language-css">a</code></pre>'),
        (block("syntaxhighlighter/code", '<pre class="wp-block-syntaxhighlighter-code">a &lt; "b"</pre>',
               '{"language":"php"}'),
         '<pre><code class="language-php">a &lt; "b"</code></pre>'),
        (block("html", "<div>\n\na\n\n</div>"), "<div>a</div>"),
        (block("shortcode", "[youtube=abcdefghijk]"),
         '<p><a href="https://www.youtube.com/watch?v=abcdefghijk">https://www.youtube.com/watch?v=abcdefghijk</a></p>'),
        (block("freeform", "one\n\ntwo"), "<p>one</p><p>two</p>"),
        (f"{block('paragraph', '<p>a</p>')}\n\none\ntwo\n\n{block('paragraph', '<p>b</p>')}",
         "<p>a</p><p>one<br>two</p><p>b</p>"),
        (block("more", "\n<!--more Go on-->\n", '{"customText":"Go on"}'), "<!--more Go on-->"),
        (f"{block('paragraph', '<p>a</p>')}{block('nextpage', '<!--nextpage-->')}{block('paragraph', '<p>b</p>')}",
         "<p>a</p><p>b</p>"),
        (block("social-links", '<ul class="wp-block-social-links"><!-- wp:social-link '
               '{"url":"https://x.example/ann","service":"mastodon"} /--></ul>'),
         '<p><a href="https://x.example/ann">Mastodon</a></p>'),
        (block("embed", '<figure class="wp-block-embed"><div class="wp-block-embed__wrapper">\nhttps://youtu.be/abcdefghijk\n'
               "</div><figcaption>c</figcaption></figure>", '{"url":"https://youtu.be/abcdefghijk"}'),
         '<figure><p><a href="https://www.youtube.com/watch?v=abcdefghijk">https://www.youtube.com/watch?v=abcdefghijk</a></p>'
         "<figcaption>c</figcaption></figure>"),
        (block("core/paragraph", "<p>x</p>"), "<p>x</p>"),
        ('<p>one <mark class="wp-note" data-id="7">two</mark> <mark>three</mark></p>',
         "<p>one two <mark>three</mark></p>"),
    ],
)  # fmt: skip
def test_a_block_becomes_what_it_shows(raw, shown):
    assert flat(raw) == shown
    assert to_html(raw, CONTEXT).notices == ()


@pytest.mark.parametrize(
    ("raw", "shown", "notices"),
    [
        (block("group", '<div class="wp-block-group"><p>x</p></div>',
               '{"style":{"background":{"backgroundImage":{"url":"https://old.example/b.jpg","id":4}}}} '),
         "<p>x</p>", [("html", "background-image: https://old.example/b.jpg")]),
        ('<div style="background-image: url(&quot;https://old.example/b.jpg&quot;)">x</div>',
         "<div>x</div>", [("html", "background-image: https://old.example/b.jpg")]),
        (block("acme/box", '<div class="acme"><p>in</p></div>'), "<div><p>in</p></div>", [("block", "acme/box")]),
        ("<!-- wp:latest-posts /-->", "", [("block", "core/latest-posts")]),
        ("<!-- wp:block {\"ref\":9} /-->", "", [("block", "core/block 9")]),
        (block("jetpack/contact-form", '<!-- wp:jetpack/field-name {"label":"N"} /--><p>in</p>'), "<p>in</p>",
         [("form", "jetpack/contact-form"), ("form", "jetpack/field-name")]),
        ('<!-- wp:crowdsignal-forms/poll {"question":"Tea?","answers":[{"text":"Yes"},{"text":"No"}]} /-->',
         "<p>Tea?</p><ul><li>Yes</li><li>No</li></ul>", [("poll", "Tea?")]),
        (block("embed", "<figure></figure>", '{"url":"https://twitter.com/a/status/1"}'),
         '<p><a href="https://twitter.com/a/status/1">https://twitter.com/a/status/1</a></p>',
         [("embed", "https://twitter.com/a/status/1")]),
    ],
)  # fmt: skip
def test_what_is_not_carried_as_it_was_is_named(raw, shown, notices):
    assert flat(raw) == shown
    assert list(to_html(raw, CONTEXT).notices) == [Notice(*each) for each in notices]


def test_a_reusable_block_stands_in_its_place():
    assert flat('<!-- wp:block {"ref":1} /--><!-- wp:block {"ref":4} /-->') == "<p>again</p><p>classic</p><p>text</p>"


def test_reusable_blocks_in_a_circle_end():
    converted = to_html('<!-- wp:block {"ref":2} /-->', CONTEXT)
    assert converted.html.replace("\n", "") == "<p>a</p><p>b</p>"
    assert converted.notices == (Notice("limit", "core/block 2"),)


def test_reusable_blocks_do_not_multiply_without_end():
    bomb = {n: f'<!-- wp:block {{"ref":{n + 1}}} /-->' * 100 + "x" * 1000 for n in range(20)}
    converted = to_html('<!-- wp:block {"ref":0} /-->', Context(blocks=bomb))
    assert len(converted.html) < 5_000_000
    assert converted.notices[0].kind == "limit"


NOTED = block("paragraph", '<p>x<sup data-fn="n-1" class="fn"><a href="#n-1" id="n-1-link">1</a></sup></p>')
LIST = (
    '<div class="footnote"><hr><ol>'
    '<li id="fn:n-1"><p>A <em>note</em> <a class="footnote-backref" href="#fnref:n-1">↩︎</a></p></li>'
    '<li id="fn:n-2"><p>B <a class="footnote-backref" href="#fnref:n-2">↩︎</a></p></li></ol></div>'
)


@pytest.mark.parametrize("end", ["<!-- wp:footnotes /-->", "<!-- wp:footnotes /--><!-- wp:footnotes /-->", ""])
def test_footnotes_have_the_form_of_our_own(end):
    mark = '<sup id="fnref:n-1"><a class="footnote-ref" href="#fn:n-1">1</a></sup>'
    assert flat(NOTED + end) == f"<p>x{mark}</p>{LIST}"


@pytest.mark.parametrize("meta", ["", "[", "{}", "[1, null]", '[{"id": 3}]', "[" * 100_000])
def test_broken_footnotes_are_none(meta):
    assert flat(NOTED + "<!-- wp:footnotes /-->", Context(footnotes=meta)).startswith("<p>x<sup")


def test_footnotes_to_which_nothing_refers_are_not_shown():
    assert flat("<p>x</p>") == "<p>x</p>"


@pytest.mark.parametrize(
    "raw",
    [
        "<!-- wp:paragraph {broken} --><p>x</p><!-- /wp:paragraph -->",
        "<!-- wp:paragraph --><p>x</p>",
        "<p>x</p><!-- /wp:paragraph --><!-- wp:",
        "<!-- wp:group --><!-- wp:paragraph --><p>x</p><!-- /wp:group -->",
    ],
)
def test_broken_block_comments_lose_no_text(raw):
    assert "x" in flat(raw)
