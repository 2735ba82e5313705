"""Views are counted without a cookie, not twice for who cannot stop reloading, and not for those who say no."""

import logging
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection, transaction

from blog import visits
from blog.desk import stats
from blog.jobs import aggregate_old_views
from blog.models import Post, Referrer, Visit
from core import cache_version
from core.models import Site
from core.write_behind import WriteBehindCounter
from tests.blog_process import ROOT

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
BROWSER = {"sec-fetch-site": "same-origin", "user-agent": FIREFOX}


@pytest.fixture(autouse=True)
def in_memory(monkeypatch):
    """A process that has seen nobody yet, and whose ten seconds pass when the test says so."""
    views = WriteBehindCounter(visits.write)
    monkeypatch.setattr(views, "write_soon", lambda: None)
    monkeypatch.setattr(visits, "counter", views)
    monkeypatch.setattr(visits, "share", visits.HourlyShare())
    yield views
    views.forget()


@pytest.fixture
def read(client):
    """read(post, "referring.example", header="…") is what the page of a post sends."""

    def beacon(post, host="", agent=FIREFOX, address="192.0.2.7", client=client, **headers):
        said = BROWSER | {"user-agent": agent} | {name.replace("_", "-"): text for name, text in headers.items()}
        pk = getattr(post, "pk", post)
        return client.post(f"/visits/{pk}/", {"from": host}, headers=said, REMOTE_ADDR=address)

    return beacon


def counted():
    visits.counter.write()
    return list(Visit.objects.order_by("day", "post").values_list("post", "count"))


def hosts():
    visits.counter.write()
    return dict(Referrer.objects.values_list("host", "count"))


@pytest.mark.db
def test_a_view_is_a_number_a_post_and_a_day_and_no_cookie(read, make_post):
    first, second = make_post("First"), make_post("Second")
    for post in (first, second, first):
        response = read(post)
        assert (response.status_code, response.content) == (204, b"")
        assert not response.cookies
        assert response["Cache-Control"] == "no-store"
    assert not Visit.objects.exists(), "it is in memory until it is written"
    assert counted() == [(first.pk, 2), (second.pk, 1)]
    read(first)
    assert counted() == [(first.pk, 3), (second.pk, 1)]
    assert counted() == [(first.pk, 3), (second.pk, 1)]


def test_a_hundred_views_are_written_in_one_transaction_and_a_few_statements(
    read, make_post, django_assert_max_num_queries
):
    post = make_post()
    for number in range(100):
        read(post, "a.example", address=f"10.{number}.0.1")
    with django_assert_max_num_queries(9):
        visits.counter.write()
    assert counted() == [(post.pk, 100)]
    assert hosts() == {"a.example": 100}


def test_the_day_is_the_blogs(read, make_post, ada):
    Site.objects.update(timezone="Pacific/Kiritimati")  # 14 hours ahead: it is tomorrow there most of the time
    cache_version.increment()
    read(make_post())
    counted()
    here = (datetime.now(UTC) + timedelta(hours=14)).date()
    assert Visit.objects.get().day == here


@pytest.mark.parametrize(
    "headers",
    [
        {"dnt": "1"},
        {"sec_gpc": "1"},
        {"sec_purpose": "prefetch"},
        {"sec_purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
        {"agent": ""},
        {"agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"agent": "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/130.0 Safari/537.36"},
        {"agent": "facebookexternalhit/1.1"},
        {"agent": "curl/8.5"},
        {"agent": "python-requests/2.34"},
        {"agent": "Slackbot-LinkExpanding 1.0"},
    ],
    ids=str,
)
def test_robots_previews_and_those_who_say_no_are_left_out(read, make_post, headers):
    assert read(make_post(), **headers).status_code == 204
    assert counted() == []


@pytest.mark.parametrize(
    "agent",
    [
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari",
        "Mozilla/5.0 (Linux; Android 14; CUBOT X70) Chrome/130.0 Mobile Safari/537.36",
    ],
)
def test_people_with_odd_telephones_are_no_robots(read, make_post, agent):
    read(make_post(), agent=agent)
    assert len(counted()) == 1


@pytest.mark.parametrize(("who", "count"), [("ada", 0), ("ed", 0), ("mona", 0), ("cora", 0), ("rene", 1)])
def test_the_people_of_the_house_are_left_out(read, make_post, as_, request, who, count):
    read(make_post(), client=as_(request.getfixturevalue(who)))
    assert len(counted()) == count


def test_only_the_blogs_own_pages_are_believed(client, make_post):
    post = make_post()
    headers = {"user-agent": FIREFOX}
    for origin in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"origin": "null"}):
        assert client.post(f"/visits/{post.pk}/", headers=headers | origin).status_code == 403
    assert client.post(f"/visits/{post.pk}/", headers=headers).status_code == 204, "it says nothing of where it is from"
    assert counted() == []
    for method in ("get", "head", "put", "delete"):
        assert getattr(client, method)(f"/visits/{post.pk}/", headers=BROWSER).status_code == 405


