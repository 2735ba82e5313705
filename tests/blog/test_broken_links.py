"""The report of links in one's own posts that no longer work."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.utils import timezone

from blog import jobs, link_checker
from blog.link_checker import external_links
from blog.models import LinkCheck, Post, ReadingSettings
from core import jobs as core_jobs
from core.jobs import run_ready
from core.models import SettingsChange
from tests.core.website import Website, page

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = "/desk/broken-links/"
STATUSES = {"/gone": "404 Not Found", "/away": "503 Service Unavailable", "/people": "403 Forbidden"}


def answer(request, send, _over):
    path = request.split(" ")[1]
    body = b"x" * 200_000 if path == "/large" else b"hello"
    send(page(body, status=STATUSES.get(path, "200 OK")))


@pytest.fixture
def website(settings, monkeypatch):
    """Another website on this machine."""
    monkeypatch.setattr(link_checker, "HOST_PAUSE", 0)
    site = Website(answer)
    settings.SAFE_FETCH_ALLOWED = [site.place]
    yield site
    site.close()


@pytest.fixture
def desk(as_, ada):
    return as_(ada)


@pytest.fixture
def turned_on():
    ReadingSettings.objects.update_or_create(defaults={"check_links": True})


def asked(website):
    return sorted(request.split(" ")[1] for request in website.requests)


def text_of(response):
    """The visible text, in one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", response.content.decode())).split())


def later(days):
    return timezone.now() + timedelta(days=days)


def twice(website):
    """The checks of two days."""
    link_checker.check_all()
    LinkCheck.objects.update(checked_at=later(-1))
    link_checker.check_due(timezone.now())


def test_only_addresses_of_other_websites_are_links_to_check(settings):
    settings.LONGRUN_URL = "https://blog.example"
    html = (
        '<a href="https://a.example/x#part">a</a><a href="HTTP://b.example/">b</a><a href="https://a.example/x">a</a>'
        '<a href="/about/">own</a><a href="https://blog.example/about/">own</a><a href="mailto:a@b.example">mail</a>'
        '<a name="x">none</a><a href="#top">top</a><a href="https://[broken/">wrong</a><img src="https://c.example/c.png">'
    )
    assert external_links(html) == ["https://a.example/x", "HTTP://b.example/"]


def test_what_fails_twice_on_different_days_is_reported(website, make_post, desk):
    post = make_post("Shoes", f"[gone]({website.url}gone) [here]({website.url}here) [people]({website.url}people)")
    make_post("Hills", f"[gone]({website.url}gone) [away]({website.url}away) [large]({website.url}large)")
    link_checker.check_all()
    assert asked(website) == ["/away", "/gone", "/here", "/large", "/people"], "each once"
    assert not LinkCheck.objects.broken().exists(), "it may be away for an hour"
    link_checker.check_due(later(0.5))
    assert len(website.requests) == 5, "nothing is due yet"
    LinkCheck.objects.update(checked_at=later(-1))
    link_checker.check_due(timezone.now())
    again = sorted(request.split(" ")[1] for request in website.requests[5:])
    assert again == ["/away", "/gone"], "only what failed is asked again"
    assert {row.url.rpartition("/")[2] for row in LinkCheck.objects.broken()} == {"gone", "away"}
    html = desk.get(PAGE).content.decode()
    assert f"{website.url}gone" in html and f"{website.url}here" not in html
    assert f"/desk/posts/{post.pk}/" in html
    text = text_of(desk.get(PAGE))
    assert "The page does not exist." in text and "Error 503" in text and "Shoes" in text and "Hills" in text


def test_what_works_again_leaves_the_report(website, make_post):
    make_post("Shoes", f"[away]({website.url}away)")
    twice(website)
    assert LinkCheck.objects.broken().count() == 1
    website.answer = page()
    LinkCheck.objects.update(checked_at=later(-1))
    link_checker.check_due(timezone.now())
    row = LinkCheck.objects.get()
    assert (row.failures, row.failing_since, row.status) == (0, None, 200)


def test_a_website_that_cannot_be_reached_is_told_in_words(settings, make_post, desk):
    make_post("Shoes", "[inside](http://127.0.0.1:1/x)")
    twice(None)
    assert "Only web addresses on the ports 80 and 443 are fetched." in text_of(desk.get(PAGE))


