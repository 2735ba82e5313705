"""/archives/: all posts as titles, by year and month."""

import re

import pytest

from blog.models import Post
from blog.views import archive_list
from tests.blog.test_front_page import text

pytestmark = pytest.mark.db


@pytest.fixture
def runs(make_post, on):
    dates = [(2018, 8, 26), (2020, 1, 1), (2020, 1, 9), (2020, 5, 5), (2020, 12, 31)]
    return [make_post(f"Run {number}", at=on(*day)) for number, day in enumerate(dates, start=1)]


@pytest.fixture
def large(monkeypatch):
    """A blog whose posts are too many for one page."""
    monkeypatch.setattr(archive_list, "AT_ONCE", 3)


def outline(page):
    """The headings and titles in their order."""
    main = page.partition("<main")[2].partition("</main>")[0]
    lines = re.findall(r'<(h[123])[^>]*>(.*?)</h|<li><time datetime="([^"]*)">(\d+)</time> ?<a [^>]*>(.*?)</a>', main)
    return [f"{day} {title}" if day else re.sub(" ?<[^>]*>", "", heading) for _tag, heading, _on, day, title in lines]


def test_all_posts_stand_on_one_page_by_year_and_month(client, runs, make_post):
    make_post("Draft", draft=True)
    make_post("Page", kind="page")
    make_post("Private", visibility="private")
    page = text(client, "/archives/")
    assert outline(page) == [
        *("Archives", "2020", "December 20201", "31 Run 5", "May 20201", "5 Run 4"),
        *("January 20202", "9 Run 3", "1 Run 2", "2018", "August 20181", "26 Run 1"),
    ]
    assert (
        "<title>Archives – Ada runs</title>" in page
        and 'rel="canonical" href="http://localhost:8000/archives/"' in page
    )
    assert 'aria-label="Years"' not in page
    assert client.get("/archives/2018/")["Location"] == "/archives/"
    assert client.get("/archives")["Location"].endswith("/archives/")


def test_a_large_blog_has_a_year_on_each_page(client, runs, large):
    page = text(client, "/archives/")
    assert outline(page)[-1] == "9 Run 3" and len(outline(page)) == 1 + 1 + 3 + 3
    years = re.findall(r'<li><a href="([^"]*)"( aria-current="true")?>(\d+)</a> ?<small>(\d+)</small>', page)
    assert years == [("/archives/", ' aria-current="true"', "2020", "4"), ("/archives/2018/", "", "2018", "1")]
    assert 'rel="next" href="/archives/2020/page/2/"' in page
    older = text(client, "/archives/2020/page/2/")
    assert outline(older)[-1] == "1 Run 2" and 'rel="prev" href="/archives/"' in older
    assert "<title>Archives – 2020 – Page 2 – Ada runs</title>" in older
    assert outline(text(client, "/archives/2018/"))[-1] == "26 Run 1"
    assert client.get("/archives/2020/")["Location"] == "/archives/"


@pytest.mark.parametrize(
    "path", ["2019/", "0000/", "2020/page/3/", "2020/page/0/", f"2020/page/{'9' * 19}/", "2018/page/2/"]
)
def test_there_is_nothing_where_no_posts_are(client, runs, large, path):
    assert client.get(f"/archives/{path}").status_code == 404


def test_an_empty_blog_has_an_empty_list(client, ada):
    assert "There are no posts here yet." in text(client, "/archives/")


def test_a_page_of_ones_own_at_that_address_stays(client, make_post, runs):
    page = make_post("Old list", "By hand.", kind="page", slug="archives")
    assert page.path == "/archives-2/", "new pages do not take it"
    Post.objects.filter(pk=page.pk).update(path="/archives/", slug="archives")
    assert "By hand." in text(client, "/archives/")


def test_a_protected_post_and_one_without_a_title_are_called_as_everywhere(client, make_post):
    make_post("Locked", "Secret", password="reeds")
    make_post("", "Seven herons stand in the reeds.")
    page = text(client, "/archives/").partition("<main")[2].partition("</main>")[0]
    assert "Protected: Locked" in page and "Seven herons" in page and "Secret" not in page


def test_the_archives_widget_leads_there(client, runs):
    assert '<h2><a href="/archives/">Archives</a></h2>' in text(client, runs[0].path)


@pytest.mark.django_db(transaction=True)
def test_the_number_of_queries_does_not_grow(client, runs, django_assert_max_num_queries):
    client.get("/")
    with django_assert_max_num_queries(3):
        assert len(outline(text(client, "/archives/"))) == 12