def test_what_nobody_may_read_is_not_counted(read, make_post):
    make_post("Public")
    draft, private = make_post("Draft", draft=True), make_post("Mine", visibility="private")
    later = make_post("Later", at=datetime.now(UTC) + timedelta(days=1))
    for unknown in (draft, private, later, 999_999, 2**63 - 1, 2**63, 10**40):
        assert read(unknown, "spam.example").status_code == 204
    assert counted() == []
    assert hosts() == {}, "nor where it came from"


@pytest.mark.db
def test_a_post_that_is_deleted_meanwhile_takes_its_views_along(read, make_post):
    post, other = make_post("One"), make_post("Other")
    read(post)
    read(other)
    post.delete()
    assert counted() == [(other.pk, 1)]
    other.delete()
    assert not Visit.objects.exists()


# Not to be made larger than it is


def test_one_network_adds_ten_views_of_a_post_in_an_hour(read, make_post, monkeypatch):
    post, other = make_post("One"), make_post("Other")
    for number in range(30):
        read(post, address=f"192.0.2.{number}")
    read(other, address="192.0.2.1")
    read(post, address="198.51.100.1")
    assert counted() == [(post.pk, 11), (other.pk, 1)]
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 3601)
    read(post, address="192.0.2.1")
    assert counted()[0] == (post.pk, 12)


def test_one_network_adds_a_hundred_and_twenty_views_of_all_posts():
    share = visits.HourlyShare()
    assert [share.allows("a network", number) for number in range(200)].count(True) == 120


def test_a_flood_from_everywhere_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(visits, "MOST_IN_MEMORY", 100)
    share = visits.HourlyShare()
    assert [share.allows(f"network {number}", number) for number in range(1000)].count(True) == 50
    assert len(share.seen) == 100


# Where readers come from


