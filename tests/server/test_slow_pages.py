"""The slowest pages, for the owner; addresses that open something are shown by their pattern alone."""

import time

import pytest
from django.http import HttpResponse
from django.urls import resolve

from server import slow_pages


@pytest.fixture(autouse=True)
def nothing_was_slow(monkeypatch):
    monkeypatch.setattr(slow_pages, "_pages", {})


def ask(rf, path, seconds=0.0, method="get"):
    def view(request):
        time.sleep(seconds)
        request.resolver_match = resolve(path)
        return HttpResponse()

    slow_pages.SlowPagesMiddleware(view)(getattr(rf, method)(path))


def test_slow_pages_are_counted_with_their_slowest_time(rf):
    ask(rf, "/2020/02/02/run/", 0.12)
    ask(rf, "/2020/02/02/run/", 0.2)
    ask(rf, "/2020/02/02/run/")
    ask(rf, "/2020/02/02/run/", 0.12, method="post")
    (found,) = slow_pages.slowest_pages()
    assert (found.page, found.times, 0.2 <= found.seconds < 2) == ("/2020/02/02/run/", 2, True)


def test_no_token_is_shown(rf):
    for path in ("/setup/secret-token/", "/accounts/login/link/secret-token/"):
        slow_pages.record_slow(path, resolve(path), 1.0)
    assert "secret-token" not in str(slow_pages.slowest_pages())


def test_it_keeps_the_slowest_of_many(rf):
    for number in range(1000):
        slow_pages.record_slow(f"/2020/02/02/{number}/", resolve("/2020/02/02/x/"), number)
    assert len(slow_pages._pages) <= slow_pages.MAX_PAGES
    assert [each.seconds for each in slow_pages.slowest_pages(2)] == [999, 998]


def test_the_desk_shows_them(as_, ada):
    slow_pages.record_slow("/2020/02/02/run/", resolve("/2020/02/02/run/"), 1.234)
    page = " ".join(as_(ada).get("/desk/status/").content.decode().split())
    assert "<dt>1.23 s</dt>" in page and "/2020/02/02/run/" in page and "(1 time over 0.1 s)" in page
