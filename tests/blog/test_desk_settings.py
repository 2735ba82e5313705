"""The settings of the blog: what they are called, and what a change of addresses means."""

import re
from types import SimpleNamespace

import pytest

from blog.desk import settings
from blog.models import Category, Post, ReadingSettings
from blog.models.reading_settings import usual_share_links
from core import languages
from core.jobs import run_ready
from core.models import Site
from tests.markup import squeeze


@pytest.fixture(autouse=True)
def owned(ada):
    """Without an owner every address would say that the blog is not set up."""


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def typed(**facts):
    return {
        "site-title": "Ada runs",
        "site-tagline": "In the morning",
        "site-language": "en",
        "site-timezone": "UTC",
        "reading-permalinks": "day",
        "reading-posts_per_page": "10",
        "reading-feed_items": "10",
        "reading-feed_full": "on",
        "reading-smart_punctuation": "on",
        "reading-link_cards": "on",
        "reading-share_links": usual_share_links(),
    } | {name.replace("__", "-"): value for name, value in facts.items()}


def test_the_blog_gets_another_name_place_and_language(desk, client):
    answer = desk.post(
        "/desk/settings/",
        typed(site__title="Ada rests", site__timezone="Asia/Tokyo", site__language="de"),
    )
    assert answer.status_code == 302
    site = Site.objects.get()
    assert (site.title, site.timezone, site.language) == ("Ada rests", "Asia/Tokyo", "de")
    assert "Ada rests" in client.get("/").content.decode()


@pytest.mark.parametrize(("language", "direction"), [("ja", "ltr"), ("he", "rtl"), ("pt-br", "ltr")])
def test_a_page_speaks_one_language_and_says_which_the_texts_are_in(client, desk, make_post, language, direction):
    """Django and allauth are translated into all of these, we are not."""
    Site.objects.update(language=language)
    post = make_post("Title", "Words")
    page = client.get(post.path).content.decode()
    assert '<html lang="en"' in page and ('dir="rtl"' in page[: page.index("<head>")]) is (direction == "rtl")
    said = f'lang="{languages.canonical(language)}" dir="{direction}"'
    assert f'<h1 class="entry__title p-name" {said}>' in page and f'<div class="prose e-content" {said}>' in page
    assert "a.m." not in page and "Leave a Reply" in page
    assert '<html lang="en"' in desk.get("/desk/").content.decode()


def test_other_permalinks_move_the_posts_and_the_old_addresses_lead_there(desk, client, make_post):
    post = make_post()
    assert "A change gives 1 post a new address." in desk.get("/desk/settings/").content.decode()
    page = desk.post("/desk/settings/", typed(reading__permalinks="name", site__title="Two")).content.decode()
    assert "1 post gets a new address" in page
    assert f">{post.path}</td>" in page and ">/a-long-run/</td>" in page
    assert Post.objects.get().path == post.path and Site.objects.get().title == "Ada runs"
    sure = dict(re.findall(r'<input type="hidden" name="((?:site|reading)[^"]+)" value="([^"]*)"', squeeze(page)))
    page = desk.post("/desk/settings/", sure | {"sure": "name"}, follow=True).content.decode()
    assert "1 post has a new address" in page and Site.objects.get().title == "Two"
    assert Post.objects.get().path == "/a-long-run/"
    assert client.get(post.path)["Location"].endswith("/a-long-run/")
    desk.post("/desk/settings/", typed(sure="day"))
    assert Post.objects.get().path == post.path
    assert client.get(post.path).status_code == 200


def test_smart_punctuation_is_switched_off_for_every_post(desk, make_post):
    post = make_post(source='She said "go" -- and went...')
    assert "“go” – and went…" in post.html
    desk.post("/desk/settings/", typed(reading__smart_punctuation=""))
    run_ready("long")
    assert '"go" -- and went...' in Post.objects.get().html
    desk.post("/desk/settings/", typed())
    run_ready("long")
    assert "“go” – and went…" in Post.objects.get().html


def test_another_language_of_the_blog_renders_the_posts_that_name_none(desk, make_post, monkeypatch):
    here, there = make_post("Here"), make_post("There", language="fr")
    monkeypatch.setattr(settings, "rerender", SimpleNamespace(enqueue=lambda: None))
    desk.post("/desk/settings/", typed(site__language="de"))
    old = set(Post.objects.filter(html_version=0).values_list("pk", flat=True))
    assert old == {here.pk} and there.pk not in old


@pytest.mark.parametrize("structure", ["day", "month", "name", "category"])
def test_the_moves_are_foretold_as_they_will_be(desk, make_post, structure):
    for number in range(7):
        make_post(f"Post {number}", categories=["Sport", "Bread"] if number else [])
    count, examples = settings.moves_to(structure)
    assert (count, len(examples)) == ((0, 0) if structure == "day" else (7, 5))
    desk.post("/desk/settings/", typed(reading__permalinks=structure, sure=structure))
    paths = dict(Post.objects.values_list("title", "path"))
    assert all(paths[title] == new for title, _old, new in examples)


def test_very_many_posts_are_moved_by_the_worker(desk, make_post, monkeypatch):
    monkeypatch.setattr(settings, "AT_ONCE", 0)
    post = make_post()
    page = desk.post("/desk/settings/", typed(reading__permalinks="name", sure="name"), follow=True)
    assert "move in the background" in page.content.decode() and Post.objects.get().path == post.path
    run_ready("long")
    assert Post.objects.get().path == "/a-long-run/"


@pytest.mark.parametrize(
    ("facts", "field", "told"),
    [
        ({"site__title": ""}, "site-title", "required"),
        ({"site__timezone": "Mars/Olympus"}, "site-timezone", "valid choice"),
        ({"site__language": "tlh"}, "site-language", "valid choice"),
        ({"reading__posts_per_page": "0"}, "reading-posts_per_page", "greater than or equal to 1"),
        ({"reading__default_category": "0"}, "reading-default_category", "valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_changes(desk, ada, facts, field, told):
    answer = desk.post("/desk/settings/", typed(site__tagline="New words") | typed(**facts))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert told in page
    assert f'id="id_{field}_error"' in page
    assert "<title>Error:" in page
    assert Site.objects.get().tagline == "In the morning"


def test_a_wrong_form_changes_nothing_of_the_page_around_it(desk, client, ada):
    desk.post("/desk/settings/", typed(site__title="Half done", reading__feed_items="red"))
    assert "Half done" not in client.get("/").content.decode()


def test_settings_are_the_owners(as_, ed):
    assert as_(ed).get("/desk/settings/").status_code == 403
    assert as_(ed).post("/desk/settings/", typed(site__title="Mine")).status_code == 403
    assert Site.objects.get().title == "Ada runs"


def test_the_default_category_is_one_of_ours(desk, ada):
    sport = Category.objects.create(name="Sport")
    desk.post("/desk/settings/", typed(reading__default_category=sport.pk))
    assert ReadingSettings.objects.get().default_category == sport


def test_every_page_of_the_settings_links_to_all_others(desk):
    links = re.findall(r'<a href="([^"]+)"', nav_of(desk.get("/desk/settings/")))
    assert len(links) > 10
    for link in links:
        nav = nav_of(desk.get(link))
        assert re.findall(r'<a href="([^"]+)"', nav) == links, link
        assert re.findall(r'<a href="([^"]+)"\s+aria-current="page"', nav) == [link]


def nav_of(page):
    return page.content.decode().partition('<nav aria-label="Settings">')[2].partition("</nav>")[0]
