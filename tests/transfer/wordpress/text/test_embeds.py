"""URLs alone on a line, players in frames and objects, scripts of services."""

import pytest

from blog.embeds import embed_of
from transfer.wordpress.text import Context, to_html
from transfer.wordpress.text.embeds import video

FILM = "https://www.youtube.com/watch?v=abcdefghijk"


def flat(raw):
    return to_html(raw, Context()).html.replace("\n", "")


def link(url):
    return f'<p><a href="{url}">{url}</a></p>'


@pytest.mark.parametrize(
    ("url", "page"),
    [
        ("https://youtu.be/abcdefghijk", FILM),
        ("http://www.youtube.com/watch?v=abcdefghijk&feature=related", FILM),
        ("http://m.youtube.com/watch?v=abcdefghijk", FILM),
        ("//www.youtube.com/embed/abcdefghijk?rel=0", FILM),
        ("https://www.youtube-nocookie.com/embed/abcdefghijk", FILM),
        ("http://www.youtube.com/v/abcdefghijk&hl=en&fs=1", FILM),
        ("https://www.youtube.com/shorts/abcdefghijk", FILM),
        ("https://youtu.be/abcdefghijk?t=90", f"{FILM}&t=90"),
        ("https://www.youtube.com/watch?v=abcdefghijk#t=1m30s", f"{FILM}&t=1m30s"),
        ("https://www.youtube.com/playlist?list=PLabc", ""),
        ("https://www.youtube.com/user/ann", ""),
        ("https://vimeo.com/12345678", "https://vimeo.com/12345678"),
        ("https://player.vimeo.com/video/12345678?title=0", "https://vimeo.com/12345678"),
        ("https://vimeo.com/channels/staffpicks/12345678", "https://vimeo.com/12345678"),
        ("https://vimeo.com/12345678/abcdef0123", "https://vimeo.com/12345678/abcdef0123"),
        ("https://vimeo.com/moogaloop.swf?clip_id=12345678", "https://vimeo.com/12345678"),
        ("https://vimeo.com/ann", ""),
        ("https://x.example/watch?v=abcdefghijk", ""),
        ("javascript:alert(1)", ""),
        ("http://[", ""),
    ],
)
def test_a_video_is_known_by_every_spelling(url, page):
    assert video(url) == page
    assert not page or embed_of(page)  # what the blog makes a player of


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("https://youtu.be/abcdefghijk", link(FILM)),
        ("a\n\nhttps://youtu.be/abcdefghijk\n\nb", f"<p>a</p>{link(FILM)}<p>b</p>"),
        ("a\nhttps://youtu.be/abcdefghijk\nb", f"<p>a</p>{link(FILM)}<p>b</p>"),
        ("<p>https://youtu.be/abcdefghijk</p>", link(FILM)),
        ("<!-- wp:paragraph --><p>https://youtu.be/abcdefghijk</p><!-- /wp:paragraph -->", link(FILM)),
        ("see https://youtu.be/abcdefghijk", "<p>see https://youtu.be/abcdefghijk</p>"),
        ("https://x.example/a", link("https://x.example/a")),
        ("a\nhttps://x.example/a\nb", '<p>a<br><a href="https://x.example/a">https://x.example/a</a><br>b</p>'),
        ("<pre>\nhttps://youtu.be/abcdefghijk\n</pre>", "<pre>https://youtu.be/abcdefghijk</pre>"),
        ("<a href='x'>\nhttps://x.example/a\n</a>", '<p><a href="x"><br>https://x.example/a<br></a></p>'),
        ('<iframe src="//www.youtube.com/embed/abcdefghijk"></iframe>', link(FILM)),
        ('<p>a <iframe src="https://player.vimeo.com/video/12345678"></iframe> b</p>',
         f"<p>a</p>{link('https://vimeo.com/12345678')}<p>b</p>"),
        ('<object><param name="movie" value="http://www.youtube.com/v/abcdefghijk" />'
         '<embed src="http://www.youtube.com/v/abcdefghijk"></embed></object>', link(FILM)),
        ('<embed src="http://www.youtube.com/v/abcdefghijk">', link(FILM)),
        ("<style>p { color: red }</style>a", "<p>a</p>"),
    ],
)  # fmt: skip
def test_an_embed_becomes_a_player_or_a_link(raw, shown):
    assert flat(raw) == shown
    assert to_html(raw).notices == ()


@pytest.mark.parametrize(
    ("raw", "shown", "notices"),
    [
        ("https://twitter.com/a/status/1", link("https://twitter.com/a/status/1"),
         [("embed", "https://twitter.com/a/status/1")]),
        ('<iframe src="https://maps.example/x"></iframe>', link("https://maps.example/x"), [("embed", "https://maps.example/x")]),
        ('<iframe srcdoc="x"></iframe>a', "<p>a</p>", [("html", "<iframe>")]),
        ('<script src="https://gist.github.com/a/1.js"></script>', link("https://gist.github.com/a/1"),
         [("embed", "https://gist.github.com/a/1")]),
        ('<script src="http://static.polldaddy.com/p/123.js"></script><noscript><a href="https://poll.fm/123">P</a></noscript>',
         link("https://poll.fm/123") + '<p><a href="https://poll.fm/123">P</a></p>',
         [("poll", "http://static.polldaddy.com/p/123.js"), ("embed", "https://poll.fm/123")]),
        ("<script>x = '<p>'</script>a", "<p>a</p>", [("html", "<script>")]),
        ("<svg><text>x</text></svg>a", "<p>a</p>", [("html", "<svg>")]),
        ("<form><label>Name</label> <input></form>", "<div>Name  </div>", [("form", "<input>")]),
        ("<math><mi>x</mi></math>", "<p>x</p>", [("html", "<math>")]),
    ],
)  # fmt: skip
def test_what_is_not_carried_as_it_was_is_named(raw, shown, notices):
    assert flat(raw) == shown
    assert list(to_html(raw).notices) == notices
