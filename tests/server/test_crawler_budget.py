"""Strangers who behave like robots share a small budget; readers, whatever they are called, do not wait for them."""

from io import BytesIO

import pytest
from django.core import signing
from django.http import HttpResponse

from core.cookies import KNOWN_BROWSER, WRITER
from server import crawler_budget, session_proof
from server.crawler_budget import Budget, Credits
from server.request_queues import BUSY, RequestQueues

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"


class Clock:
    def __init__(self, monkeypatch):
        self.now = 1000.0
        monkeypatch.setattr(crawler_budget, "monotonic", lambda: self.now)

    def __call__(self, seconds):
        self.now += seconds


@pytest.fixture
def pass_seconds(monkeypatch):
    return Clock(monkeypatch)


@pytest.fixture
def queues(settings, pass_seconds):
    settings.LONGRUN_LIMITS, settings.TRUSTED_PROXY_COUNT = True, 0

    def application(environ, start_response):
        if environ.get(BUSY):
            start_response("503 Service Unavailable", [("Retry-After", "5"), ("Content-Type", "text/html")])
            return [b"busy, " + environ.get("HTTP_COOKIE", "whoever you are").encode()]
        start_response("200 OK", [])
        return [environ["longrun.test.thread"]()]

    return RequestQueues(application)


