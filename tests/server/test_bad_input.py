"""What no browser sends, over a real socket: never somebody else's page, never an error that is kept."""

import http.client
import select
import socket
import threading

import pytest

from core.page_cache import UNCACHED_PARAMETERS
from server.slow_clients import SMALL
from tests.server.test_cached_pages_of_two_processes import Neighbours


@pytest.fixture(scope="module")
def say(running_blog):
    """`say("GET / HTTP/1.1", "Host: …")` sends these lines as they are; the status, the headers and the body."""

    def send(*lines):
        with socket.create_connection(("127.0.0.1", running_blog.port), timeout=30) as line:
            line.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
            answer = http.client.HTTPResponse(line)
            try:
                answer.begin()
                return answer.status, answer.headers, answer.read()
            except (http.client.HTTPException, ConnectionError):
                return 0, {}, b""

    return send


@pytest.fixture
def guest(say, running_blog):
    """The front page as guests have it, before and after."""
    line = f"Host: localhost:{running_blog.port}"
    before = say("GET / HTTP/1.1", line)
    assert before[0] == 200
    yield line
    after = say("GET / HTTP/1.1", line)
    assert (after[0], after[2]) == (200, before[2])
    assert "Set-Cookie" not in after[1]


HOSTS = ["evil.example", "", " ", "localhost.", "localhost:x", "[::1]", "a b", "é",
         "x" * 300, "localhost,evil.example", "evil.example#localhost"]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
def test_another_name_gets_nothing_that_is_kept(say, guest, host):
    status, headers, body = say("GET / HTTP/1.1", f"Host: {host}")
    assert status == 400 if "evil" in host else status in (0, 200, 400)
    assert b"evil.example" not in body
    if status:
        assert "no-store" in headers.get("Cache-Control", "no-store")


def test_two_hosts_or_none_are_no_request(say, guest):
    for lines in ([guest, "Host: evil.example"], ["Host: evil.example", guest], []):
        status, _headers, body = say("GET / HTTP/1.1", *lines)
        assert status in (0, 200, 400)
        assert b"evil.example" not in body


@pytest.mark.parametrize(
    "header",
    [
        "X-Forwarded-Host: evil.example",
        "X-Forwarded-Host: ",
        "X-Forwarded-Proto: https",
        "X-Forwarded-For: " + "1.2.3.4, " * 200,
        "X-Forwarded-For: <script>",
        "Forwarded: host=evil.example;proto=https",
        "X-Original-URL: /desk/",
        "X-Rewrite-URL: /desk/",
        "X-HTTP-Method-Override: POST",
        "Accept-Encoding: " + "gzip;q=0.001, " * 300,
        "Accept-Encoding: ;q=,,=;",
        "Accept-Language: " + "de, " * 500,
        "If-None-Match: " + '"x", ' * 500,
        "If-Modified-Since: yesterday",
        "If-Match: W/nothing",
        "Range: bytes=0-1",
        "Cookie: ",
        "Cookie: ====;;;,",
        "Cookie: longrun_me=%00%ff%fe",
        "Cookie: csrftoken=" + "a" * 4000,
        "Cookie: é=ü",
        "Content-Length: 0",
        "Transfer-Encoding: identity",
    ],
)
def test_a_header_that_means_nothing_changes_nothing(say, guest, header):
    status, headers, body = say("GET / HTTP/1.1", guest, header)
    assert status in (200, 400)
    assert b"evil.example" not in body
    assert status == 400 or headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize(
    ("cookie", "cached"),
    [("sessionid=", "private, no-store"), ("sessionid=x", "private, no-store"), ("messages=x", "no-cache"),
     ("longrun_writer=x:y", "no-cache"), ("longrun_post_1=z", "no-cache")],
)  # fmt: skip
def test_whoever_claims_to_be_somebody_is_a_guest(say, guest, cookie, cached):
    status, headers, body = say("GET / HTTP/1.1", guest, f"Cookie: longrun_me=x; {cookie}")
    assert (status, headers["Cache-Control"]) == (200, cached)
    assert b"<!doctype html>" in body


