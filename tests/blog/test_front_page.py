"""What the front page shows: posts whole, as excerpts, cards or titles, of which categories, and how many."""

import re
from html import unescape

import pytest

from blog.models import Category, Media, ReadingSettings
from core import cache_version
from core.models import SettingsChange
from tests.blog.test_desk_settings import typed
from tests.markup import squeeze

HOWS = ["", "excerpts", "cards", "titles"]


def choose(**facts):
    row = ReadingSettings.objects.get()
    for name, value in facts.items():
        setattr(row, name, value)
    row.save()


def titles(page):
    links = re.findall(r'<a class="p-name u-url"[^>]*>(.*?)</a>', page)
    return [unescape(title) for title in links]


def text(client, path="/"):
    return squeeze(client.get(path).content.decode())


@pytest.fixture
def make_media(ada):
    def make(width=1200, height=800, **facts):
        facts = {"file_name": "hills.jpeg", "size": 4321, "widths": [480], "alt": "Hills"} | facts
        return Media.objects.create(kind="picture", format="jpeg", by=ada, width=width, height=height, **facts)

    return make


@pytest.mark.parametrize("how", HOWS)
def test_pinned_posts_come_first_whatever_the_page_shows(client, make_post, on, how):
    choose(front_posts=how, posts_per_page=2)
    make_post("Pinned", at=on(2018, 1, 1), sticky=True)
    for number in range(1, 5):
        make_post(f"Run {number}", at=on(2020, 1, number))
    first, second = text(client), text(client, "/page/2/")
    assert titles(first) == ["Pinned", "Run 4"] and titles(second) == ["Run 3", "Run 2"]
    assert first.count(">Featured<") == 1 and "Featured" not in second
    assert 'href="/page/2/"' in first and 'href="/page/3/"' in second


def test_the_front_page_shows_as_much_of_a_post_as_was_chosen(client, make_post):
    make_post("Long", "One *word*.\n\n" + "And more of them. " * 60)
    shown = {}
    for how in HOWS:
        choose(front_posts=how)
        shown[how] = text(client)
    assert "<em>word</em>" in shown[""] and "<em>word</em>" not in shown["excerpts"] + shown["cards"] + shown["titles"]
    assert "Continue reading →" in shown["excerpts"] and "One word." in shown["excerpts"]
    assert '<article class="card h-entry">' in shown["cards"] and '<p class="card__text p-summary"' in shown["cards"]
    assert '<ul class="titles h-feed">' in shown["titles"] and "One word." not in main_of(shown["titles"])


def main_of(page):
    return page.partition("<main")[2].partition("</main>")[0]


def test_only_cards_and_titles_load_their_style_sheet(client, make_post):
    post = make_post()
    loading = []
    for how in HOWS:
        choose(front_posts=how)
        loading.append("lists.css" in text(client))
        assert "lists.css" not in text(client, post.path) + text(client, "/author/ada/")
    assert loading == [False, False, True, True]


@pytest.mark.parametrize("how", HOWS)
def test_an_empty_blog_says_so(client, ada, how):
    choose(front_posts=how)
    page = text(client)
    assert "Nothing has been published here yet." in page and "lists.css" not in page


def test_a_card_has_the_featured_picture_or_the_first_large_one_of_the_text(client, make_post, make_media):
    featured, badge, first = make_media(alt="Chosen"), make_media(50, 40), make_media(alt="First")
    text_of = f"![]({badge.get_absolute_url()}) ![]({first.get_absolute_url()})"
    make_post("Both", text_of, featured=featured)
    make_post("In the text", text_of)
    make_post("Without", "Words")
    choose(front_posts="cards")
    cards = re.findall(r'<article class="card.*?</article>', text(client))
    pictures = {titles(card)[0]: re.findall(r'<img src="([^"]*)" alt="([^"]*)"', card) for card in cards}
    assert pictures == {
        "Both": [(featured.get_absolute_url(), "Chosen")],
        "In the text": [(first.get_absolute_url(), "First")],
        "Without": [],
    }


def test_a_card_of_a_protected_post_shows_nothing_of_it(client, make_post, make_media):
    picture = make_media()
    make_post("Locked", f"Secret ![]({picture.get_absolute_url()})", password="reeds", featured=picture, excerpt="Hush")
    for how in ("cards", "titles"):
        choose(front_posts=how)
        page = main_of(text(client))
        assert "Protected: Locked" in page and "<img" not in page and "Secret" not in page and "Hush" not in page


def test_a_post_without_a_title_says_its_words_once(client, make_post):
    post = make_post("", "Seven herons stand in the reeds, and none of them moves.")
    choose(front_posts="cards")
    card = main_of(text(client))
    assert card.count("Seven herons") == 1 and f'<a class="u-url" href="{post.path}" rel="bookmark"><time' in card
    choose(front_posts="titles")
    assert f'u-url" href="{post.path}" rel="bookmark" dir="auto">Seven herons stand' in main_of(text(client))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("how", "most"), [("cards", 5), ("titles", 5)])
def test_the_number_of_queries_does_not_grow(client, make_post, make_media, django_assert_max_num_queries, how, most):
    choose(front_posts=how)
    for number in range(8):
        make_post(f"Run {number}", f"![]({make_media().get_absolute_url()})", categories=["Sport"])
    client.get("/")
    with django_assert_max_num_queries(most):
        assert len(titles(text(client))) == 8