def ask(queues, path, address="203.0.113.7", method="GET", **more):
    """(status, headers, body, name of the queue)."""
    said, names = [], []

    def thread():
        import threading

        names.append(threading.current_thread().name.partition("_")[0])
        return b"whole"

    environ = {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": address, "HTTP_USER_AGENT": FIREFOX}
    environ |= {"wsgi.input": BytesIO(), "longrun.test.thread": thread} | more
    body = b"".join(queues(environ, lambda status, headers: said.append((status, headers))))
    return int(said[0][0].split()[0]), dict(said[0][1]), body, (names or [None])[0]


def spend(queues, *names):
    for name in names:
        budget = queues.crawlers.budgets[name]
        budget.spend(budget.saved + 1)


def signed_cookie(cookie, value="x"):
    response = HttpResponse()
    response.set_signed_cookie(cookie.name, value, salt=cookie.name)
    return f"{cookie.name}={response.cookies[cookie.name].value}"


def test_a_budget_is_spent_saved_and_never_more_than_its_limit(pass_seconds):
    budget = Budget(0.1, 2.0)
    assert budget.spend(1.9) == 0
    assert budget.spend(0.6) == pytest.approx(5)
    assert budget.spend() == pytest.approx(5)
    pass_seconds(5.1)
    assert budget.spend() == 0
    pass_seconds(10_000)
    assert budget.spend(2.1) == pytest.approx(1)


def test_what_is_remembered_of_networks_has_an_end_and_no_addresses():
    credits = Credits(10, most=100)
    for number in range(1000):
        credits.add(f"198.51.{number}.0/24", 3)
    assert len(credits.known) == 100 and all(isinstance(key, int) for key in credits.known)
    assert [credits.use("198.51.999.0/24") for _time in range(4)] == [True, True, True, False]
    assert not any(credits.use(f"203.0.{number}.0/24") for number in range(1000))
    assert len(credits.known) == 99, "who has nothing is not remembered"


@pytest.mark.parametrize("path", ["/search/", "/tag/a/feed/", "/1999/03/", "/x.php", "/category/a/page/300/"])
def test_addresses_without_end_get_503_when_the_budget_is_used_up(queues, path, pass_seconds):
    assert ask(queues, path)[::3] == (200, "unbounded")
    spend(queues, "unbounded")
    status, headers, body, _queue = ask(queues, path, HTTP_COOKIE="longrun_me=Rene")
    assert (status, headers["Retry-After"], body) == (503, "15", b"busy, whoever you are")
    assert ask(queues, "/2026/11/29/a-run/")[::3] == (200, "pages"), "posts have a budget of their own"
    pass_seconds(10.5)
    assert ask(queues, path)[0] == 200


def test_refusing_costs_one_page_a_minute(queues, monkeypatch):
    spend(queues, "unbounded")
    ask(queues, "/search/")
    monkeypatch.setattr(queues, "respond", lambda *_asked: pytest.fail("it was rendered again"))
    assert {ask(queues, f"/search/{number}/", f"198.51.{number}.1")[:3:2] for number in range(200)} == {
        (503, b"busy, whoever you are")
    }


def test_a_stranger_whose_budget_is_used_up_waits_in_the_slow_queue_for_a_post(queues):
    spend(queues, "pages")
    assert ask(queues, "/2026/11/29/a-run/")[::3] == (200, "unbounded")
    spend(queues, "unbounded")
    assert ask(queues, "/2026/11/29/a-run/")[::3] == (200, "unbounded"), "slower, and not refused while there is room"


def test_a_network_that_loads_style_sheets_reads_on(queues, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "site.css").touch()
    spend(queues, "pages", "unbounded")
    for address in ("192.0.2.1", "2001:db8:7::1"):
        ask(queues, f"{settings.STATIC_URL}site.css", address)
    for number, near in enumerate(("192.0.2.200", "2001:db8:7:ffff::2")):
        assert [ask(queues, "/search/", near)[0] for _page in range(11)] == [200] * 10 + [503], number
    ask(queues, "/visits/7/", "192.0.2.1", "POST")
    assert ask(queues, "/2026/11/29/a-run/", "192.0.2.1")[::3] == (200, "pages")
    assert ask(queues, "/search/", "192.0.3.1")[0] == 503, "another network"


def test_a_signed_cookie_makes_a_reader_and_its_copies_do_not(queues, pass_seconds):
    spend(queues, "pages", "unbounded")
    writer = signed_cookie(WRITER)
    answers = [ask(queues, "/search/", HTTP_COOKIE=f"a={n}; {writer}")[0] for n in range(100)]
    assert answers == [200] * 60 + [503] * 40
    pass_seconds(2.5)
    assert [ask(queues, "/search/", HTTP_COOKIE=writer)[0] for _page in range(3)] == [200, 200, 503]
    assert ask(queues, "/search/", HTTP_COOKIE="longrun_writer=forged:1a2b:c3d4")[0] == 503


def test_without_rate_limits_there_is_no_budget(queues, settings):
    settings.LONGRUN_LIMITS = False
    spend(queues, "pages", "unbounded")
    assert ask(queues, "/search/")[0] == 200


# Sessions


def test_a_session_that_somebody_made_up_takes_no_place_of_the_others(queues, monkeypatch):
    monkeypatch.setattr(session_proof, "proven", session_proof.ProvenSessions())
    assert ask(queues, "/desk/", HTTP_COOKIE="sessionid=abc")[3] == "unproven"
    assert ask(queues, "/desk/", HTTP_COOKIE="sessionid=abc", method="POST", CONTENT_LENGTH="3000000")[3] == "unproven"
    assert ask(queues, "/desk/", HTTP_COOKIE=f"sessionid=abc; {KNOWN_BROWSER.name}=forged")[3] == "unproven"
    assert ask(queues, "/desk/", HTTP_COOKIE=f"sessionid=abc; {signed_cookie(KNOWN_BROWSER)}")[3] == "sessions"
    session_proof.proven.add("abc")
    assert ask(queues, "/desk/", HTTP_COOKIE="a=b; sessionid=abc")[3] == "sessions"
    assert ask(queues, "/desk/", HTTP_COOKIE="sessionid=abc", method="POST", CONTENT_LENGTH="3000000")[3] == "uploads"
    assert ask(queues, "/desk/", HTTP_COOKIE="sessionid=abcd")[3] == "unproven"


def test_sessions_in_memory_have_an_end():
    found = session_proof.ProvenSessions(most=10)
    for number in range(100):
        found.add(str(number))
    assert list(found.keys) == [str(number) for number in range(90, 100)]


@pytest.mark.django_db
def test_a_session_is_proven_by_its_user_alone(client, as_, rene, blog, monkeypatch):
    monkeypatch.setattr(session_proof, "proven", session_proof.ProvenSessions())
    client.cookies["sessionid"] = "made-up"
    client.get("/accounts/me/")
    session = client.session
    session["last_draft"] = "/somewhere/"
    session.save()
    client.get("/accounts/me/")
    assert not session_proof.proven.keys
    reader = as_(rene)
    reader.get("/accounts/me/")
    assert list(session_proof.proven.keys) == [reader.session.session_key]


def test_the_signature_of_another_cookie_proves_nothing():
    value = signing.get_cookie_signer(salt=WRITER.name).sign("x")
    assert not session_proof.is_known_browser(value) and not session_proof.is_known_browser("")
