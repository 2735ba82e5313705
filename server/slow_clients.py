"""Who sends or takes slowly waits for their own thread only: some of the server's threads answer the others.

A thread of the server hears one request to its end, and nothing can make it stop waiting for somebody who is silent.
So not more than a few of them at a time hear small requests, large ones (uploads), or send large files. Who gets no
turn is told to come back (503), before anything was done. Of the server's eight threads three are left when as many
send slowly as may, and two when as many take slowly. Against both at once helps a front that holds back requests and
answers, as nginx does.
"""

from contextlib import contextmanager, suppress
from io import BytesIO
from threading import BoundedSemaphore
from time import monotonic

PATIENCE = 1  # second: a turn of a healthy request is free again sooner
SMALL = 2**20  # bytes: a comment, a login, a long post
MOST_HEARD, PART = 128 * 2**20, 2**16  # bytes; the largest upload is smaller
AT_ONCE = 2**20  # bytes of a file that the server takes off a thread's hands
BUSY = "503 Service Unavailable"
WORDS = b"Too many are sending or taking something large just now. Please try again in a moment; nothing was changed."


class NoTurn(Exception):
    """All are taken, and stay so."""


class Turns:
    """So many at a time. While they come and go, others wait a moment; when none has for that long, nobody waits."""

    def __init__(self, count):
        self.free, self.moved = BoundedSemaphore(count), 0

    @contextmanager
    def one(self):
        self.take()
        try:
            yield
        finally:
            self.give_back()

    def take(self):
        if not self.free.acquire(blocking=False):
            left = self.moved + PATIENCE - monotonic()
            if left <= 0 or not self.free.acquire(timeout=left):
                raise NoTurn
        self.moved = monotonic()

    def give_back(self):
        self.moved = monotonic()
        self.free.release()


class Patient:
    """A WSGI application around another one: so many of its threads at most are kept waiting by the slow."""

    def __init__(self, application, *, small=3, large=2, files=6):
        self.application = application
        self.small, self.large, self.files = Turns(small), Turns(large), Turns(files)

    def __call__(self, environ, start_response):
        try:
            length = announced(environ)
            if length > SMALL:
                with self.large.one():
                    return self.answer(environ, start_response, environ["wsgi.input"])
            if length:
                with self.small.one():
                    body = environ["wsgi.input"].read(length)
                if len(body) < length:  # they have hung up: half a comment is none
                    return said(start_response, "400 Bad Request", b"")
                environ["wsgi.input"] = BytesIO(body)
            return self.answer(environ, start_response)
        except NoTurn:
            return said(start_response, BUSY, WORDS)

    def answer(self, environ, start_response, body=None):
        begun = []
        answer = self.application(environ, lambda *said: begun.append(said))
        if body:
            hear_out(body)
        if getattr(answer, "streaming", False):
            answer = self.sent_in_turn(answer, environ)
        start_response(*begun[-1])
        return answer

    def sent_in_turn(self, answer, environ):
        """A short file whole, at once; else a turn of those that send, until it is sent or the taker has gone."""
        parts, size = iter(answer), 0
        first = []
        for part in parts:
            first.append(part)
            size += len(part)
            if size > AT_ONCE:
                break
        else:
            answer.close()
            return [b"".join(first)]
        try:
            self.files.take()
        except NoTurn:
            answer.close()
            raise
        return Sending(first, parts, answer.close, self.files.give_back)


class Sending:
    """What is sent part by part; gives its turn back once."""

    def __init__(self, first, parts, *at_the_end):
        self.first, self.parts, self.at_the_end = first[::-1], parts, list(at_the_end)

    def __iter__(self):
        return self

    def __next__(self):
        if self.first:
            return self.first.pop()
        try:
            return next(self.parts)
        except BaseException:
            self.close()
            raise

    def close(self):
        while self.at_the_end:
            self.at_the_end.pop()()

    __del__ = close


def announced(environ):
    """How many bytes a POST says that it brings; 0 where that is no number, as for Django. No other body is read."""
    if environ["REQUEST_METHOD"] != "POST":
        return 0
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and length.isascii() and len(length) < 20 else 0


def said(start_response, status, words):
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(words)))]
    headers += [("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff")]
    start_response(status, [*headers, ("Retry-After", "5")] if status is BUSY else headers)
    return [words]


def hear_out(body):
    """Read what is left of a request that was answered early (a login has ended, a form is too large): a server that
    hangs up on somebody who still sends is heard by no browser, and nginx makes a 502 of it."""
    heard = 0
    with suppress(OSError):  # who has hung up needs no answer
        while heard < MOST_HEARD and (part := body.read(PART)):
            heard += len(part)
