import json
from datetime import datetime, timedelta

import feedparser
import pytest
from django.test import Client
from django.utils.http import http_date

from comments.models import Comment
from core import cache_version


@pytest.fixture
def protected(make_post, make_comment):
    post = make_post("Secret", password="plum")
    make_comment("marker-in-secret", on=post)
    return post


def read(path, **headers):
    response = Client(headers=headers).get(path)
    assert response.status_code == 200
    return response, feedparser.parse(response.content)


@pytest.mark.parametrize("form", ["", "atom/", "rss/"])
def test_the_blogs_feed_brings_approved_comments_newest_first(post, make_comment, protected, make_post, form):
    first, second = make_comment("One **bold** word"), make_comment("Two", name="Bob")
    make_comment("waiting", state="pending")
    make_comment("private", on=make_post("P", visibility="private"))
    response, feed = read(f"/comments/feed/{form}")
    assert not feed.bozo
    assert feed.feed.title == "Comments for Ada runs"
    assert [entry.title for entry in feed.entries] == ["Comment on A long run by Bob", "Comment on A long run by Ann"]
    assert feed.entries[1].link == f"http://localhost:8000/comments/to/{first.pk}/"
    assert "<strong>bold</strong>" in feed.entries[1].content[0].value
    assert b"marker-in-secret" not in response.content and b"waiting" not in response.content
    assert second.pk > first.pk


def test_the_json_feed_says_the_same(post, make_comment):
    make_comment("One")
    said = json.loads(read("/comments/feed/json/")[0].content)
    assert said["version"].endswith("1.1") and [item["title"] for item in said["items"]] == [
        "Comment on A long run by Ann"
    ]


@pytest.mark.parametrize("form", ["", "atom/", "json/"])
def test_each_post_has_a_feed_of_its_own(make_post, post, make_comment, form):
    make_comment("here")
    make_comment("elsewhere", on=make_post("Other"))
    response = Client().get(f"{post.path}feed/{form}")
    assert response.status_code == 200
    assert b"Comments on: A long run" in response.content and b"By: Ann" in response.content
    assert b"here" in response.content and b"elsewhere" not in response.content


def test_the_feed_of_a_protected_post_tells_nothing(protected):
    response = Client().get(f"{protected.path}feed/")
    assert b"Protected Comments" in response.content and b"marker-in-secret" not in response.content


@pytest.mark.parametrize("hidden", [{"visibility": "private"}, {"draft": True}])
def test_a_post_that_is_not_public_has_no_feed(ada, as_, make_post, hidden):
    post = make_post("Hidden", **hidden)
    path = post.path or "/2026/01/01/hidden/"
    assert Client().get(f"{path}feed/").status_code == 404


@pytest.mark.parametrize("path", ["/comments/feed/nonsense/", "/no/such/post/feed/"])
def test_a_feed_that_is_none_is_a_404(blog, path):
    assert Client().get(path).status_code == 404


def test_who_has_it_already_is_told_so(post, make_comment):
    make_comment()
    response, _feed = read("/comments/feed/")
    etag = response["ETag"]
    assert etag.startswith('W/"') and response["Last-Modified"]
    assert Client().get("/comments/feed/", headers={"if-none-match": etag}).status_code == 304
    make_comment("another")
    assert Client().get("/comments/feed/", headers={"if-none-match": etag}).status_code == 200


def test_addresses_in_feeds_come_from_the_site_and_not_from_the_request(post, make_comment):
    make_comment()
    content = Client(headers={"x-forwarded-host": "evil.example"}).get("/comments/feed/").content
    assert b"evil.example" not in content and b"http://localhost:8000/" in content


def test_strange_characters_keep_the_feed_well_formed(post, make_comment):
    make_comment("a\x08b ]]> <![CDATA[ \ufffe &amp; 🏃", name="N\x00\x1bul")
    assert not read("/comments/feed/")[1].bozo


@pytest.mark.parametrize("form", ["", "atom/"])
def test_what_a_stranger_typed_is_no_html_in_a_feed(client, make_comment, form):
    make_comment("<img src=x onerror=alert(1)> x<y")
    (entry,) = feedparser.parse(client.get(f"/comments/feed/{form}").content, sanitize_html=False).entries
    assert entry.summary == "&lt;img src=x onerror=alert(1)&gt; x&lt;y"


@pytest.mark.parametrize("form", ["", "atom/", "json/"])
def test_an_edited_comment_says_when_it_was_edited(post, make_comment, form):
    comment = make_comment("First this")
    edited = comment.posted_at + timedelta(minutes=9)
    Comment.objects.filter(pk=comment.pk).update(edited_at=edited)
    cache_version.increment()
    answer = Client().get(f"/comments/feed/{form}")
    text = answer.content.decode()
    if form == "atom/":
        assert f"<published>{comment.posted_at:%Y-%m-%dT%H:%M:%S}" in text
        assert f"<updated>{edited:%Y-%m-%dT%H:%M:%S}" in text.partition("<entry>")[2]
    if form == "json/":
        said = datetime.fromisoformat(answer.json()["items"][0]["date_modified"])
        assert said.replace(microsecond=0) == edited.replace(microsecond=0)
    assert answer["Last-Modified"] == http_date(edited.timestamp())
