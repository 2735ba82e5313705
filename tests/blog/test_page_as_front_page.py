"""A page as the front page, and another page whose place the list of posts takes."""

import re

import pytest
from django.test import Client

from blog.models import MenuLink, Post, ReadingSettings
from comments.models import Comment
from core.models import SettingsChange
from tests.blog.test_desk_settings import typed
from tests.blog.test_front_page import choose, main_of, text, titles


@pytest.fixture
def welcome(make_post):
    return make_post("Welcome", "Come in.[^1]\n\n[^1]: And *stay*.", kind="page")


@pytest.fixture
def news(make_post):
    return make_post("News", "Nobody reads this.", kind="page", slug="blog")


@pytest.fixture
def runs(make_post, on):
    return [make_post(f"Run {number}", at=on(2020, 1, number)) for number in range(1, 6)]


def heads(page):
    """(title, canonical address, prev, next)"""
    links = dict(re.findall(r'<link rel="(canonical|prev|next)" href="([^"]*)"', page))
    return re.search("<title>(.*?)</title>", page)[1], *[links.get(name) for name in ("canonical", "prev", "next")]


HOST = "http://localhost:8000"


def test_a_page_is_the_front_page(client, welcome, runs):
    choose(front_page=welcome)
    page = text(client)
    assert "Come in." in page and not titles(main_of(page))
    assert heads(page) == ("Ada runs – In the morning", f"{HOST}/", None, None)
    assert '<meta property="og:url" content="http://localhost:8000/">' in page
    assert re.search('class="footnote-ref" href="#[^"/]+"', page), "on this page"
    assert page.count('aria-current="page"') == 1, "the menu leads to / and says that one is there"
    answer = client.get("/welcome/")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/page/1/")["Location"] == "/"
    assert client.get("/page/2/").status_code == 404


def test_the_posts_have_the_address_of_another_page(client, welcome, news, runs):
    choose(front_page=welcome, posts_page=news, posts_per_page=2)
    first, second, third = (text(client, path) for path in ("/blog/", "/blog/page/2/", "/blog/page/3/"))
    assert [titles(page) for page in (first, second, third)] == [["Run 5", "Run 4"], ["Run 3", "Run 2"], ["Run 1"]]
    assert heads(first) == ("News – Ada runs", f"{HOST}/blog/", None, "/blog/page/2/")
    assert heads(second) == ("News – Page 2 – Ada runs", f"{HOST}/blog/page/2/", "/blog/", "/blog/page/3/")
    assert '<h1 class="heading p-name" dir="auto">News</h1>' in first and "Nobody reads this" not in first
    assert client.get("/page/2/")["Location"] == "/blog/page/2/" and client.get("/page/2/").status_code == 302
    assert client.get("/blog/page/1/")["Location"] == "/blog/"
    assert client.get("/blog/page/4/").status_code == 404
    for odd in ("/blog/page/x/", "/blog/page/²/", "/blog/page/" + "9" * 30 + "/", "/blog/page/0/"):
        assert client.get(odd).status_code in (301, 404), odd


@pytest.mark.parametrize("how", ["", "excerpts", "cards", "titles"])
def test_the_page_of_the_posts_shows_them_as_the_front_page_would(client, welcome, news, make_post, runs, how):
    make_post("Pinned", sticky=True)
    choose(front_page=welcome, posts_page=news, front_posts=how, front_size=4)
    page = text(client, "/blog/")
    assert titles(page) == ["Pinned", "Run 5", "Run 4", "Run 3"]
    assert ('<article class="card' in page, '<ul class="titles' in page) == (how == "cards", how == "titles")


def test_feeds_and_the_sitemap_stay_right(client, welcome, news, runs):
    choose(front_page=welcome, posts_page=news)
    feed = client.get("/feed/").content.decode()
    assert "<title>Ada runs</title><link>http://localhost:8000/</link>" in feed and "Run 5" in feed
    listed = re.findall("<loc>([^<]*)</loc>", client.get("/sitemap-pages.xml").getvalue().decode())
    assert sorted(listed) == [f"{HOST}/", f"{HOST}/blog/"]
    assert "/welcome/" not in text(client, "/blog/")