@pytest.mark.parametrize(
    ("said", "host"),
    [
        ("example.org", "example.org"),
        ("WWW.Example.ORG", "example.org"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("", None),
        ("localhost", None),
        ("www.localhost", None),
        ("https://example.org/secret?token=1", None),
        ("example.org/path", None),
        ("<script>alert(1)</script>", None),
        ("-.example", None),
        ("a" * 300 + ".example", None),
        ("a." * 200 + "example", None),
        ("…", None),
        ("exa mple.org", None),
        ("example.org\n", "example.org"),
    ],
)
def test_of_where_readers_come_from_the_host_alone_is_kept(read, make_post, said, host):
    read(make_post(), said)
    assert hosts() == ({host: 1} if host else {})


def test_the_blogs_own_host_is_no_referrer(read, make_post, settings):
    settings.LONGRUN_URL = "https://www.ada-runs.example"
    assert visits.referring_host("ada-runs.example") == visits.referring_host("www.ada-runs.example") == ""


@pytest.mark.db
def test_hosts_that_somebody_makes_up_have_no_room_for_ever(make_post, in_memory):
    post = make_post()
    day = date(2026, 3, 5)
    visits.write({(post.pk, f"{number:03}.example", day): 1 for number in range(90)})
    visits.write({(post.pk, f"{number:03}.example", day): 1 for number in range(85, 140)})
    kept = dict(Referrer.objects.values_list("host", "count"))
    assert len(kept) == 101
    assert kept["089.example"] == 2
    assert kept["…"] == 40


# Written every ten seconds


def test_what_cannot_be_written_is_kept_for_the_next_time(read, make_post, in_memory, monkeypatch, caplog):
    post = make_post()
    read(post, "a.example")
    caplog.set_level(logging.CRITICAL)
    with monkeypatch.context() as trouble:
        trouble.setattr(Post.objects, "published", lambda: 1 / 0)
        in_memory.write()
    read(post)
    assert counted() == [(post.pk, 2)]
    assert hosts() == {"a.example": 1}


@pytest.mark.django_db(transaction=True)
def test_ten_seconds_after_the_first_view_they_are_written_by_themselves(read, make_post, monkeypatch):
    written = threading.Event()
    views = WriteBehindCounter(lambda counts: written.set(), seconds=0.05)
    monkeypatch.setattr(visits, "counter", views)
    read(make_post())
    assert views.counts
    assert written.wait(10)
    assert views.timer is None
    assert not views.counts


@pytest.mark.django_db(transaction=True)
@pytest.mark.db
def test_two_processes_that_write_the_same_day_add_up(make_post):
    post, day = make_post(), date(2026, 3, 5)
    if connection.vendor == "sqlite":
        pytest.skip("the tests' SQLite is one process's memory")

    def process():
        with transaction.atomic():
            visits.write({(post.pk, "a.example", day): 3})
        connection.close()

    threads = [threading.Thread(target=process) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted() == [(post.pk, 24)]


# After a year


@pytest.mark.db
def test_days_of_more_than_a_year_ago_become_months(make_post, monkeypatch):
    post, other = make_post("One"), make_post("Other")
    old = [date(2024, 1, 1), date(2024, 1, 5), date(2024, 1, 31), date(2024, 2, 3)]
    new = [date(2025, 3, 2), date(2026, 3, 1), date(2026, 3, 5)]
    for day in old + new:
        Visit.objects.add({(post.pk, day): 2, (other.pk, day): 1})
        Referrer.objects.add({("a.example", day): 5})
    monkeypatch.setattr("django.utils.timezone.localdate", lambda: date(2026, 3, 5))
    for _ in range(2):
        aggregate_old_views()
        rows = Visit.objects.filter(post=post).order_by("day").values_list("day", "count")
        assert list(rows) == [(date(2024, 1, 1), 6), (date(2024, 2, 1), 2), *((day, 2) for day in new)]
    assert Visit.objects.total() == 3 * 7
    assert Referrer.objects.total() == 5 * 7
    assert Referrer.objects.count() == 5


# On the desk


def seen(post, ago, count, host=""):
    day = datetime.now(UTC).date() - timedelta(days=ago)
    Visit.objects.add({(post.pk, day): count})
    if host:
        Referrer.objects.add({(host, day): count})


def test_the_first_page_draws_thirty_days_with_the_numbers_beside_them(as_, ada, make_post):
    post = make_post("The first mile")
    seen(post, 0, 7, "news.example")
    seen(post, 29, 400)
    seen(post, 30, 50_000, "old.example")
    page = as_(ada).get("/desk/").content.decode()
    assert "407 views" in page
    assert page.count("<rect") == 2
    assert 'height="80"' in page
    assert 'height="2"' in page, "few are not none"
    assert page.count('<tr><th scope="row">') >= 30
    assert "news.example" in page
    assert "old.example" not in page


def test_before_the_first_view_it_says_what_is_counted(as_, ada):
    assert "No views yet" in as_(ada).get("/desk/").content.decode()


def test_an_author_sees_the_views_of_their_own_posts(as_, ada, arthur, cora, mona, make_post):
    seen(make_post("Ada's"), 0, 7, "news.example")
    seen(make_post("Arthur's", author=arthur), 0, 3)
    assert stats.views(ada)["total"] == 10
    page = as_(arthur).get("/desk/").content.decode()
    assert "3 views" in page
    assert "news.example" not in page
    assert "No views yet" in as_(cora).get("/desk/").content.decode()
    assert "views" not in as_(mona).get("/desk/").content.decode()


def test_numbers_are_drawn_alike_in_every_language():
    drawn = stats.bars([(date(2026, 3, 5), 1), (date(2026, 3, 6), 3)])
    assert all(isinstance(value, int) for bar in drawn for value in (bar.x, bar.y, bar.height))


def test_fifty_posts_ask_no_more_questions_than_one(ada, make_post, django_assert_num_queries):
    for number in range(50):
        seen(make_post(f"Post {number}"), number % 30, number + 1, f"{number}.example")
    with django_assert_num_queries(4):
        found = stats.views(ada)
    assert [str(post) for post, _count in found["posts"]] == [f"Post {number}" for number in (49, 48, 47, 46, 45)]


# In the page


def test_the_page_of_a_post_tells_for_readers_and_not_for_the_house(as_, ada, rene, make_post):
    post = make_post()
    told = f'data-visit="/visits/{post.pk}/"'
    for user, expected in ((None, True), (rene, True), (ada, False)):
        assert (told in as_(user).get(post.get_absolute_url()).content.decode()) == expected
    assert "data-visit" not in as_(None).get("/").content.decode()
    secret = make_post("Results", password="finish line")
    assert "data-visit" not in as_(None).get(secret.get_absolute_url()).content.decode()


@pytest.mark.long
def test_a_real_browser_tells_once_a_page_and_it_is_written_when_the_server_ends(running_blog, new_context):
    env = running_blog.env | {"DJANGO_SETTINGS_MODULE": "config.settings"}
    furnished = subprocess.run([sys.executable, "-m", "tests.furnished"], cwd=ROOT, env=env, capture_output=True)
    assert furnished.returncode == 0, furnished.stderr
    post = "/2026/03/05/the-first-mile/"
    before = views_in(running_blog)

    private = new_context(base_url=running_blog.url, user_agent=FIREFOX).new_page()
    private.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    sent = []
    private.on("request", lambda request: sent.append(request.url) if "/visits/" in request.url else None)
    private.goto(post)
    private.wait_for_timeout(300)
    assert sent == []

    page = new_context(base_url=running_blog.url, user_agent=FIREFOX).new_page()
    with page.expect_request("**/visits/*/") as told:
        page.goto(post)
    assert told.value.method == "POST"
    assert told.value.post_data == "from="
    assert "cookie" not in told.value.all_headers()
    assert page.context.cookies() == []
    page.goto("/")
    page.wait_for_timeout(300)
    assert running_blog.stop() == 0
    assert views_in(running_blog) == before + 1


def views_in(blog):
    with closing(sqlite3.connect(blog.data / "longrun.sqlite3")) as rows:
        return rows.execute("SELECT total(count) FROM blog_visit").fetchone()[0]