# Which posts, and how many


@pytest.fixture
def filed(make_post, on):
    """Posts in Sport, in Running, which is below it, in Sport cars, and in none; one of each kind is pinned."""
    sport = Category.objects.create(name="Sport")
    running = Category.objects.create(name="Running", parent=sport)
    cars = Category.objects.create(name="Sport cars")
    for number, category in enumerate([sport, running, cars, None], start=1):
        for sticky in (False, True):
            name = f"{category or 'None'}{' pinned' if sticky else ''}"
            make_post(name, at=on(2020, 1, number), sticky=sticky).categories.set([category] if category else [])
    return sport, running, cars


@pytest.mark.db
@pytest.mark.parametrize("how", HOWS)
def test_the_front_page_shows_the_chosen_categories_and_those_below(client, filed, how):
    choose(front_posts=how, front_categories=[filed[0].pk], posts_per_page=3)
    assert titles(text(client)) == ["Running pinned", "Sport pinned", "Running"]
    assert titles(text(client, "/page/2/")) == ["Sport"]
    assert client.get("/page/3/").status_code == 404


def test_archives_and_feeds_keep_all_posts(client, filed):
    choose(front_categories=[filed[0].pk])
    assert len(titles(text(client, "/2020/"))) == 8
    for path in ("/feed/", "/feed/atom/", "/feed/json/"):
        feed = client.get(path).content.decode()
        assert "Sport cars" in feed and "None pinned" in feed and "Running" in feed
    assert "/2020/01/04/" in client.get("/sitemap-posts.xml").getvalue().decode()


def test_a_category_that_is_gone_hides_nothing(client, filed):
    sport, _running, cars = filed
    choose(front_categories=[cars.pk])
    assert len(titles(text(client))) == 2
    cars.merge_into(sport)
    assert ReadingSettings.objects.get().front_categories == [sport.pk]
    cache_version.invalidate(cache_version.EVERYTHING)
    assert len(titles(text(client))) == 6
    choose(front_categories=[sport.pk + 1000])
    assert len(titles(text(client))) == 8


def test_a_merge_names_a_category_once(filed):
    sport, running, cars = filed
    choose(front_categories=[sport.pk, cars.pk])
    cars.merge_into(sport)
    assert ReadingSettings.objects.get().front_categories == [sport.pk]


def test_the_front_page_has_its_own_number_of_posts(client, make_post):
    for number in range(5):
        make_post(f"Run {number}", tags=["run"])
    choose(posts_per_page=2, front_size=3)
    paths = ["/", "/page/2/", "/tag/run/", "/tag/run/page/3/"]
    assert [len(titles(text(client, path))) for path in paths] == [3, 2, 2, 1]
    choose(front_size=None)
    assert len(titles(text(client))) == 2


# At the desk


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_the_owner_chooses_at_the_desk(desk, client, filed):
    sport = filed[0]
    choose(default_category=None)
    sent = typed(front__front_posts="cards", front__front_size="12", front__front_categories=str(sport.pk))
    assert desk.post("/desk/settings/", sent).status_code == 302
    row = ReadingSettings.objects.get()
    assert (row.front_posts, row.front_size, row.front_categories) == ("cards", 12, [sport.pk])
    assert dict(what[::2] for what in SettingsChange.objects.get().values) == {
        "Posts": "Cards: picture, title and excerpt",
        "Posts per page there": "12",
        "Only posts of these categories": "Sport",
    }
    page = desk.get("/desk/settings/").content.decode()
    assert re.search(r'value="cards"[^>]* checked', page) and re.search(rf'value="{sport.pk}"[^>]* checked', page)
    desk.post("/desk/settings/", typed(front__front_posts=""))
    row.refresh_from_db()
    assert (row.front_posts, row.front_size, row.front_categories) == ("", None, [])
    assert ["Only posts of these categories", "Sport", ""] in SettingsChange.objects.first().values


@pytest.mark.parametrize(
    ("field", "value"),
    [("front_posts", "tiles"), ("front_size", "0"), ("front_size", "101"), ("front_categories", "0")],
)
def test_what_is_no_choice_is_said_at_the_field(desk, field, value):
    answer = desk.post("/desk/settings/", typed(site__tagline="New words", **{f"front__{field}": value}))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'id="id_front-{field}_error"' in page and 'value="New words"' in page
    assert ReadingSettings.objects.get().front_categories == []


def test_a_choice_survives_the_question_about_new_addresses(desk, filed):
    chosen = {"front__front_posts": "titles", "front__front_categories": [str(filed[0].pk), str(filed[2].pk)]}
    page = squeeze(desk.post("/desk/settings/", typed(reading__permalinks="name", **chosen)).content.decode())
    sent = {}
    for name, value in re.findall(r'<input type="hidden" name="((?:site|front|reading)[^"]+)" value="([^"]*)"', page):
        sent.setdefault(name, []).append(value)
    desk.post("/desk/settings/", sent | {"sure": "name"})
    row = ReadingSettings.objects.get()
    assert (row.front_posts, row.front_categories) == ("titles", [filed[0].pk, filed[2].pk])
