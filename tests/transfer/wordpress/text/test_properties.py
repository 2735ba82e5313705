"""What holds for every raw text: nothing raises, no visible word is lost or moved, nothing is left to name."""

import json
import re
from html.parser import HTMLParser

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from blog.markup import POST, render
from transfer.wordpress.text import Attachment, Context, to_html

MARKUP = """
<p> </p> <div> </div> <em> </em> <b> </b> <strong> </strong> <li> </li> <ul> </ul> <ol> <blockquote>
</blockquote> <table> <tr> <td> </td> </tr> </table> <pre> </pre> <code> </code> <h2> </h2> <br> <br/> <hr>
<figure> </figure> <img> <span> </span> <a> </a> <details> <summary> </summary> </details> <center> </center>
<font> </font> <tt> </tt> <o:p> </o:p> <script> <style> </script> <iframe> <object> <form> </form> <label>
<dl> <dt> <dd> </dl> <mark> </mark> < > & &amp; &lt; <figcaption> </figcaption> <section> </section> <caption>
<svg> <textarea> <sup> </sup> <noscript> <!-- <!--x--> <!--more--> <!--nextpage--> [caption] [/caption]
[gallery] [embed] [/embed] [b] [/b] [code] [/code] [contact-form] [/contact-form] [[gallery]] [gallery/]
[audio] [/audio] [latex] [/latex] [ ] [[ ]] [/ ' " '' `` - -- --- ... $latex $ https://youtu.be/ &nbsp; </
<a/> :) :lol:
""".split()
BLOCKS = [
    "<!-- wp:paragraph -->",
    "<!-- /wp:paragraph -->",
    "<!-- wp:group -->",
    "<!-- /wp:group -->",
    "<!-- wp:shortcode -->",
    "<!-- /wp:shortcode -->",
    '<!-- wp:block {"ref":1} /-->',
    "<!-- wp:spacer /-->",
    "<!-- wp:html -->",
    "<!-- /wp:html -->",
    '<!-- wp:acme/x {"a":"b"} -->',
    "<!-- /wp:acme/x -->",
    '<div class="wp-block-group">',
    '<figure class="wp-block-table">',
    '<mark class="wp-note" data-id="1">',
    '<a href="https://old.example/x.jpg">',
    '<img src="https://old.example/x-300x200.jpg">',
    '<span style="text-decoration:underline">',
    "\n",
    "\n\n",
    " ",
]
WORD = "w%d"
CONTEXT = Context(
    attachments={1: Attachment("https://old.example/a.jpg", caption="<b>x")},
    attached=[Attachment("https://old.example/b.jpg", caption="[gallery]")],
    blocks={1: '<!-- wp:block {"ref":1} /-->'},
    origins=["https://old.example"],
    footnotes=json.dumps([{"id": "a", "content": "<b>note"}]),
)
# What stands in these is no visible text: it is an attribute, a comment, a script or an address.
HIDING = {
    "[embed]",
    "[audio]",
    "<script>",
    "<style>",
    "<iframe>",
    "<object>",
    "<svg>",
    "$latex",
    "<!--",
    "https://youtu.be/",
}

pieces = st.lists(st.sampled_from([*MARKUP, *BLOCKS, *[None] * 80]), min_size=3, max_size=60)


def raw_of(parts):
    """The text, and its words."""
    words = [WORD % number for number in range(parts.count(None))]
    left = iter(words)
    return " ".join(next(left) if part is None else part for part in parts), words


class Words(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.text = []

    def handle_data(self, data):
        self.text.append(data)


def words_in(html):
    parser = Words()
    parser.feed(html)
    parser.close()
    return re.findall(r"(?<![A-Za-z0-9])w[0-9]+(?![A-Za-z0-9])", " ".join(parser.text))


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(pieces)
def test_no_visible_word_is_lost_or_moved(parts):
    raw, words = raw_of([part for part in parts if part not in HIDING])
    html = to_html(raw, CONTEXT).html
    assert words_in(html) == words
    assert words_in(render(html, POST, source_format="html").html) == words


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.one_of(
        st.text(max_size=400), pieces.map(lambda parts: raw_of(parts)[0]), st.text("<>[]/\"'=-! abpw:\n", max_size=300)
    )
)
def test_nothing_raises_and_the_sanitizer_has_nothing_to_name(raw):
    converted = to_html(raw, CONTEXT)
    assert render(converted.html, POST, source_format="html").notices == ()
    assert converted == to_html(raw, CONTEXT)