@pytest.mark.parametrize(
    "target",
    ["/?" + "a=b&" * 2000, "/?" + "x" * 8000, "/?q=" + "%C3%A9" * 1200, "/?%", "/?%ff=%fe&page=%00", "/?page[]=1&=&&&",
     "//", "//evil.example/", "/%2e%2e/desk/", "/%00", "/\xff", "/" + "a/" * 3000, "*", "http://evil.example/",
     "/search/?q=%00", "/search/?q=" + "a+" * 3000, "/search/?page=-1&q=x", "/search/?page=" + "9" * 400],
)  # fmt: skip
def test_an_address_that_nobody_wrote_by_hand(say, guest, target):
    status, headers, body = say(f"GET {target} HTTP/1.1", guest)
    assert status in (0, 200, 301, 302, 400, 404, 414, 431)
    assert b'href="http://evil.example' not in body
    if status and status != 200:
        assert "no-store" in headers.get("Cache-Control", "no-store")


@pytest.mark.parametrize("name", sorted(UNCACHED_PARAMETERS))
def test_a_query_that_django_must_see_is_kept_by_nobody(say, guest, name):
    status, headers, _body = say(f"GET /?{name}=1&utm_source=x HTTP/1.1", guest)
    assert status in (200, 301, 302, 404)
    assert headers["Cache-Control"] == "private, no-store"
    assert status != 200 or headers["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "get", "QUERY", "POST"])
def test_a_rare_method_is_answered_and_kept_by_nobody(say, guest, method):
    status, headers, _body = say(f"{method} / HTTP/1.1", guest, "Content-Length: 0")
    assert status in (0, 200, 204, 400, 403, 405, 501)
    assert not status or "no-store" in headers.get("Cache-Control", "no-store")


@pytest.mark.parametrize("path", ["/desk/media/", "/comments/1/", "/nothing-here/"])
def test_who_sends_much_in_vain_is_told_so_and_not_cut_off(running_blog, path):
    """20 MB, of which the answer does not depend on a byte: somebody whose login has ended uploads a picture."""
    line = http.client.HTTPConnection("127.0.0.1", running_blog.port, timeout=30)
    line.request("POST", path, b"x" * 20_000_000, {"Host": f"localhost:{running_blog.port}", "Sec-Fetch-Site": "none"})
    assert line.getresponse().status in (400, 403, 404, 413)
    line.close()


def test_who_announces_a_body_and_sends_none_keeps_nobody_waiting(say, running_blog):
    host = f"Host: localhost:{running_blog.port}"
    assert say("GET /nothing-here/ HTTP/1.1", host, "Content-Length: 5")[0] == 404
    silent = [socket.create_connection(("127.0.0.1", running_blog.port), timeout=30) for _ in range(SMALL + 9)]
    for line in silent:
        line.sendall(f"POST /nothing-here/ HTTP/1.1\r\n{host}\r\nContent-Length: 5\r\n\r\n".encode())
    assert say("GET /about/ HTTP/1.1", host)[0] in (200, 404)
    told = {}
    while len(told) < 9:  # the bodies of the others are awaited
        ready, _out, _wrong = select.select([line for line in silent if line not in told], [], [], 10)
        assert ready, f"only {len(told)} were answered"
        told |= {line: line.recv(12) for line in ready}
    assert set(told.values()) == {b"HTTP/1.1 503"}
    for line in silent:
        line.close()


@pytest.mark.long
def test_requests_during_a_commit_get_the_page_of_before_or_the_one_of_after(start_blog):
    neighbours = Neighbours(start_blog(set_up=True))
    seen, over = set(), threading.Event()

    def read(port):
        while not over.is_set():
            seen.add(neighbours.title(port))

    before = neighbours.titles[0]
    readers = [threading.Thread(target=read, args=(port,)) for port in (neighbours.blog.port, neighbours.port)]
    for reader in readers:
        reader.start()
    for number in range(5):
        neighbours.write("nowhere", f"Title {number}").communicate("go\n")
        assert neighbours.titles == [f"Title {number}"] * 2
    over.set()
    for reader in readers:
        reader.join()
    neighbours.end()
    assert seen <= {before, *(f"Title {number}" for number in range(5))}