def test_comments_of_the_front_page_are_there(client, welcome):
    choose(front_page=welcome)
    comment = Comment.objects.create(post=welcome, text="Lovely place", name="Carl", state="approved")
    assert "Lovely place" in text(client)
    assert client.get(f"/comments/to/{comment.pk}/")["Location"] == f"/welcome/#comment-{comment.pk}"
    assert "replytocom" in text(client) and client.get(f"/welcome/?replytocom={comment.pk}").status_code == 200
    writer = Client(headers={"origin": HOST})
    answer = writer.post(f"/comments/{welcome.pk}/", {"comment": "Me too", "author": "Rene", "email": "r@example.org"})
    assert answer["Location"].startswith("/welcome/") and "Me too" in writer.get("/").content.decode()


@pytest.mark.parametrize("deed", ["trash", "private", "draft", "later", "deleted"])
def test_the_newest_posts_come_back_when_the_page_goes(client, welcome, news, runs, deed, settled):
    choose(front_page=welcome, posts_page=news)
    settled()
    assert "Come in." in text(client)
    if deed == "trash":
        welcome.trash()
    elif deed == "private":
        welcome.visibility = "private"
        welcome.save()
    elif deed == "draft":
        welcome.withdraw()
    elif deed == "later":
        Post.objects.filter(pk=welcome.pk).update(publish_at=None)
        choose(posts_per_page=10)
    else:
        welcome.delete()
    settled()
    page = text(client)
    assert titles(page)[:2] == ["Run 5", "Run 4"] and "Come in." not in page
    assert "Nobody reads this." in text(client, "/blog/"), "the other page is itself again"


def test_a_page_with_a_password_asks_for_it_at_the_front(client, make_post):
    choose(front_page=make_post("Locked", "Secret words", kind="page", password="reeds"))
    page = client.get("/")
    assert "Secret words" not in page.content.decode() and "private" in page["Cache-Control"]
    number = Post.objects.get(title="Locked").pk
    client.post(f"/posts/{number}/unlock/", {"password": "reeds"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert "Secret words" in text(client)


def test_query_forms_and_links_of_the_menu_work_as_before(client, welcome, runs):
    choose(front_page=welcome)
    MenuLink.objects.create(title="Start", url="/")
    assert client.get(f"/?p={runs[0].pk}")["Location"] == runs[0].path
    assert '<a href="/" dir="auto" aria-current="page">Start</a>' in text(client)


@pytest.mark.django_db(transaction=True)
def test_the_number_of_queries_is_that_of_a_page(client, welcome, news, runs, django_assert_max_num_queries):
    choose(front_page=welcome, posts_page=news)
    for path, most in (("/", 7), ("/blog/", 5)):
        client.get(path)
        with django_assert_max_num_queries(most):
            assert client.get(path).status_code == 200


# At the desk


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


def test_the_owner_chooses_the_pages(desk, client, welcome, news):
    sent = typed(front__front_page=str(welcome.pk), front__posts_page=str(news.pk))
    assert desk.post("/desk/settings/", sent).status_code == 302
    row = ReadingSettings.objects.get()
    assert (row.front_page, row.posts_page) == (welcome, news)
    changed = SettingsChange.objects.get().values
    assert ["It shows", "", "Welcome"] in changed and ["The newest posts are then at", "", "News"] in changed
    assert "Come in." in text(client)


def test_one_page_cannot_be_both(desk, welcome):
    answer = desk.post("/desk/settings/", typed(front__front_page=str(welcome.pk), front__posts_page=str(welcome.pk)))
    assert answer.status_code == 422 and "This page is the front page already." in answer.content.decode()
    assert ReadingSettings.objects.get().front_page is None


def test_only_public_pages_are_offered_and_the_one_that_was_chosen(desk, make_post, welcome):
    draft, post = make_post("Draft", kind="page", draft=True), make_post("A post")
    for thing in (draft, post):
        answer = desk.post("/desk/settings/", typed(front__front_page=str(thing.pk)))
        assert answer.status_code == 422 and 'id="id_front-front_page_error"' in answer.content.decode()
    choose(front_page=welcome)
    welcome.withdraw()
    assert desk.post("/desk/settings/", typed(front__front_page=str(welcome.pk))).status_code == 302
    assert ReadingSettings.objects.get().front_page == welcome
