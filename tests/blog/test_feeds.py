"""Feeds: valid for those who read them, the same address for ever, nothing in them that is not public."""

import json
from datetime import timedelta
from xml.etree import ElementTree

import feedparser
import pytest
from django.utils import timezone

from blog.feeds import sitemaps
from blog.models import Post, ReadingSettings, Tag
from core import cache_version

FORMS = ["/feed/", "/feed/atom/", "/feed/json/"]


def read(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    if path.endswith("json/"):
        data = json.loads(answer.content)
        return [(item["id"], item["url"], item.get("title", "")) for item in data["items"]]
    feed = feedparser.parse(answer.content)
    assert not feed.bozo, feed.get("bozo_exception")
    return [(item.id, item.link, item.get("title", "")) for item in feed.entries]


@pytest.mark.parametrize("path", FORMS)
def test_a_feed_names_each_post_for_good(client, make_post, path):
    post = make_post("Hills & <dales>", "Up *and* down ![map](/media/x/map.png)", tags=["run"])
    make_post("Draft", draft=True)
    make_post("Private", visibility="private")
    make_post("Later", at=timezone.now() + timedelta(days=1))
    url = f"http://localhost:8000{post.path}"
    assert read(client, path) == [(post.guid, url, "Hills & <dales>")]
    post.move_to("other")
    assert read(client, path)[0][0] == post.guid


@pytest.mark.parametrize("path", FORMS)
def test_addresses_come_from_the_site_and_not_from_the_host(client, make_post, path):
    make_post("Hills", "See [this](/about/)")
    text = client.get(path, headers={"Host": "testserver:99"}).content.decode()
    assert "testserver" not in text
    assert "http://localhost:8000/about/" in text


@pytest.mark.parametrize(
    "path", [*FORMS, "/tag/run/feed/", "/2020/feed/atom/", "/category/sport/feed/json/", "/author/ada/feed/"]
)
def test_whoever_has_the_newest_gets_a_304(client, make_post, on, path):
    make_post("Hills", tags=["run"], categories=["Sport"], at=on(2020, 5, 5))
    first = client.get(path)
    assert first["ETag"].startswith('W/"')
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 304
    make_post("Dales", tags=["run"], categories=["Sport"], at=on(2020, 5, 6))
    assert client.get(path, headers={"If-None-Match": first["ETag"]}).status_code == 200


def test_rss_carries_the_whole_text_and_the_answers(client, make_post):
    post = make_post("Hills", "First paragraph.\n\n<!--more-->\n\nSecond paragraph.")
    entry = feedparser.parse(client.get("/feed/").content).entries[0]
    assert "Second paragraph" in entry.content[0].value
    assert entry.comments.endswith(f"{post.path}#comments")
    assert entry.wfw_commentrss.endswith(f"{post.path}feed/")


def test_a_feed_of_summaries_is_the_owners_choice(client, blog, make_post):
    blog.feed_full = False
    blog.save()
    make_post("Hills", "First paragraph.\n\n<!--more-->\n\nSecond paragraph." + " word" * 100)
    assert "Second paragraph" not in client.get("/feed/").content.decode().partition("<item>")[0]
    assert "content" not in feedparser.parse(client.get("/feed/").content).entries[0]


def test_control_characters_break_no_feed(client, make_post):
    make_post("Bell \x07 and \x0b tab", "Text with \x08 in it")
    for path in FORMS:
        assert len(read(client, path)) == 1


def test_the_sitemap_tells_what_everybody_may_read(client, make_post):
    post = make_post(tags=["run"])
    hidden = [make_post("Private", visibility="private"), make_post("Locked", password="finish line"),
              make_post("Later", at=timezone.now() + timedelta(days=1))]  # fmt: skip
    index = client.get("/sitemap.xml").content.decode()
    assert "http://localhost:8000/sitemap-posts.xml" in index
    posts = client.get("/sitemap-posts.xml").getvalue().decode()
    assert f"http://localhost:8000{post.path}" in posts
    for other in hidden:
        assert other.slug not in posts
    assert "http://localhost:8000/tag/run/" in client.get("/sitemap-tags.xml").getvalue().decode()


def test_robots_find_the_sitemap(client, blog):
    assert "Sitemap: http://localhost:8000/sitemap.xml" in client.get("/robots.txt").content.decode()


def test_the_sitemap_is_written_a_few_lines_at_a_time(client, make_post, on, monkeypatch):
    monkeypatch.setattr(sitemaps, "CHUNK", 2)
    monkeypatch.setattr(sitemaps.Posts, "limit", 5)
    for number in range(1, 8):
        make_post(f"Run {number}", at=on(2020, 1, number))
    pieces = list(client.get("/sitemap-posts.xml"))
    assert [piece.count(b"<loc>") for piece in pieces] == [2, 2, 1, 0]
    whole = b"".join(pieces)
    assert ElementTree.fromstring(whole).tag.endswith("urlset")
    assert whole.index(b"run-7") < whole.index(b"run-3") and b"run-2" not in whole
    rest = client.get("/sitemap-posts.xml?p=2").getvalue()
    assert rest.count(b"<loc>") == rest.count(b"<lastmod>") == 2
    assert client.get("/sitemap-posts.xml?p=3").status_code == 404
    assert client.get("/sitemap-posts.xml?p=x").status_code == 404
    assert client.get("/sitemap-tags.xml").getvalue().count(b"<urlset") == 1


def test_a_vertical_tab_in_a_description_breaks_no_feed(client, make_post):
    post = make_post("Red", "Fields.", tags=["run"])
    Post.objects.filter(pk=post.pk).update(html='<p><img src="/x.png" alt="A red\x0bfield"></p>')
    tag = Tag.objects.get()
    tag.description = "Slowly,\x0bmostly."
    tag.save()
    cache_version.invalidate(cache_version.EVERYTHING)
    for path in ("/feed/", "/feed/atom/", "/feed/json/", "/tag/run/feed/"):
        answer = client.get(path)
        assert answer.status_code == 200 and b"\x0b" not in answer.content, path


def test_a_description_is_words_and_no_tags(client, make_post):
    make_post("HTML", "In HTML a page needs `<title>` & more.")
    for path in ("/feed/", "/feed/atom/"):
        (entry,) = feedparser.parse(client.get(path).content, sanitize_html=False).entries
        assert "&lt;title&gt; &amp; more" in entry.summary, path
    ReadingSettings.objects.update(feed_full=False)
    cache_version.invalidate(cache_version.EVERYTHING)
    item = json.loads(client.get("/feed/json/").content)["items"][0]
    assert "<title> & more" in item["summary"] and "&lt;title&gt; &amp; more" in item["content_html"]
