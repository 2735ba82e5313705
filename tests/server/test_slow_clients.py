"""Those who send or take slowly keep nobody else waiting, however many they are: over real sockets."""

import http.client
import re
import socket
import time
from contextlib import ExitStack
from urllib.parse import urlencode

import pytest

from server.slow_clients import FILES, LARGE, SMALL
from tests.pace import allowed
from tests.pathological import Assault, everything

EACH = 2 * max(SMALL, LARGE, FILES)
FILM = """
from django.core.files.uploadedfile import SimpleUploadedFile
from blog.media import uploads
from blog.models import MediaUse, Post
film = uploads.store_upload(SimpleUploadedFile("film.mp4", b"\\0\\0\\0\\x18ftypmp42" + bytes(30_000_000)), None)
MediaUse.objects.create(media=film, post=Post.objects.filter(kind="post").get())
print("FILM", film.get_absolute_url(), Post.objects.filter(kind="post").get().pk)
"""


@pytest.fixture(scope="module")
def film(running_blog):
    """The address of a file that no buffer holds, and the number of a post."""
    return re.search(r"FILM (\S+) (\d+)", running_blog.manage("shell", "-v0", "-c", FILM)).groups()


@pytest.fixture
def slowly(running_blog):
    """`slowly(bytes)` sends this and then neither sends nor takes anything more."""
    with ExitStack() as lines:

        def send(what):
            line = lines.enter_context(socket.socket())
            line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            line.settimeout(20)
            line.connect(("127.0.0.1", running_blog.port))
            line.sendall(what)
            return line

        yield send


def ask(blog, path, body=None):
    line = http.client.HTTPConnection("127.0.0.1", blog.port, timeout=20)
    try:
        headers = {"Host": f"localhost:{blog.port}", "Origin": blog.url, "Cookie": "longrun_writer=none"}
        if body:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        line.request("POST" if body else "GET", path, body, headers)
        answer = line.getresponse()
        return answer.status, answer.read()
    finally:
        line.close()


def begin(blog, method, path, length=0):
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{blog.port}", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()


def commented(blog, post, words):
    said = {"comment": words, "author": "Ann", "email": "ann@example.org"}
    return ask(blog, f"/comments/{post}/", urlencode(said))


def read_by_others(blog):
    """Whoever came when the turns were just taken has waited a second; the next are answered soon."""
    assert ask(blog, "/")[0] == 200
    for _time in range(10):
        began = time.monotonic()
        assert ask(blog, "/")[0] == 200
        assert time.monotonic() - began < allowed(2)


def soon(truth, seconds=20):
    began = time.monotonic()
    while not truth():
        assert time.monotonic() - began < seconds, "a turn was not given back, or given to too many"


@pytest.mark.long
def test_readers_read_while_the_slow_send(running_blog, film, slowly):
    post = film[1]
    half = begin(running_blog, "POST", f"/comments/{post}/", 900) + b"comment=half"
    upload = begin(running_blog, "POST", "/desk/media/", 2**25) + bytes(99)
    lines = [slowly(what) for what in EACH * [half, upload]]
    soon(lambda: commented(running_blog, post, "In vain.")[0] == 503)
    read_by_others(running_blog)
    status, words = commented(running_blog, post, "In vain again.")
    assert status == 503 and b"try again" in words
    for line in lines:
        line.close()
    soon(lambda: commented(running_blog, post, f"After them, {time.monotonic()}.")[0] == 303)
    assert b"In vain" not in ask(running_blog, "/comments/feed/")[1]


def test_readers_read_while_the_slow_take(running_blog, film, slowly):
    lines, statuses = [], []
    for _time in range(EACH):  # one after the other, since only some may wait in the queue of files
        lines.append(slowly(begin(running_blog, "GET", film[0])))
        statuses.append(lines[-1].recv(12))
    assert set(statuses) == {b"HTTP/1.1 200", b"HTTP/1.1 503"}
    soon(lambda: ask(running_blog, film[0])[0] == 503)
    read_by_others(running_blog)
    for line in lines:
        line.close()
    soon(lambda: len(ask(running_blog, film[0])[1]) == 30_000_012)


def test_who_leaves_in_the_middle_gives_their_turn_back(running_blog, film, slowly):
    for _time in range(EACH):
        line = slowly(begin(running_blog, "GET", film[0]))
        assert line.recv(15) == b"HTTP/1.1 200 OK"
        line.close()
    soon(lambda: len(ask(running_blog, film[0])[1]) == 30_000_012)


def test_half_a_comment_is_none(running_blog, film, slowly):
    whole = urlencode({"author": "Bo", "email": "bo@example.org", "comment": "This is half. And this is not sent."})
    line = slowly(begin(running_blog, "POST", f"/comments/{film[1]}/", len(whole)) + whole[:-20].encode())
    line.shutdown(socket.SHUT_WR)
    assert line.recv(12) in (b"", b"HTTP/1.1 400")
    assert b"This is half" not in ask(running_blog, "/comments/feed/")[1]


def test_readers_read_while_what_takes_long_is_sent(running_blog):
    """A few of those that tests/server/test_pathological.py sends."""
    assault = Assault(running_blog, everything()[9::38]).run(senders=2, readers=1)
    assert len(assault.answers) == 6 and assault.broken() == []
    assert assault.kept_waiting(allowed(20)) == []
