"""What a raw text becomes, by what WordPress would have shown."""

import pytest

from transfer.wordpress.text import Attachment, Context, Notice, to_html

CONTEXT = Context(
    attachments={
        1: Attachment("http://old.example/files/a.jpg", alt="Ann", caption='The "first"', width=640, height=480),
        2: Attachment("http://old.example/files/b.jpg"),
        3: Attachment("http://old.example/files/c.mp3", title="Song & dance"),
    },
    attached=[Attachment("http://old.example/files/d.png"), Attachment("http://old.example/files/e.pdf")],
    origins=["http://old.example"],
)


def html(raw, context=CONTEXT):
    return to_html(raw, context).html


def flat(raw, context=CONTEXT):
    """Without the newlines between blocks."""
    return html(raw, context).replace("\n", "")


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("one\n\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\r\n\r\ntwo", "<p>one</p>\n<p>two</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("<!-- wp:paragraph -->\n<p>one\ntwo</p>\n<!-- /wp:paragraph -->", "<p>one\ntwo</p>"),
    ],
)
def test_classic_text_gets_paragraphs_and_blocks_have_their_own(raw, shown):
    assert html(raw) == shown


def test_an_unknown_shortcode_stays_visible_and_is_named():
    converted = to_html('before [my-plugin id="7"] after')
    assert converted.html == '<p>before [my-plugin id="7"] after</p>'
    assert converted.notices == (Notice("shortcode", '[my-plugin id="7"]'),)


@pytest.mark.parametrize("raw", ["[sic]", "[1]", "a[0]", "[citation needed]", "[...]"])
def test_words_in_brackets_are_no_shortcode(raw):
    assert to_html(raw).notices == ()


def test_a_gallery_shows_the_pictures_that_it_names():
    assert flat('[gallery ids="2,1"]') == (
        '<figure class="wp-block-gallery">'
        '<figure><img src="http://old.example/files/b.jpg" alt=""></figure>'
        '<figure><img src="http://old.example/files/a.jpg" alt="Ann" width="640" height="480">'
        "<figcaption>The “first”</figcaption></figure></figure>"
    )


def test_a_gallery_without_numbers_shows_the_pictures_of_the_post():
    assert flat("[gallery]") == (
        '<figure class="wp-block-gallery"><figure><img src="http://old.example/files/d.png" alt=""></figure></figure>'
    )


COPIES = [
    ('<img data-src="https://a.example/p.jpg"><noscript><img src="https://a.example/p.jpg"></noscript>', 1),
    (
        '<noscript> <img src="https://a.example/p.jpg"/> </noscript>\n<img class="x" data-lazy-src="https://a.example/p.jpg">',
        1,
    ),
    ('<noscript><img src="https://a.example/p.jpg"></noscript>', 1),
    ('<img src="https://a.example/q.jpg"><noscript><img src="https://a.example/p.jpg"></noscript>', 2),
]


@pytest.mark.parametrize(("raw", "pictures"), COPIES)
def test_a_picture_that_is_loaded_late_is_there_once(raw, pictures):
    assert to_html(raw).html.count("<img") == pictures and "a.example/p.jpg" in to_html(raw).html
