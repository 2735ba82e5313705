"""The picture and the times on the card of a page, and what a feed has to see and to hear."""

import json
import re
from datetime import UTC, datetime
from html import unescape
from xml.etree import ElementTree

import feedparser
import pytest

from blog.models import Media, Post, ReadingSettings
from core import cache_version

HOST = "http://localhost:8000"
MEDIA, ATOM = "{http://search.yahoo.com/mrss/}", "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def make_media(ada):
    """A row of the library; of what it shows nobody asks here."""

    def make(format="jpeg", width=1200, height=800, **facts):
        picture = format in ("jpeg", "png", "gif")
        kind, sizes = ("picture", {"width": width, "height": height, "widths": [480]}) if picture else ("document", {})
        facts = {"title": f"hills.{format}", "file_name": f"hills.{format}", "size": 4321} | sizes | facts
        return Media.objects.create(kind=kind, format=format, by=ada, **facts)

    return make


def card(client, path):
    said = re.findall(
        r'<meta (?:property|name)="((?:og|twitter|article):[^"]+)" content="([^"]*)">',
        client.get(path).content.decode(),
    )
    return {name: unescape(value) for name, value in said}


def picture_of(said):
    names = ("og:image", "og:image:alt", "og:image:width", "og:image:height", "twitter:card")
    return tuple(said.get(name) for name in names)


def with_header(media):
    ReadingSettings.objects.update(header_picture=media)
    cache_version.invalidate(cache_version.EVERYTHING)


def test_the_card_of_a_post_shows_its_first_picture(client, make_media, make_post):
    first, second = make_media(alt="A red hill & a dog"), make_media()
    post = make_post("Hills", f"Words.\n\n![]({first.get_absolute_url()})\n\n![]({second.get_absolute_url()})")
    expected = (f"{HOST}{first.get_absolute_url()}", "A red hill & a dog", "1200", "800", "summary_large_image")
    assert picture_of(card(client, post.path)) == expected
    assert f'"image": "{HOST}{first.get_absolute_url()}"' in client.get(post.path).content.decode()


def test_the_card_of_a_post_shows_the_picture_that_its_author_chose(client, make_media, make_post):
    chosen, other = make_media(width=500, height=400, alt="Selected"), make_media()
    post = make_post("Hills", f"![x]({other.get_absolute_url()})", featured=chosen)
    assert picture_of(card(client, post.path)) == (
        f"{HOST}{chosen.get_absolute_url()}",
        "Selected",
        "500",
        "400",
        "summary",
    )


@pytest.mark.parametrize(
    ("source", "url", "kind"),
    [
        ("![map](map.png)", "{post}map.png", "summary"),
        ("![map](https://a.example/m.png?a=1&b=2)", "https://a.example/m.png?a=1&b=2", "summary"),
        ("![map](//a.example/m.png)", "http://a.example/m.png", "summary"),
        ('<img src="/m.png" alt="map" width="800" height="400">', f"{HOST}/m.png", "summary_large_image"),
        ('<img src="/smile.png" alt=":)" width="16" height="16"> ![map](/m.png)', f"{HOST}/m.png", "summary"),
    ],
)
def test_a_picture_from_elsewhere_stands_for_the_post_too(client, make_post, source, url, kind):
    post = make_post("Hills", source)
    said = card(client, post.path)
    assert said["og:image"] == url.format(post=f"{HOST}{post.path}")
    assert (said["og:image:alt"], said["twitter:card"]) == ("map", kind)


def test_a_page_without_a_picture_shows_the_head_of_the_blog_else_its_icon(client, make_media, make_post, blog):
    make_post("Hills")
    paths = ("/", "/author/ada/")
    assert picture_of(card(client, "/")) == (None, None, None, None, "summary")
    ReadingSettings.objects.update(icon="a1b2c3")
    cache_version.invalidate(cache_version.EVERYTHING)
    icon = (f"{HOST}/icon-a1b2c3-512.png", None, "512", "512", "summary")
    assert [picture_of(card(client, path)) for path in paths] == [icon] * 2
    head = make_media(width=1600, height=500, alt="Fog")
    with_header(head)
    expected = (f"{HOST}{head.get_absolute_url()}", "Fog", "1600", "500", "summary_large_image")
    assert [picture_of(card(client, path)) for path in paths] == [expected] * 2


def test_an_article_says_when_it_appeared_and_was_changed(client, ada, make_post, on):
    post = make_post("Hills", at=on(2020, 1, 2, 3, 4))
    post.revise(ada, source="Other words.")
    said = card(client, post.path)
    assert said["article:published_time"] == "2020-01-02T03:04:00+00:00"
    assert said["article:modified_time"] == post.updated_at.isoformat(timespec="seconds")
    page = make_post("About", kind="page", at=on(2020, 5, 5))
    Post.objects.filter(pk=page.pk).update(updated_at=on(2019, 1, 1))  # written long before it appeared
    cache_version.invalidate(cache_version.EVERYTHING)
    said = card(client, page.path)
    assert said["article:published_time"] == said["article:modified_time"] == "2020-05-05T00:00:00+00:00"
    assert not any(name.startswith("article:") for name in card(client, "/"))


