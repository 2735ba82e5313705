"""The settings of the blog: what they are called, and what a change of addresses means."""

import pytest

from blog.models import Category, Post, Reading
from ground.models import Site


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
        "reading-sidebar": "on",
    } | {name.replace("__", "-"): value for name, value in facts.items()}


def test_the_blog_gets_another_name_place_and_language(desk, client):
    answer = desk.post(
        "/desk/settings/",
        typed(site__title="Ada rests", site__timezone="Asia/Tokyo", site__language="de", reading__accent="#2f5d3a"),
    )
    assert answer.status_code == 302
    site, reading = Site.objects.get(), Reading.objects.get()
    assert (site.title, site.timezone, site.language, reading.accent) == ("Ada rests", "Asia/Tokyo", "de", "#2f5d3a")
    page = client.get("/").content.decode()
    assert "Ada rests" in page
    assert '<html lang="de"' in page


def test_other_permalinks_move_the_posts_and_the_old_addresses_lead_there(desk, client, make_post):
    post = make_post()
    assert "A change gives 1 post a new address." in desk.get("/desk/settings/").content.decode()
    page = desk.post("/desk/settings/", typed(reading__permalinks="name"), follow=True).content.decode()
    assert "1 post has a new address" in page
    assert Post.objects.get().path == "/a-long-run/"
    assert client.get(post.path)["Location"].endswith("/a-long-run/")
    desk.post("/desk/settings/", typed())
    assert Post.objects.get().path == post.path
    assert client.get(post.path).status_code == 200


@pytest.mark.parametrize(
    ("facts", "field", "told"),
    [
        ({"site__title": ""}, "site-title", "required"),
        ({"site__timezone": "Mars/Olympus"}, "site-timezone", "valid choice"),
        ({"site__language": "tlh"}, "site-language", "valid choice"),
        ({"reading__posts_per_page": "0"}, "reading-posts_per_page", "greater than or equal to 1"),
        ({"reading__accent": "red;}"}, "reading-accent", "six digits"),
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
    desk.post("/desk/settings/", typed(site__title="Half done", reading__accent="red"))
    assert "Half done" not in client.get("/").content.decode()


def test_settings_are_the_owners(as_, ed):
    assert as_(ed).get("/desk/settings/").status_code == 403
    assert as_(ed).post("/desk/settings/", typed(site__title="Mine")).status_code == 403
    assert Site.objects.get().title == "Ada runs"


def test_the_default_category_is_one_of_ours(desk, ada):
    sport = Category.objects.create(name="Sport")
    desk.post("/desk/settings/", typed(reading__default_category=sport.pk))
    assert Reading.objects.get().default_category == sport
