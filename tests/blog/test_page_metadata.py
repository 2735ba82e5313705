"""What a page says of itself to machines: canonical address, cards, microformats, linked data."""

import json
import re

import mf2py
import pytest


def linked_data(answer):
    return json.loads(
        re.search(r'<script type="application/ld\+json">(.*?)</script>', answer.content.decode(), re.S)[1]
    )


def test_a_post_is_an_h_entry_with_its_author(client, make_post):
    post = make_post("Hills", "Up *and* down.", tags=["run"], categories=["Sport"])
    parsed = mf2py.parse(client.get(post.path).content.decode(), url=f"http://localhost:8000{post.path}")
    entry = next(item for item in parsed["items"] if "h-entry" in item["type"])["properties"]
    assert entry["name"] == ["Hills"]
    assert "Up and down." in entry["content"][0]["value"]
    assert f"http://localhost:8000{post.path}" in entry["url"]
    assert set(entry["category"]) == {"run", "Sport"}
    assert entry["author"][0]["properties"]["name"] == ["Ada"]
    assert entry["published"][0].startswith(str(post.published_on))


def test_home_is_an_h_feed(client, make_post):
    make_post("Hills")
    make_post("", "A note without a title.", format="note")
    parsed = mf2py.parse(client.get("/").content.decode(), url="http://localhost:8000/")
    feed = next(item for item in parsed["items"] if "h-feed" in item["type"])
    assert len([child for child in feed["children"] if "h-entry" in child["type"]]) == 2


def test_linked_data_describes_the_post_and_cannot_be_broken_out_of(client, make_post):
    post = make_post("</script><script>alert(1)</script> & co", "Text.")
    answer = client.get(post.path)
    data = linked_data(answer)
    assert data["@type"] == "BlogPosting"
    assert data["headline"] == "</script><script>alert(1)</script> & co"
    assert data["url"] == f"http://localhost:8000{post.path}"
    assert b"<script>alert" not in answer.content


def test_canonical_drops_what_does_not_matter(client, make_post):
    post = make_post()
    page = client.get(f"{post.path}?utm_source=x&replytocom=3").content.decode()
    assert f'<link rel="canonical" href="http://localhost:8000{post.path}">' in page
    assert '<meta name="robots" content="noindex">' in page
    assert "noindex" not in client.get(f"{post.path}?utm_source=x").content.decode()


def test_cards_for_those_who_link_to_a_post(client, make_post):
    post = make_post("Hills", excerpt="Up, and then down.")
    page = client.get(post.path).content.decode()
    for line in ['property="og:type" content="article"', 'property="og:title" content="Hills"',
                 'property="og:description" content="Up, and then down."']:  # fmt: skip
        assert line in page


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Ada runs – In the morning"),
        ("/tag/run/", "Tag: run – Ada runs"),
        ("/search/?q=hi", "Search Results for “hi” – Ada runs"),
        ("/nothing/", "Page not found"),
        ("{post}", "Hills – Ada runs"),
    ],
)
def test_titles_are_those_of_wordpress(client, make_post, path, title):
    post = make_post("Hills", tags=["run"])
    page = client.get(path.format(post=post.path)).content.decode()
    assert f"<title>{title}" in page


def test_every_answer_carries_the_policies(client, make_post):
    post = make_post()
    for path in ("/", post.path, "/feed/", "/nothing/", "/accounts/login/"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
        assert "camera=()" in headers["Permissions-Policy"]


def test_a_guest_gets_no_cookie(client, make_post):
    post = make_post()
    for path in ("/", post.path, "/tag/none/", "/search/?q=x", "/feed/"):
        assert not client.get(path).cookies
