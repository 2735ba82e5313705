"""Films from elsewhere stand in a post as a link, until a reader presses it."""

import pytest

from blog import video_embeds

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"


@pytest.mark.parametrize(
    ("address", "embed"),
    [
        ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE),
        ("https://youtu.be/dQw4w9WgXcQ?si=abc", YOUTUBE),
        ("https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=1m30s", f"{YOUTUBE}&start=90"),
        ("https://www.youtube.com/shorts/dQw4w9WgXcQ", YOUTUBE),
        ("https://vimeo.com/76979871", "https://player.vimeo.com/video/76979871?dnt=1"),
        ("https://vimeo.com/76979871/8272103f6e", "https://player.vimeo.com/video/76979871?dnt=1&h=8272103f6e"),
    ],
)
def test_an_address_alone_on_its_line_is_a_place_for_a_player(make_post, address, embed):
    html = make_post(source=f"Look:\n\n{address}\n\nNice.").html
    assert f'data-player="{embed.replace("&", "&amp;")}"' in html
    assert "<iframe" not in html
    assert html.count("Play on") == 1


@pytest.mark.parametrize(
    "source",
    [
        "See https://youtu.be/dQw4w9WgXcQ there.",
        "[A film](https://youtu.be/dQw4w9WgXcQ)",
        "https://youtu.be.example.org/dQw4w9WgXcQ",
        "https://www.youtube.com/@somebody",
        "https://vimeo.com/about",
        "https://evil.example/?https://vimeo.com/76979871",
        "    https://youtu.be/dQw4w9WgXcQ",
    ],
)
def test_any_other_stays_what_it_is(make_post, source):
    assert "data-player" not in make_post(source=source).html


def test_an_address_cannot_break_out():
    for trick in ("&quot;onload=x", "%22%3E", "&lt;b&gt;"):
        address = f"https://youtu.be/dQw4w9WgXcQ?t=1{trick}&amp;h={trick}"
        shown = video_embeds.embed_videos(f'<p><a href="{address}">{address}</a></p>')
        assert f'data-player="{YOUTUBE}"' in shown
        assert trick not in shown


def test_what_an_import_brought_plays_too(make_post):
    post = make_post(source="<p>https://vimeo.com/76979871</p>", source_format="html")
    assert 'data-player="https://player.vimeo.com/video/76979871?dnt=1"' in post.html
