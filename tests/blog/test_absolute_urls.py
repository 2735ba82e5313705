"""What a post's addresses become where its HTML stands away from its page."""

import json
import re

import feedparser
import pytest

from blog.absolute_urls import from_elsewhere, in_full
from blog.email_html import inline_styles
from blog.models import Post
from comments.models import Comment
from core import cache_version

HOST = "http://localhost:8000"
PAGE = f"{HOST}/2026/11/28/hills/"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("other/", f"{PAGE}other/"),
        ("../dales/", f"{HOST}/2026/11/28/dales/"),
        ("./map.png", f"{PAGE}map.png"),
        ("?page=2&amp;x=1", f"{PAGE}?page=2&amp;x=1"),
        ("", PAGE),
        ("//cdn.example/y", "http://cdn.example/y"),
        ("/about/", f"{HOST}/about/"),
        ("#p1a2b3-fn1", f"{PAGE}#p1a2b3-fn1"),
        ("#caf%C3%A9", f"{PAGE}#caf%C3%A9"),
        ("https://a.example/b?c=1&amp;d=2", "https://a.example/b?c=1&amp;d=2"),
        ("mailto:ada@example.org", "mailto:ada@example.org"),
        ("//[x]/", "//[x]/"),
    ],
)
@pytest.mark.parametrize("place", ['<a href="%s">x</a>', '<q cite="%s">x</q>', '<video poster="%s" src="%s"></video>'])
def test_an_address_is_in_full_for_who_does_not_know_where_we_are(place, written, meant):
    html, expected = (place.replace("%s", address) for address in (written, meant))
    assert in_full(html, PAGE) == expected


def test_every_picture_of_a_choice_is_in_full():
    html = (
        '<picture><source srcset="/media/a,b.webp 640w, b.webp 960w,//c.example/c.webp"><img alt="a > b" src="/a.png">'
    )
    assert in_full(html, PAGE) == (
        f'<picture><source srcset="{HOST}/media/a,b.webp 640w, {PAGE}b.webp 960w,{HOST}//c.example/c.webp">'
        f'<img alt="a > b" src="{HOST}/a.png">'
    ).replace(f"{PAGE}b.webp 960w,{HOST}//c", f"{PAGE}b.webp 960w,http://c")


def test_words_that_look_like_addresses_stay():
    html = '<code>&lt;a href="x/"&gt; src="/a</code> <p title="href=&quot;x/">href="x/"</p>'
    assert in_full(html, PAGE) == html and from_elsewhere(html, "/hills/") == html


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("other/", "/hills/other/"),
        ("../", "/"),
        ("map.png", "/hills/map.png"),
        ("/about/", "/about/"),
        ("//cdn.example/y", "//cdn.example/y"),
        ("HTTPS://a.example/", "HTTPS://a.example/"),
        ("#here", "#here"),
        ("#gone", "/hills/#gone"),
        ("#caf%C3%A9", "#caf%C3%A9"),
    ],
)
def test_in_a_list_an_address_is_meant_from_the_page_of_its_post(written, meant):
    html = f'<h2 id="here">x</h2><h3 id="café">y</h3><a href="{written}">x</a> <a href="z/">z</a>'
    assert f'<a href="{meant}">' in from_elsewhere(html, "/hills/")


@pytest.fixture
def linked(make_post):
    text = "See [this](other/), [that](//cdn.example/y) and a note[^1].\n\n[^1]: The note.\n\n![map](map.png)\n\n"
    return make_post("Hills", f"## One\n\n{text}## Two\n\n[up](#one)\n\n[TOC]\n", tags=["run"])


