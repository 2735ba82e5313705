"""Home and archives: what stands there, in which order, and how many queries it costs."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from blog.models import Category, Post, ReadingSettings, Tag
from tests.markup import squeeze

pytestmark = pytest.mark.db


@pytest.fixture
def warm(client, blog, django_capture_on_commit_callbacks):
    """A layout that was built once and stays: what was written is committed, as in life."""

    def warm_up(*paths):
        for path in paths:
            client.get(path)

    return warm_up


def titles(answer):
    links = re.findall(r'<a class="p-name u-url"[^>]*>(.*?)</a>', answer.content.decode())
    return [unescape(title) for title in links]


def test_home_shows_the_newest_first_and_what_sticks_above_all(client, make_post, on):
    make_post("Old", at=on(2019, 1, 1))
    make_post("Sticky", at=on(2018, 1, 1), sticky=True)
    make_post("New", at=on(2020, 1, 1))
    make_post("Page", kind="page")
    make_post("Draft", draft=True)
    make_post("Later", at=timezone.now() + timedelta(days=1))
    make_post("Private", visibility="private")
    assert titles(client.get("/")) == ["Sticky", "New", "Old"]


def test_older_posts_are_on_the_next_page(client, make_post, on):
    ReadingSettings.objects.update(posts_per_page=2)
    for number in range(1, 6):
        make_post(f"Run {number}", at=on(2020, 1, number))
    first = client.get("/")
    assert titles(first) == ["Run 5", "Run 4"]
    assert b'href="/page/2/"' in first.content
    last = client.get("/page/3/")
    assert titles(last) == ["Run 1"]
    assert "Page 3 – Ada runs" in last.content.decode()
    assert client.get("/page/4/").status_code == 404
    assert client.get("/page/1/")["Location"] == "/"


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/category/sport/", "Category: Sport"),
        ("/category/sport/running/", "Category: Running"),
        ("/tag/weights/", "Tag: weights"),
        ("/author/ada/", "Author: Ada"),
        ("/2018/", "Year: 2018"),
        ("/2018/08/", "Month: August 2018"),
        ("/2018/08/26/", "Day: August 26, 2018"),
    ],
)
def test_archives_are_named_as_in_wordpress(client, make_post, on, path, heading):
    make_post("Other", at=on(2017, 1, 1), author=None)
    post = make_post("Hills", at=on(2018, 8, 26, 9), tags=["running", "weights"])
    sport = Category.objects.create(name="Sport", description="Everything that makes you sweat")
    post.categories.set([Category.objects.create(name="Running", parent=sport)])
    answer = client.get(path)
    assert answer.status_code == 200
    assert f"<h1>{heading}</h1>" in re.sub(r' class="heading"|</?bdi>', "", answer.content.decode())
    assert "Hills" in titles(answer)
    if "author" not in path:
        assert titles(answer) == ["Hills"]
    feed = client.get(f"{path}feed/")
    assert feed.status_code == 200
    assert f"{path}feed/" in answer.content.decode()


def test_an_author_without_public_posts_has_no_page(client, ed, make_post):
    make_post("Draft", author=ed, draft=True)
    assert client.get("/author/ed/").status_code == 404


def test_the_sentence_below_a_post(client, make_post):
    post = make_post(categories=["Get Your Move On"], tags=["weights", "running"])
    text = " ".join(client.get(post.path).content.decode().split())
    start = text.index("This entry was posted in")
    sentence = text[start : text.index("</footer>", start)]
    plain = " ".join(re.sub("<[^>]+>", "", sentence).split())
    assert plain == ("This entry was posted in Get Your Move On and tagged running, weights. Bookmark the permalink.")


def test_previous_and_next_go_by_date(client, make_post, on):
    first, second, third = (make_post(f"Run {n}", at=on(2020, 1, n)) for n in (1, 2, 3))
    make_post("Secret", at=on(2020, 1, 2, 12), visibility="private")
    assert neighbours(client, second) == [("prev", first.path), ("next", third.path)]
    assert neighbours(client, third) == [("prev", second.path)]
    assert neighbours(client, first) == [("next", second.path)]


def neighbours(client, post):
    page = client.get(post.path).content.decode()
    return [found[::-1] for found in re.findall(r'<a class="post-navigation__\w+" href="([^"]*)" rel="(\w+)"', page)]


def test_related_posts_share_tags(client, make_post, on):
    post = make_post("One", tags=["a", "b"], at=on(2020, 1, 1))
    both = make_post("Both", tags=["a", "b"], at=on(2019, 1, 1))
    one = make_post("Shares one", tags=["a"], at=on(2020, 1, 2))
    make_post("None", tags=["c"])
    make_post("Draft", tags=["a"], draft=True)
    section = client.get(post.path).content.decode().partition('id="related"')[2].partition("</section>")[0]
    assert re.findall(r'<a href="([^"]*)"', section) == [both.path, one.path]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "most"), [("/", 5), ("/tag/run/", 6), ("/2020/", 6), ("{post}", 7)])
def test_the_number_of_queries_is_small_and_does_not_grow(
    client, make_post, on, django_assert_max_num_queries, path, most
):
    for number in range(1, 12):
        post = make_post(f"Run {number}", at=on(2020, 1, number), tags=["run", f"t{number}"], categories=["Sport"])
    path = path.format(post=post.path)
    client.get(path)
    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_due_post_appears_in_the_sidebar_without_anybody_doing_anything(client, make_post, on):
    make_post("Old", at=on(2020, 1, 1))
    due = make_post("Due", at=timezone.now() + timedelta(hours=1))
    assert "Due" not in client.get("/").content.decode()
    Post.objects.filter(pk=due.pk).update(publish_at=timezone.now() + timedelta(milliseconds=300))
    from core import cache_version

    cache_version.invalidate(cache_version.EVERYTHING)
    client.get("/")
    import time

    time.sleep(0.4)
    page = client.get("/")
    assert page.content.decode().count("Due") >= 2


def test_the_menu_says_where_one_is(client, make_post):
    here = make_post("Über mich", kind="page", slug="über-mich").get_absolute_url()
    make_post("Now", kind="page")
    page, home = (client.get(path).content.decode() for path in (here, "/"))
    assert f'<a href="{here}" dir="auto" aria-current="page">Über mich</a>' in page and page.count("aria-current") == 1
    assert "aria-current" not in home and "Über mich" in home


def test_an_archive_in_any_script_answers_at_its_address_and_at_no_other(client, make_post, ada):
    ada.handle = "josé"
    ada.save()
    make_post(tags=["東京"], categories=["Прогулки"])
    for path in ("/tag/東京/", "/category/прогулки/", "/author/josé/"):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.headers)
        assert client.get(path.rstrip("/")).status_code in (301, 404)


def test_the_sidebar_shows_the_tree_with_parents_that_have_no_posts_of_their_own(client, make_post):
    sport = Category.objects.create(name="Sport")
    running = Category.objects.create(name="Running", parent=sport)
    Category.objects.create(name="Empty")
    make_post("In the child").categories.set([running])
    make_post("Beside it").categories.set([Category.objects.create(name="Sport cars")])
    page = client.get("/").content.decode()
    rows = re.findall(
        r'<li class="deep-(\d)"><a href="([^"]+)" dir="auto">[^<]*</a>(?:<small>(\d+)</small>)?', squeeze(page)
    )
    assert rows == [
        ("0", "/category/sport/", ""), ("1", "/category/sport/running/", "1"), ("0", "/category/sport-cars/", "1"),
    ]  # fmt: skip


def test_paragraphs_of_descriptions_and_of_the_author_are_paragraphs(client, make_post, ada):
    ada.bio = "Runs.\n\nWrites <often>."
    ada.save()
    post = make_post(tags=["hills"])
    Tag.objects.update(description="Up & down.\n\nAgain.")
    paragraphs = "<p>Runs.</p>\n\n<p>Writes &lt;often&gt;.</p>"
    assert paragraphs in client.get(post.path).content.decode()
    assert paragraphs in client.get("/author/ada/").content.decode()
    assert "<p>Up &amp; down.</p>\n\n<p>Again.</p>" in client.get("/tag/hills/").content.decode()