FORMS = ["/feed/", "/feed/atom/", "/feed/json/"]
HIDDEN = [
    {"password": "finish line"},
    {"visibility": "private"},
    {"draft": True},
    {"at": datetime(2099, 1, 1, tzinfo=UTC)},
]


@pytest.mark.parametrize("facts", HIDDEN, ids=["locked", "private", "draft", "later"])
def test_what_not_everybody_may_read_names_no_picture_and_no_sound(client, as_, ada, make_media, make_post, facts):
    shown, heard, chosen = make_media(), make_media("mp3"), make_media()
    source = f"![x]({shown.get_absolute_url()})\n\n[hear]({heard.get_absolute_url()})"
    post = make_post("Hills", source, featured=chosen, **facts)
    make_post("Dales")
    pages = [client.get(path).content.decode() for path in ("/", post.get_absolute_url(), *FORMS)]
    assert not any(media.name in page for media in (shown, heard, chosen) for page in pages)
    assert "og:image" not in card(as_(ada), post.get_absolute_url())


@pytest.mark.parametrize("path", FORMS)
def test_a_feed_carries_the_featured_picture(client, make_media, make_post, path):
    chosen = make_media("png", alt="Fog & sun")
    make_post("Dales")
    make_post("Hills", featured=chosen)
    answer, url = client.get(path), f"{HOST}{chosen.get_absolute_url()}"
    if path.endswith("json/"):
        assert [item.get("image") for item in json.loads(answer.content)["items"]] == [url, None]
        return
    assert not feedparser.parse(answer.content).bozo
    pictures = list(ElementTree.fromstring(answer.content).iter(f"{MEDIA}content"))
    assert [picture.attrib for picture in pictures] == [
        {"url": url, "medium": "image", "type": "image/png", "width": "1200", "height": "800"}
    ]
    assert pictures[0].findtext(f"{MEDIA}description") == "Fog & sun"


TYPES = {"mp3": "audio/mpeg", "m4a": "audio/mp4", "mp4": "video/mp4"}


@pytest.mark.parametrize("format", TYPES)
@pytest.mark.parametrize(
    "words", ["[hear it](%s)", '<audio controls src="%s"></audio>', '<video src="%s#t=5"></video>']
)
def test_an_uploaded_sound_or_film_is_an_enclosure(client, make_media, make_post, format, words):
    media, other = make_media(format), make_media("mp3", size=99)
    make_post("Hills", words % media.get_absolute_url() + f"\n\n[and this]({other.get_absolute_url()})")
    urls = [f"{HOST}{file.get_absolute_url()}" for file in (media, other)]
    facts = {"url": urls[0], "length": "4321", "type": TYPES[format]}
    assert [entry.attrib for entry in ElementTree.fromstring(client.get("/feed/").content).iter("enclosure")] == [facts]
    links = ElementTree.fromstring(client.get("/feed/atom/").content).iter(f"{ATOM}link")
    links = [link.attrib for link in links if link.get("rel") == "enclosure"]
    assert links[0] == {"rel": "enclosure", "href": urls[0], "length": "4321", "type": TYPES[format]}
    assert [link["href"] for link in links] == urls
    attachments = json.loads(client.get("/feed/json/").content)["items"][0]["attachments"]
    assert attachments[0] == {"url": urls[0], "mime_type": TYPES[format], "size_in_bytes": 4321}
    assert [each["url"] for each in attachments] == urls


@pytest.mark.parametrize("words", ["[read](%s)", "[hear](https://a.example/x.mp3)", "Nothing", "`%s`"])
def test_what_is_no_sound_of_ours_is_no_enclosure(client, make_media, make_post, words):
    media = make_media("pdf" if "read" in words else "mp3")
    make_post("Hills", words.replace("%s", media.get_absolute_url()))
    assert b"enclosure" not in client.get("/feed/").content
    assert "attachments" not in json.loads(client.get("/feed/json/").content)["items"][0]


def test_a_feed_asks_once_for_all_sounds(client, make_media, make_post, django_assert_max_num_queries):
    def queries():
        cache_version.invalidate(cache_version.EVERYTHING)
        client.get("/")
        with django_assert_max_num_queries(99) as asked:
            client.get("/feed/")
        return len(asked)

    make_post("Dales")
    without = queries()
    for _number in range(4):
        make_post("Hills", f"[hear]({make_media('mp3').get_absolute_url()})")
    assert queries() == without + 1
