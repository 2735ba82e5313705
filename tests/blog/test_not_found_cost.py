"""What a path costs that leads nowhere: two queries, and nothing where scanners knock at every door."""

import pytest

from blog.models import Redirect
from blog.redirects import not_found_log
from blog.redirects.probes import PROBES
from core import rate_limits
from tests.asking import ask, process

HOST = "localhost:8000"
pytestmark = pytest.mark.django_db


@pytest.fixture
def without_suggestions(settings):
    settings.LONGRUN_LIMITS = True
    while not rate_limits.hit("suggestions_site"):
        pass


@pytest.mark.db
@pytest.mark.parametrize(
    "path",
    ["/2026/03/05/no-such-post/", "/nothing/", "/some/where", "/2026/03/05/no-such-post/feed/", "/wp-content/p/x.php",
     "/a-picture-300x200.jpg", "/%D7%A9/"],
)  # fmt: skip
def test_a_path_that_was_never_here_asks_for_a_post_and_a_redirect(
    client, make_post, without_suggestions, settled, django_assert_num_queries, path
):
    make_post()
    settled()
    client.get(path)
    with django_assert_num_queries(2):
        assert client.get(path).status_code == 404


def test_who_had_ten_suggestions_costs_no_look_into_the_cache(client, make_post, settings, monkeypatch):
    settings.LONGRUN_LIMITS = True
    make_post("Shoes")
    pages = [client.get(f"/blog/shoes-{number}/").content.decode() for number in range(12)]
    assert [("Did you mean" in page) for page in pages] == [True] * 10 + [False] * 2
    monkeypatch.setattr(rate_limits, "hit_all", lambda *_hits: pytest.fail("counted again"))
    assert client.get("/blog/shoes-13/").status_code == 404
    now = rate_limits.time.monotonic()
    monkeypatch.setattr(rate_limits.time, "monotonic", lambda: now + 3601)
    monkeypatch.setattr(rate_limits, "hit_all", lambda *_hits: 0)
    assert "Did you mean" in client.get("/blog/shoes-13/").content.decode()


def test_known_waits_have_an_end(settings, monkeypatch):
    settings.LONGRUN_LIMITS = True
    waits = rate_limits.KnownWaits(most=10)
    for number in range(100):
        waits.add(number, 60)
    waits.add("nobody", 0)
    assert list(waits.until) == list(range(90, 100))
    assert waits.is_waiting(99) and not waits.is_waiting(1) and not waits.is_waiting("nobody")
    settings.LONGRUN_LIMITS = False
    assert not waits.is_waiting(99)


@pytest.fixture
def application(make_post, settled):
    make_post()
    settled()
    return process(HOST, 2**22)


@pytest.mark.parametrize(
    "path", ["/xmlrpc.php", "/.env", "/.git/config", "/wp-login.php", "/wp-login.php?redirect_to=x"]
)
def test_what_scanners_request_everywhere_is_cached(application, django_assert_num_queries, path):
    first = ask(application, path)
    assert first.status == (302 if "login" in path else 404)
    with django_assert_num_queries(0):
        again = ask(application, path, accept_encoding="gzip")
        assert again.status == first.status and again["Location"] == first["Location"]
        assert ask(application, path, if_none_match="*").status == first.status, "304 is for pages"
    assert len(application.pages) == 1


def test_another_404_is_not_cached(application):
    assert ask(application, "/nothing/").status == ask(application, "/x.php").status == 404
    assert not application.pages


def test_a_redirect_at_such_a_path_works_at_once(application, as_, ada, settled):
    assert ask(application, "/xmlrpc.php").status == 404
    desk = as_(ada)
    assert desk.post("/desk/redirects/", {"old": "/xmlrpc.php", "to": "/feed/"}).status_code == 302
    settled()
    assert (ask(application, "/xmlrpc.php").status, ask(application, "/xmlrpc.php")["Location"]) == (301, "/feed/")
    desk.post(f"/desk/redirects/{Redirect.objects.get().pk}/delete/")
    settled()
    assert ask(application, "/xmlrpc.php").status == 404


def test_the_log_of_the_desk_loses_nothing_by_it():
    assert {path for path in PROBES if not not_found_log.is_noise(path)} == set()
    assert not {path for path in PROBES if "?" in path}


def test_a_404_is_no_line_in_the_log(client, caplog):
    assert client.get("/nothing/").status_code == 404
    assert not caplog.records
