"""A post's HTML as mail programs can show it."""

import pytest

from blog.email_html import inline_styles

URL = "https://blog.example/2026/03/05/bridge/"


@pytest.mark.parametrize(
    ("html", "there", "gone"),
    [
        ('<a href="/about/">x</a>', 'href="https://blog.example/about/"', 'href="/about/"'),
        ('<a href="#p1-fn">1</a>', f'href="{URL}#p1-fn"', 'href="#'),
        ('<a href="https://example.org/?a=1&amp;b=2">x</a>', 'href="https://example.org/?a=1&amp;b=2"', "&b"),
        (
            '<picture><source srcset="/media/a/b-480.webp 480w" type="image/webp">'
            '<img alt="Fog" decoding="async" height="30" loading="lazy" src="/media/a/b.jpg" width="40"></picture>',
            'alt="Fog" height="30" src="https://blog.example/media/a/b.jpg"',
            "webp",
        ),
        ('<p class="align-right" id="x">y</p>', "<p style=", "align"),
        ("<details><summary>More</summary><p>z</p></details>", "More</h4>", "details"),
        ('<details><picture><img alt="" src="/a.jpg"></picture></details>', 'src="https://', "<picture"),
        ('<video controls src="/media/a/b.mp4"></video>', 'href="https://blog.example/media/a/b.mp4"', "<video"),
        ('<audio controls><source src="/media/a/b.mp3"></audio> rest', 'b.mp3"', "<audio"),
        (
            '<figure class="player" data-player="https://www.youtube-nocookie.com/embed/x">'
            '<a class="player__open" href="https://www.youtube.com/watch?v=x">Play on YouTube</a></figure>',
            'href="https://www.youtube.com/watch?v=x"',
            "data-player",
        ),
        ('<ul dir="rtl"><li dir="rtl">x</li></ul>', "padding-right:1.5em", "left"),
        ('<blockquote dir="rtl">x</blockquote>', "border-right:3px", "border-left"),
        ('<table dir="rtl"><tr><th dir="rtl">x</th></tr></table>', "text-align:right", "text-align:left"),
        ('<blockquote dir="ltr">x</blockquote>', "border-left:3px", "border-right"),
        ("<pre>\n\n  a &lt; b</pre>", "\n\n  a &lt; b</pre>", "a < b"),
    ],
)
def test_what_mail_programs_do_not_know_is_said_otherwise(html, there, gone):
    dressed = inline_styles(html, URL)
    assert there in dressed and gone not in dressed


def test_nothing_of_a_post_is_lost(make_post):
    source = "## Two\n\n- a\n- b\n\n| x | y |\n|---|---|\n| 1 | 2 |\n\n> said[^1]\n\n`code`\n\n[^1]: A note."
    post = make_post(source=source)
    for words in ("Two", "<li", "<td", "said", "code</code>", "A note."):
        assert words in post.email_body
    assert " class=" not in post.email_body.replace('class="l-link"', "")
