"""A category as a podcast: its feed keeps the published rules of Apple Podcasts and of the Podcast Index."""

import io
import json
import re
import uuid
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from blog.feeds.apple_categories import APPLE_CATEGORIES, apple_category_choices
from blog.feeds.chapters import chapters_of
from blog.media import uploads
from blog.models import Category, Media, Podcast, Post, Redirect, Series
from tests.recordings import SILENCE, film

ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PODCAST = "{https://podcastindex.org/namespace/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/category/runs/feed/podcast/"


@pytest.fixture
def upload(ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return lambda name, content: uploads.store_upload(SimpleUploadedFile(name, content), ada)


def square(side, form="PNG"):
    out = io.BytesIO()
    Image.new("L", (side, side) if isinstance(side, int) else side).save(out, form)
    return out.getvalue()


@pytest.fixture
def podcast(upload, ada, blog):
    facts = {"title": "Ada runs & talks", "description": "Miles & more.", "author": "Ada", "email": "ada@example.org"}
    return Podcast.objects.create(
        category=Category.objects.create(name="Runs"), cover=upload("cover.png", square(1400)), language="en-gb",
        apple_category="Sports: Running", **facts,
    )  # fmt: skip


@pytest.fixture
def episodes(podcast, upload, make_post, on):
    """Two episodes, of sound and of film, and much that is none."""
    sound, picture = upload("first.mp3", SILENCE), upload("square.png", square(1500))
    text = (
        f"{sound.markdown}\n\n## 0:00 Hello\n\nWords.\n\n## 1:02:30 – The <river>\n\n## 12:30 Home & back\n\n## Notes"
    )
    first = make_post("First & foremost", text, at=on(2020, 1, 1), categories=["Runs"], featured=picture,
                      series=Series.objects.create(name="One"), series_number=7)  # fmt: skip
    second = make_post("Second", upload("second.m4v", film(b"M4V ")).markdown, at=on(2020, 1, 2), categories=["Runs"])
    make_post("Words alone", at=on(2020, 1, 3), categories=["Runs"])
    make_post("A film that Apple does not take", upload("a.webm", b"\x1aE\xdf\xa3\x9fB\x82\x84webm").markdown,
              categories=["Runs"])  # fmt: skip
    make_post("Locked", sound.markdown, password="finish line", categories=["Runs"])
    make_post("Private", sound.markdown, visibility="private", categories=["Runs"])
    make_post("Draft", sound.markdown, draft=True, categories=["Runs"])
    make_post("Elsewhere", sound.markdown)
    return first, second


def channel_of(client, path=FEED):
    answer = client.get(path)
    assert answer.status_code == 200 and answer["Content-Type"].startswith("application/rss+xml")
    return ElementTree.fromstring(answer.content).find("channel")


def is_absolute(address):
    parts = urlsplit(address)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and " " not in address and address.isascii()


def test_the_channel_has_what_apple_requires(client, episodes):
    channel = channel_of(client)
    assert channel.findtext("title") == "Ada runs & talks" and channel.findtext("description") == "Miles & more."
    assert channel.findtext("language") == "en-gb" or channel.findtext("language") == "en-GB"
    assert channel.findtext(f"{ITUNES}explicit") == "false"
    category = channel.find(f"{ITUNES}category")
    assert category.get("text") == "Sports" and category.find(f"{ITUNES}category").get("text") == "Running"
    assert channel.findtext(f"{ITUNES}author") == "Ada" and channel.findtext(f"{ITUNES}type") == "episodic"
    owner = channel.find(f"{ITUNES}owner")
    assert (owner.findtext(f"{ITUNES}name"), owner.findtext(f"{ITUNES}email")) == ("Ada", "ada@example.org")
    assert is_absolute(channel.findtext("link")) and is_absolute(channel.find(f"{ATOM}link").get("href"))
    assert parsedate_to_datetime(channel.findtext("lastBuildDate")).tzinfo


def test_the_cover_is_a_square_that_everybody_may_fetch(client, episodes):
    address = channel_of(client).find(f"{ITUNES}image").get("href")
    assert is_absolute(address) and re.search(r"\.(jpe?g|png)$", address)
    answer = client.get(urlsplit(address).path)
    image = Image.open(io.BytesIO(b"".join(answer.streaming_content)))
    assert answer["Content-Type"] in ("image/jpeg", "image/png")
    assert image.size[0] == image.size[1] and 1400 <= image.size[0] <= 3000
    head = client.head(urlsplit(address).path)
    assert head.status_code == 200 and int(head["Content-Length"]) == Media.objects.get(title="cover.png").size


def test_every_item_is_an_episode_that_can_be_fetched(client, episodes):
    items = channel_of(client).findall("item")
    assert [item.findtext("title") for item in items] == ["Second", "First & foremost"]
    for item in items:
        (enclosure,) = item.findall("enclosure")
        assert is_absolute(enclosure.get("url"))
        assert enclosure.get("type") in ("audio/mpeg", "audio/x-m4a", "video/mp4", "video/x-m4v", "video/quicktime")
        path = urlsplit(enclosure.get("url")).path
        assert int(client.head(path)["Content-Length"]) == int(enclosure.get("length")) > 0
        part = client.get(path, headers={"Range": "bytes=0-9"})
        assert part.status_code == 206 and len(b"".join(part.streaming_content)) == 10
        assert parsedate_to_datetime(item.findtext("pubDate")).tzinfo
        assert item.findtext("guid") and item.find("guid").get("isPermaLink") == "false"
        assert is_absolute(item.findtext("link")) and item.findtext("description") is not None
        assert item.findtext(f"{ITUNES}episodeType") == "full"
        assert item.findtext(f"{ITUNES}duration").isdecimal()
        assert item.findtext(f"{ITUNES}title") == item.findtext("title") and item.findtext(f"{ITUNES}author") == "Ada"
    second, first = items
    assert first.findtext(f"{ITUNES}duration") == "6" and second.findtext(f"{ITUNES}duration") == "75"
    assert first.findtext(f"{ITUNES}episode") == "7" and second.find(f"{ITUNES}episode") is None
    assert first.find(f"{ITUNES}image").get("href").endswith("/square.png")


def test_a_number_that_a_former_series_left_is_no_number_of_an_episode(client, episodes):
    Post.objects.filter(series_number=7).update(series=None)
    assert channel_of(client).find(f"item/{ITUNES}episode") is None


def test_guids_stay_when_addresses_change(client, episodes, podcast):
    def guids():
        channel = channel_of(client)
        return channel.findtext(f"{PODCAST}guid"), [item.findtext("guid") for item in channel.findall("item")]

    before = guids()
    namespace = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")  # of podcastindex.org
    assert before[0] == str(uuid.uuid5(namespace, "localhost:8000/category/runs/feed/podcast"))
    episodes[0].move_to("elsewhere")
    category = podcast.category
    category.slug = "jogs"
    category.save()
    assert client.get(FEED)["Location"] == "/category/jogs/feed/podcast/"
    channel = channel_of(client, "/category/jogs/feed/podcast/")
    assert before == (channel.findtext(f"{PODCAST}guid"), [item.findtext("guid") for item in channel.findall("item")])


def test_what_the_podcast_index_adds(client, episodes, podcast):
    channel = channel_of(client)
    locked = channel.find(f"{PODCAST}locked")
    assert (locked.text, locked.get("owner")) == ("yes", "ada@example.org")
    assert channel.findtext(f"{PODCAST}medium") == "podcast"
    chapters = channel.findall("item")[1].find(f"{PODCAST}chapters")
    assert chapters.get("type") == "application/json+chapters" and is_absolute(chapters.get("url"))
    answer = client.get(urlsplit(chapters.get("url")).path)
    assert answer["Content-Type"] == "application/json+chapters"
    assert json.loads(answer.content) == {
        "version": "1.2.0",
        "chapters": [
            {"startTime": 0, "title": "Hello"},
            {"startTime": 750, "title": "Home & back"},
            {"startTime": 3750, "title": "The <river>"},
        ],
    }
    assert channel.findall("item")[0].find(f"{PODCAST}chapters") is None


def test_a_chapter_has_no_numbers_of_footnotes_and_its_formula_once(make_post):
    post = make_post(source="## 12:30 The *river*^[A note] and $a^2$", extended_markdown=True)
    assert chapters_of(post.html) == [{"startTime": 750, "title": "The river and a^2"}]


def test_chapters_are_for_those_who_may_read_the_post(client, make_post):
    text = "## 1:00 One"
    for facts in ({"draft": True}, {"password": "finish line"}, {"visibility": "private"}):
        assert client.get(f"/posts/{make_post(source=text, **facts).pk}/chapters.json").status_code == 404
    assert client.get(f"/posts/{make_post(source=text).pk}/chapters.json").status_code == 200
    assert client.get(f"/posts/{make_post().pk}/chapters.json").status_code == 404


@pytest.mark.parametrize(
    ("heading", "chapter"),
    [
        ("12:30 Title", (750, "Title")),
        ("<em>(0:05)</em> — A <b>bold</b> one", (5, "A bold one")),
        ("120:00 Two hours", (7200, "Two hours")),
        ("1:60 No time", None),
        ("12:30", None),
        ("At 12:30", None),
        ("12:30pm tea", None),
    ],
)
def test_headings_that_begin_with_a_time_are_chapters(heading, chapter):
    found = chapters_of(f'<h2 id="a">{heading}</h2><p>12:31 Not a heading</p>')
    assert [(each["startTime"], each["title"]) for each in found] == ([chapter] if chapter else [])


def test_optional_elements_are_left_out(client, podcast):
    podcast.cover.delete()
    Podcast.objects.update(email="", apple_category="Technology", explicit=True, serial=True, locked=False)
    podcast.refresh_from_db()
    podcast.save()
    channel = channel_of(client)
    assert channel.find(f"{ITUNES}image") is None and channel.find(f"{ITUNES}owner") is None
    assert channel.find(f"{ITUNES}category").get("text") == "Technology" and not list(channel.find(f"{ITUNES}category"))
    assert channel.findtext(f"{ITUNES}explicit") == "true" and channel.findtext(f"{ITUNES}type") == "serial"
    assert channel.findtext(f"{PODCAST}locked") == "no" and channel.find(f"{PODCAST}locked").get("owner") is None


def test_the_table_of_categories():
    assert len(APPLE_CATEGORIES) == 19
    names = [name for name, _label in apple_category_choices()]
    assert "Sports: Running" in names and "Technology" in names and len(names) == len(set(names)) == 19 + 91


def test_the_archive_names_the_feed(client, podcast, make_post):
    make_post(categories=["Runs", "Walks"])
    page = client.get("/category/runs/").content.decode()
    assert page.count(f'href="{FEED}"') == 2 and ">Podcast feed</a>" in page
    assert "podcast" not in client.get("/category/walks/").content.decode()
    assert client.get("/category/walks/feed/podcast/").status_code == 404


def typed(cover, **changes):
    return {"title": "Runs", "description": "Of runs.", "author": "Ada", "email": "ada@example.org", "cover": cover.pk,
            "language": "en", "apple_category": "Sports: Running", "locked": "on"} | changes  # fmt: skip


def test_the_desk_makes_a_category_a_podcast_and_ends_it(as_, ada, upload, client):
    category, cover = Category.objects.create(name="Runs"), upload("cover.jpg", square(3000, "JPEG"))
    path, desk = f"/desk/categories/{category.pk}/podcast/", as_(ada)
    assert path in desk.get(f"/desk/categories/{category.pk}/").content.decode()
    assert "Make it a podcast" in desk.get(path).content.decode()
    assert desk.post(path, typed(cover))["Location"] == path
    assert Podcast.objects.get().category == category and client.get(FEED).status_code == 200
    assert "http://localhost:8000/category/runs/feed/podcast/" in desk.get(path).content.decode()
    cover.delete()
    assert "Apple refuses feeds without one" in desk.get(path).content.decode()
    told = desk.post(path, {"action": "stop"}, follow=True).content.decode()
    assert "is no podcast any more" in told and not Podcast.objects.exists()
    assert client.get(FEED).status_code == 404
    assert desk.post(path, {"action": "stop"}).status_code == 302


@pytest.mark.parametrize(("side", "form"), [(1399, "PNG"), ((1400, 1500), "PNG"), (1500, "WEBP")])
def test_a_cover_that_apple_refuses_is_refused_in_words(as_, ada, upload, side, form):
    cover, category = upload(f"cover.{form.lower()}", square(side, form)), Category.objects.create(name="Runs")
    answer = as_(ada).post(f"/desk/categories/{category.pk}/podcast/", typed(cover, title="Kept"))
    page = answer.content.decode()
    assert answer.status_code == 422 and not Podcast.objects.exists()
    assert "1,400 to 3,000 pixels" in page and 'value="Kept"' in page


def test_a_cover_is_no_unused_file(podcast):
    assert podcast.cover not in Media.objects.unused()


def test_a_merged_category_brings_its_podcast_along(podcast):
    other = Category.objects.create(name="Jogs")
    podcast.category.merge_into(other)
    podcast.refresh_from_db()
    assert podcast.category == other and Redirect.objects.get(key="/category/runs").category == other
    Podcast.objects.create(category=Category.objects.create(name="Walks"), title="Walks", language="en")
    Category.objects.get(name="Walks").merge_into(other)
    assert Podcast.objects.get() == podcast and str(podcast) == "Ada runs & talks"
    assert Post.objects.count() == 0