def test_only_published_posts_are_scanned_and_links_that_were_removed_are_forgotten(website, make_post):
    post = make_post("Shoes", f"[here]({website.url}here)")
    make_post("Plan", f"[plan]({website.url}plan)", draft=True)
    link_post = make_post("Found", "Read it.", format="link", link_url=f"{website.url}found")
    link_checker.check_all()
    assert asked(website) == ["/found", "/here"]
    assert list(LinkCheck.objects.get(url__endswith="/found").posts.all()) == [link_post]
    post.source = f"[new]({website.url}new)"
    post.save()
    link_checker.check_all(later(8))
    assert set(LinkCheck.objects.values_list("url", flat=True)) == {f"{website.url}new", f"{website.url}found"}


def test_a_post_that_is_no_longer_published_is_not_named(website, make_post):
    make_post("Shoes", f"[gone]({website.url}gone)")
    hidden = make_post("Hills", f"[gone]({website.url}gone)")
    link_checker.check_all()
    Post.objects.filter(pk=hidden.pk).update(status="draft")
    link_checker.check_all(later(8))
    assert [post.title for post in LinkCheck.objects.get().posts.all()] == ["Shoes"]


def test_a_host_is_not_asked_twice_at_once(website, make_post, monkeypatch):
    monkeypatch.setattr(link_checker, "HOST_PAUSE", 0.4)
    make_post("Shoes", f"[one]({website.url}one) [two]({website.url}two)")
    times = []
    check = link_checker.check_link

    def timed(row, now):
        times.append(link_checker.time.monotonic())
        check(row, now)

    monkeypatch.setattr(link_checker, "check_link", timed)
    link_checker.check_all()
    assert len(times) == 2 and times[1] - times[0] >= 0.4


def test_a_long_check_lets_other_jobs_have_their_turn(website, make_post, monkeypatch):
    monkeypatch.setattr(link_checker, "LONGEST", -1)
    make_post("Shoes", f"[one]({website.url}one)")
    with pytest.raises(core_jobs.Requeue):
        link_checker.check_all()
    assert website.requests == []
    monkeypatch.setattr(core_jobs, "is_stopping", lambda: True)
    with pytest.raises(core_jobs.Requeue):
        link_checker.scan(timezone.now())


def test_the_job_does_nothing_until_the_owner_wants_it(website, make_post):
    make_post("Shoes", f"[one]({website.url}one)")
    jobs.queue_link_check()
    jobs.check_links.enqueue()
    run_ready("long")
    assert website.requests == []


def test_the_daily_task_runs_the_job(website, make_post, turned_on):
    make_post("Shoes", f"[one]({website.url}one)")
    jobs.queue_link_check()
    run_ready("long")
    assert asked(website) == ["/one"]


def test_the_owner_turns_it_on_at_the_desk(website, make_post, desk):
    make_post("Shoes", f"[one]({website.url}one)")
    assert "Links are not checked." in text_of(desk.get(PAGE))
    assert "Settings saved." in text_of(desk.post(PAGE, {"check_links": "on"}, follow=True))
    assert SettingsChange.objects.get().values[0][0] == "Check the links in posts once a week"
    assert "The first check has not run yet." in text_of(desk.get(PAGE))
    run_ready("long")
    assert asked(website) == ["/one"]
    assert "1 link was checked and works." in text_of(desk.get(PAGE))


def test_a_link_that_is_dismissed_is_left_alone_until_it_is_brought_back(website, make_post, desk):
    make_post("Shoes", f"[gone]({website.url}gone)")
    twice(website)
    link = LinkCheck.objects.get()
    assert "no longer checked" in text_of(desk.post(PAGE, {"action": "dismiss", "link": link.pk}, follow=True))
    before = len(website.requests)
    link_checker.check_due(later(30))
    assert len(website.requests) == before and not LinkCheck.objects.broken().exists()
    assert "Check it again" in text_of(desk.get(PAGE))
    desk.post(PAGE, {"action": "bring back", "link": link.pk})
    link_checker.check_due(timezone.now())
    assert len(website.requests) == before + 1


@pytest.mark.parametrize("link", ["", "x", "9" * 40, "\x00", "-1"])
def test_a_link_that_does_not_exist_is_no_error(desk, link):
    assert desk.post(PAGE, {"action": "dismiss", "link": link}).status_code == 302
