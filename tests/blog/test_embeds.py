"""Films, sound, posts and maps from elsewhere stand in a post as a link, until a reader presses it."""

from urllib.parse import parse_qs, urlsplit

import pytest

from blog import embeds
from blog.markup import POST, render

YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0&autoplay=1"
VIMEO = "https://player.vimeo.com/video/76979871?dnt=1&autoplay=1"
UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
BOX = "https://www.openstreetmap.org/export/embed.html?bbox="
DID = "did:plc:z72i7hdynmk6r22z27h6tvur"
TABLE = [
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", YOUTUBE, "wide"),
    ("https://youtu.be/dQw4w9WgXcQ?si=abc", YOUTUBE, "wide"),
    ("https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=1m30s", f"{YOUTUBE}&start=90", "wide"),
    ("https://www.youtube.com/shorts/dQw4w9WgXcQ", YOUTUBE, "tall"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&list=PLabcdefghij12", f"{YOUTUBE}&list=PLabcdefghij12", "wide"),
    ("https://www.youtube.com/playlist?list=PLabcdefghij12",
     "https://www.youtube-nocookie.com/embed/videoseries?list=PLabcdefghij12&autoplay=1", "wide"),
    ("https://vimeo.com/76979871", VIMEO, "wide"),
    ("https://vimeo.com/76979871#t=90s", f"{VIMEO}#t=90s", "wide"),
    ("https://vimeo.com/76979871/8272103f6e", f"{VIMEO}&h=8272103f6e", "wide"),
    ("https://www.dailymotion.com/video/x84sh87", "https://www.dailymotion.com/embed/video/x84sh87", "wide"),
    ("https://www.tiktok.com/@scout2015/video/6718335390845095173",
     "https://www.tiktok.com/embed/v2/6718335390845095173", "tall"),
    ("https://archive.org/details/BigBuckBunny_124", "https://archive.org/embed/BigBuckBunny_124", "wide"),
    (f"https://video.example.org/videos/watch/{UUID}",
     f"https://video.example.org/videos/embed/{UUID}?autoplay=1", "wide"),
    ("https://video.example.org/w/kkGMgK9ZtnKfYAgnEtQxbv?start=1m5s",
     "https://video.example.org/videos/embed/kkGMgK9ZtnKfYAgnEtQxbv?autoplay=1&start=65s", "wide"),
    ("https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT?si=a",
     "https://open.spotify.com/embed/track/4cOdK2wGLETKBW3PvgPWqT", "audio"),
    ("https://open.spotify.com/intl-de/album/1DFixLWuPkv3KT3TnV35m3",
     "https://open.spotify.com/embed/album/1DFixLWuPkv3KT3TnV35m3", "list"),
    ("https://soundcloud.com/forss/flickermood",
     "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2Fforss%2Fflickermood&auto_play=true", "audio"),
    ("https://podcasts.apple.com/us/podcast/the-daily/id1200361736?i=1000500000000",
     "https://embed.podcasts.apple.com/us/podcast/the-daily/id1200361736?i=1000500000000", "audio"),
    ("https://podcasts.apple.com/us/podcast/the-daily/id1200361736",
     "https://embed.podcasts.apple.com/us/podcast/the-daily/id1200361736", "list"),
    ("https://social.example/@ada/109372843234567890", "https://social.example/@ada/109372843234567890/embed", "post"),
    (f"https://bsky.app/profile/{DID}/post/3l6oveex3ii2l",
     f"https://embed.bsky.app/embed/{DID}/app.bsky.feed.post/3l6oveex3ii2l", "post"),
    ("https://www.instagram.com/p/CUbHfhpswxt/?utm=x", "https://www.instagram.com/p/CUbHfhpswxt/embed/", "post"),
    ("https://www.instagram.com/ada/reel/CUbHfhpswxt/", "https://www.instagram.com/reel/CUbHfhpswxt/embed/", "post"),
    ("https://x.com/jack/status/20000?s=20", "https://platform.twitter.com/embed/Tweet.html?id=20000&dnt=true", "post"),
    ("https://twitter.com/jack/status/20000/photo/1",
     "https://platform.twitter.com/embed/Tweet.html?id=20000&dnt=true", "post"),
    ("https://codepen.io/team/pen/PNaGbb", "https://codepen.io/team/embed/PNaGbb?default-tab=result", "page"),
    ("https://www.strava.com/activities/1234567890", "https://strava-embeds.com/activity/1234567890", "post"),
    ("https://www.google.com/maps/place/Berlin/@52.52,13.405,12.5z/data=!3m1",
     "https://www.google.com/maps?q=52.52%2C13.405&z=12&output=embed", "map"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "player", "shape"), TABLE)
def test_an_address_alone_on_its_line_is_a_place_for_a_player(make_post, address, player, shape):
    html = make_post(source=f"Look:\n\n{address}\n\nNice.").html
    assert f'data-player="{player.replace("&", "&amp;")}"' in html
    assert f'class="player player--{shape}"' in html
    assert "<iframe" not in html
    assert html.count("Play on") + html.count("Show what is on") == 1


@pytest.mark.parametrize(("address", "player", "shape"), TABLE)
def test_an_embed_code_of_theirs_becomes_the_same(address, player, shape):
    """Their codes hold the player's address, and so may ours."""
    code = f'<iframe src="{player.replace("&", "&amp;")}" width="560"></iframe>'
    made = embeds.embed_links(render(code, POST).html)
    found = embeds._SOURCE.findall(made.encode())
    assert [each.decode() for each in found] == ["{0.scheme}://{0.netloc}".format(urlsplit(player))]


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
        "https://bsky.app/profile/ada.example/post/3l6oveex3ii2l",
        "https://open.spotify.com/user/ada",
        "https://soundcloud.com/forss",
        "https://127.0.0.1/@ada/109372843234567890",
        "https://localhost/w/kkGMgK9ZtnKfYAgnEtQxbv",
        "https://social.example:8443/@ada/109372843234567890",
        "https://www.openstreetmap.org/about",
        "https://www.google.com/maps/place/Berlin",
        "https://gist.github.com/ada/0123456789abcdef",
    ],
)
def test_any_other_stays_what_it_is(make_post, source):
    assert "data-player" not in make_post(source=source).html


