"""Requests of one kind do not delay those of another; who finds no place gets a 503 and the typed text back."""

import logging
import threading
from io import BytesIO

import pytest

from core import cache_version
from core.models import Site
from server import session_proof, slow_clients
from server.request_queues import BUSY, SERVER_THREADS, SIZES, RequestQueues, Size, queue_name
from server.slow_clients import SlowClientLimiter
from tests.server.test_database_away import FORMS, HERE, LONG, things  # noqa: F401

ONE = dict.fromkeys(SIZES, Size(1, 0))
FREE = 16  # threads for cached pages and static files when everything else is taken


def environ(method="GET", path="/", **more):
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "wsgi.input": BytesIO()} | more


class Body(list):
    """A response body as Django makes it: it tells which thread produced and closed it."""

    def __init__(self, parts, streaming=False):
        super().__init__(parts)
        self.streaming, self.threads = streaming, []

    def __iter__(self):
        for part in super().__iter__():
            self.threads.append(threading.current_thread().name)
            yield part

    def close(self):
        self.threads.append(threading.current_thread().name)


class Application:
    """A WSGI application that answers with its thread's name, at once or when `door` is open."""

    def __init__(self):
        self.door, self.entered, self.bodies = threading.Event(), threading.Semaphore(0), []

    def __call__(self, environ, start_response):
        if environ.get(BUSY):
            start_response("503 Service Unavailable", [])
            return Body([b"busy"])
        if environ["PATH_INFO"] == "/slow/":
            self.entered.release()
            assert self.door.wait(60)
        start_response("200 OK", [])
        parts = [bytes(2**20)] * 18 if environ["PATH_INFO"] == "/long/" else [b"whole"]
        body = Body(parts, streaming=environ["PATH_INFO"] in ("/long/", "/streamed/"))
        self.bodies.append(body)
        return body


@pytest.fixture
def inner():
    made = Application()
    yield made
    made.door.set()


def ask(queues, asked):
    said = []
    body = b"".join(queues(asked, lambda status, headers: said.append((status, headers))))
    return int(said[0][0].split()[0]), body


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (environ(), "pages"),
        (environ("HEAD"), "pages"),
        (environ(HTTP_COOKIE="longrun_post_0=x"), "pages"),
        (environ(path="/static/nothing.css"), "pages"),
        (environ(path="/2026/11/29/a-run/"), "pages"),
        (environ(path="/feed/"), "pages"),
        (environ(path="/", QUERY_STRING="replytocom=7"), "unbounded"),
        (environ(path="/search/"), "unbounded"),
        (environ(path="/tag/running/feed/"), "unbounded"),
        (environ(path="/category/a/page/104/"), "unbounded"),
        (environ(path="/2026/11/29/a-run/comment-page-104/"), "unbounded"),
        (environ(path="/1987/03/"), "unbounded"),
        (environ(path="/2026/11/29/page/2/"), "unbounded"),
        (environ(path="/2026/"), "unbounded"),
        (environ(path="/wp-content/x.php"), "unbounded"),
        (environ(path="/.git/config"), "unbounded"),
        (environ(path="/.well-known/security.txt"), "pages"),
        (environ(path="/static/../config/settings.py"), "pages"),
        (environ(path="/static/"), "pages"),
        (environ(path="/static/" + "a" * 300), "pages"),
        (environ(path="/static/\0"), "pages"),
        (environ(path="/media/a/b.webp"), "files"),
        (environ(path="/health/"), "files"),
        (environ(path="/health/live/"), "files"),
        (environ(path="/metrics"), "files"),
        (environ("POST", "/comments/1/", CONTENT_LENGTH="900"), "forms"),
        (environ("POST", "/static/site.css", CONTENT_LENGTH="9"), "forms"),
        (environ(path="/desk/", HTTP_COOKIE="a=b; sessionid=x"), "sessions"),
        (environ("POST", "/desk/write/", HTTP_COOKIE="sessionid=x", CONTENT_LENGTH="900"), "sessions"),
        (environ("POST", "/desk/media/", HTTP_COOKIE="sessionid=x", CONTENT_LENGTH="3000000"), "uploads"),
    ],
)
def test_each_request_has_its_queue(asked, name):
    assert queue_name(asked) == name