@pytest.mark.parametrize("path", ["/feed/", "/feed/atom/", "/feed/json/", "/tag/run/feed/"])
def test_a_feed_leads_where_the_post_leads(client, linked, path):
    answer, url = client.get(path), f"{HOST}{linked.path}"
    if path.endswith("json/"):
        html = json.loads(answer.content)["items"][0]["content_html"]
    else:
        html = (
            feedparser.parse(answer.content, sanitize_html=False, resolve_relative_uris=False)
            .entries[0]
            .content[0]
            .value
        )
    addresses = set(re.findall(r'(?:href|src)="([^"]*)"', html))
    assert {f"{url}other/", "http://cdn.example/y", f"{url}map.png"} <= addresses
    assert all(address.startswith("http") for address in addresses)
    places = {address for address in addresses if "#" in address}
    assert len(places) >= 3 and all(address.startswith(f"{url}#") for address in places)


def test_home_leads_where_the_post_leads_and_keeps_its_places(client, linked):
    page = client.get("/").content.decode()
    assert f'href="{linked.path}other/"' in page and f'src="{linked.path}map.png"' in page
    note = re.search(r'href="(#[^"]*fn[^"]*1)"', page)
    assert note and f'id="{note[1][1:]}"' in page


def test_a_place_below_the_fold_is_at_the_post(client, make_post):
    post = make_post("Hills", "See [below](#below) and [this](other/).\n\n<!--more-->\n\n## Below\n\nMore.")
    page = client.get("/").content.decode()
    assert re.search(rf'href="{post.path}#[^"]*below"', page) and f'href="{post.path}other/"' in page


def test_an_email_leads_where_the_post_leads(linked):
    html = inline_styles('<blockquote cite="src/">x</blockquote>' + linked.html, f"{HOST}{linked.path}")
    addresses = set(re.findall(r'(?:href|src|cite)="([^"]*)"', html))
    assert {f"{HOST}{linked.path}{name}" for name in ("other/", "map.png", "src/")} <= addresses
    assert all(address.startswith("http") for address in addresses)


def test_a_preview_leads_where_the_post_leads(as_, ada, linked):
    page = as_(ada).get(f"/desk/posts/{linked.pk}/preview/").content.decode()
    assert f'href="{linked.path}other/"' in page
    assert 'href="other/"' in as_(ada).get(linked.path).content.decode()


def test_a_preview_of_a_draft_leads_where_it_will_lead(as_, ada, make_post):
    draft = make_post("Hills", "See [this](other/).", draft=True)
    for path in (f"/desk/posts/{draft.pk}/preview/", f"/desk/posts/{draft.pk}/in-iframe/"):
        page = as_(ada).get(path).content.decode()
        assert re.search(r'href="/[0-9]{4}/[0-9]{2}/[0-9]{2}/hills/other/"', page)
    typed = {"title": "Dales", "source": "[this](other/)"}
    assert '/dales/other/"' in as_(ada).post("/desk/preview/", typed).content.decode()


def test_an_answer_leads_where_it_led_at_the_post(client, as_, ada, linked):
    Comment.objects.create(post=linked, text="x", name="Rene", state="approved")
    Comment.objects.update(html='<p><a href="other/">x</a> <a href="#respond">y</a></p>')
    cache_version.invalidate(cache_version.EVERYTHING)
    assert f'href="{linked.path}other/"' in client.get(linked.path).content.decode()
    assert f'href="{HOST}{linked.path}other/"' in feedparser_content(client.get("/comments/feed/"))
    assert f'href="{linked.path}other/"' in as_(ada).get("/desk/comments/approved/").content.decode()


def feedparser_content(answer):
    return (
        feedparser.parse(answer.content, sanitize_html=False, resolve_relative_uris=False).entries[0].content[0].value
    )


def test_a_relative_link_that_leads_nowhere_is_named_before_publishing(as_, ada, make_post):
    post = make_post("Hills", "[gone](nowhere/) and [up](../)")
    page = as_(ada).get(f"/desk/posts/{post.pk}/checks/").content.decode()
    assert f"leads to a page that readers cannot see: {post.path}nowhere/" in page
    assert Post.objects.get().path == post.path