def test_a_map_shows_the_view_of_the_address():
    found = embeds.embed_of("https://www.openstreetmap.org/?mlat=52.5163&mlon=13.3777#map=15/52.5163/13.3777")
    asked = parse_qs(urlsplit(found.embed).query)
    west, south, east, north = map(float, asked["bbox"][0].split(","))
    assert west < 13.3777 < east and south < 52.5163 < north
    assert east - west < 0.05
    assert asked["marker"] == ["52.5163,13.3777"]
    again = embeds.embed_of(found.embed)
    assert again.embed == found.embed and "mlat=52.5163&mlon=13.3777" in again.watch
    for wrong in ("https://www.openstreetmap.org/export/embed.html?bbox=1,2,3", "https://www.openstreetmap.org/#map=x"):
        assert embeds.embed_of(wrong) is None


def test_a_map_of_google_by_its_code():
    found = embeds.embed_of("https://www.google.com/maps/embed?pb=!1m18!1m12!1m3!1d2428")
    assert found.embed == "https://www.google.com/maps/embed?pb=%211m18%211m12%211m3%211d2428"
    assert embeds.embed_of("https://www.google.com/maps/embed?pb=%22%3E") is None


@pytest.mark.parametrize(
    "address",
    [
        "https://[",
        f"{BOX}1..2,2,3,4",
        f"{BOX}....,2,3,4",
        "https://x.example:99999/",
        "ftp://youtu.be/dQw4w9WgXcQ",
        "",
        "x",
    ],
)
def test_a_broken_address_is_none(address):
    assert embeds.embed_of(address) is None


def test_an_address_cannot_break_out():
    for trick in ("&quot;onload=x", "%22%3E", "&lt;b&gt;"):
        address = f"https://youtu.be/dQw4w9WgXcQ?t=1{trick}&amp;h={trick}"
        shown = embeds.embed_links(f'<p><a href="{address}">{address}</a></p>')
        assert f'data-player="{YOUTUBE.replace("&", "&amp;")}"' in shown
        assert trick not in shown


def test_what_an_import_brought_plays_too(make_post):
    post = make_post(source="<p>https://vimeo.com/76979871</p>", source_format="html")
    assert 'data-player="https://player.vimeo.com/video/76979871?dnt=1&amp;autoplay=1"' in post.html


@pytest.mark.django_db
def test_a_page_may_load_the_players_of_its_own_embeds_alone(client, make_post):
    plain, film = make_post(source="Words."), make_post(source="https://vimeo.com/76979871")
    music = make_post(source="https://open.spotify.com/track/4cOdK2wGLETKBW3PvgPWqT\n\nhttps://vimeo.com/76979871")

    def allowed(path, **headers):
        policy = client.get(path, **headers).headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("frame-src")).split(" ")[1:]

    assert allowed(plain.path) == ["'self'"]
    assert allowed(film.path) == ["'self'", "https://player.vimeo.com"]
    assert allowed(music.path, headers={"Accept-Encoding": "br"}) == [
        "'self'", "https://open.spotify.com", "https://player.vimeo.com",
    ]  # fmt: skip
    assert set(allowed("/")) == set(allowed(music.path))


def test_stored_html_of_an_earlier_version_keeps_its_player():
    stored = b'<figure class="player" data-player="https://player.vimeo.com/video/76979871?dnt=1">'
    assert embeds.sources_in(stored) == {"https://player.vimeo.com"}


@pytest.mark.django_db
def test_a_comment_opens_no_frame(client, make_post):
    from comments.models import Comment

    post = make_post(source="Words.")
    text = '<figure data-player="https://evil.example/">\n\nhttps://vimeo.com/76979871\n\n'
    text += '`<figure class="player player--wide" data-player="https://evil.example/">`'
    Comment.objects.create(post=post, text=text, name='Bob data-player="https://evil.example/"', state="approved")
    response = client.get(post.path)
    assert b' data-player="https://evil.example/"' in response.content
    assert "evil.example" not in response.headers["Content-Security-Policy"]