def test_a_static_file_waits_in_no_queue(settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    (tmp_path / "css").mkdir()
    (tmp_path / "css" / "site.1a2b.css").touch()
    assert queue_name(environ(path="/static/css/site.1a2b.css")) is None
    assert queue_name(environ(path="/static/css")) == "pages"


def test_threads_are_left_for_cached_pages_when_all_queues_are_full():
    waiting = sum(size.threads + size.waiting for size in SIZES.values())
    assert waiting + slow_clients.SMALL + slow_clients.LARGE + slow_clients.FILES + FREE <= SERVER_THREADS


@pytest.mark.parametrize("others", [name for name in SIZES if name not in ("refusals", "pages")])
def test_a_full_queue_refuses_and_delays_no_other(inner, others, caplog):
    asked = {
        "files": environ(path="/health/"),
        "forms": environ("POST"),
        "sessions": environ(HTTP_COOKIE="sessionid=proven"),
        "unproven": environ(HTTP_COOKIE="sessionid=x"),
        "uploads": environ("POST", CONTENT_LENGTH="3000000"),
        "unbounded": environ(QUERY_STRING="s=words"),
    }[others]
    session_proof.proven.add("proven")
    queues = RequestQueues(inner, ONE)
    answers = []
    first = threading.Thread(target=lambda: answers.append(ask(queues, environ(path="/slow/"))))
    first.start()
    assert inner.entered.acquire(timeout=60)
    with caplog.at_level(logging.WARNING):
        assert [ask(queues, environ()) for _time in range(3)] == [(503, b"busy")] * 3
    assert ask(queues, asked) == (200, b"whole")
    inner.door.set()
    first.join()
    assert answers == [(200, b"whole")] and ask(queues, environ()) == (200, b"whole")
    lines = [record.getMessage().partition(" network=")[0] for record in caplog.records]
    told = "more requests than can be handled: 503 for 1 of pages"  # once a minute
    assert lines == ["refused busy", told, "refused busy", "refused busy"]


def test_who_waits_gets_the_next_thread(inner):
    queues, answers = RequestQueues(inner, ONE | {"pages": Size(1, 2)}), []
    asking = [threading.Thread(target=lambda: answers.append(ask(queues, environ(path="/slow/")))) for _n in range(3)]
    for thread in asking:
        thread.start()
    assert inner.entered.acquire(timeout=60)
    inner.door.set()
    for thread in asking:
        thread.join()
    assert answers == [(200, b"whole")] * 3


def test_only_a_busy_page_is_used_again_for_others(inner):
    """A redirect of another host name, or a health check that needs no place, is for its sender alone."""

    def application(asked, start_response):
        if asked.get(BUSY) and asked["PATH_INFO"] == "/health/live/":
            start_response("200 OK", [])
            return [b"ok"]
        return inner(asked, start_response)

    queues = RequestQueues(application, ONE)
    for name in ("pages", "files"):
        assert queues.queues[name].places.acquire(blocking=False)
    assert ask(queues, environ(path="/health/live/")) == (200, b"ok")
    assert ask(queues, environ()) == (503, b"busy")
    assert ask(queues, environ(path="/other/")) == (503, b"busy")


@pytest.mark.parametrize("path", ["/", "/streamed/"])
def test_a_generated_response_is_read_and_closed_by_the_thread_that_made_it(inner, path):
    queues = RequestQueues(inner, ONE)
    assert ask(queues, environ(path=path)) == (200, b"whole")
    assert [name.partition("_")[0] for name in inner.bodies[0].threads] == ["pages"] * 2


def test_a_very_long_response_is_not_collected_whole(inner):
    status, body = ask(RequestQueues(inner, ONE), environ(path="/long/"))
    assert (status, len(body)) == (200, 18 * 2**20)
    threads = [name.partition("_")[0] for name in inner.bodies[0].threads]
    assert threads.count("pages") == 17 and len(threads) == 19


def test_an_error_of_the_application_frees_the_place(inner):
    def broken(asked, start_response):
        raise ZeroDivisionError

    queues = RequestQueues(broken, ONE)
    for _time in range(3):
        with pytest.raises(ZeroDivisionError):
            ask(queues, environ())


def test_a_large_body_is_complete_before_it_takes_a_thread():
    read = []

    def application(asked, start_response):
        start_response("200 OK", [])
        read.append(asked["wsgi.input"].read())
        return [b""]

    content = bytes(3_000_000)
    whole = environ("POST", CONTENT_LENGTH=str(len(content))) | {"wsgi.input": BytesIO(content)}
    assert ask(SlowClientLimiter(application), whole)[0] == 200 and read == [content]
    half = environ("POST", CONTENT_LENGTH="4000000") | {"wsgi.input": BytesIO(content)}
    assert ask(SlowClientLimiter(application), half)[0] == 400 and len(read) == 1
    much = environ("POST", CONTENT_LENGTH=str(2**40)) | {"wsgi.input": BytesIO(content)}
    assert ask(SlowClientLimiter(application), much)[0] == 413 and len(read) == 1
    assert much["wsgi.input"].read() == b"", "it has been heard out"


@pytest.mark.parametrize("room", [0, 100_000, 2_950_000])
def test_a_full_disk_is_said_and_nothing_is_handled_by_half(monkeypatch, room):
    class FullDisk(BytesIO):
        def write(self, part):
            return super().write(part[: max(0, room - self.tell())])

    monkeypatch.setattr(slow_clients, "TemporaryFile", lambda buffering: FullDisk())
    content = environ("POST", CONTENT_LENGTH="3000000") | {"wsgi.input": BytesIO(bytes(3_000_000))}
    status, words = ask(SlowClientLimiter(lambda *_asked: pytest.fail("it was handled")), content)
    assert status == 507 and b"no room left" in words and content["wsgi.input"].read() == b""


@pytest.mark.django_db
@pytest.mark.parametrize(("address", "field", "who"), FORMS)
def test_a_form_that_found_no_place_comes_back_with_its_text(things, request, as_, address, field, who):  # noqa: F811
    client = as_(request.getfixturevalue(who) if who else None)
    form = {field: LONG, "name": "x", "action": "publish"}
    answer = client.post(address.format(**things), form, headers=HERE, **{BUSY: True})
    page = answer.content.decode()
    assert answer.status_code == 503 and answer["Retry-After"] == "5", address
    assert LONG.strip() in page and "very busy right now" in page and "Send it again" in page
    assert "<label" not in page or f">{field}</label>" not in page, "a name of HTML is no word for people"
    assert "default-src" in answer["Content-Security-Policy"] and "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_page_that_found_no_place_says_so_in_the_language_of_the_blog(client, blog, ada):
    Site.objects.update(language="de")
    cache_version.increment()
    answer = client.get("/", **{BUSY: True})
    page = answer.content.decode()
    assert answer.status_code == 503 and '<html lang="de">' in page and ">Noch einmal versuchen</a>" in page
