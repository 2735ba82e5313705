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

WAIT_SECONDS = 1  # second: a turn of a healthy request is free again sooner
SMALL_BODY = 2**20  # bytes: a comment, a login, a long post
MAX_DRAINED, CHUNK = 128 * 2**20, 2**16  # bytes; the largest upload is smaller
MAX_BUFFERED = 2**20  # bytes of a file that the server takes off a thread's hands
BUSY = "503 Service Unavailable"
BUSY_MESSAGE = (
    b"Too many are sending or taking something large just now. Please try again in a moment; nothing was changed."
)


class NoFreeSlot(Exception):
    """All are taken, and stay so."""


class Slots:
    """So many at a time. While they come and go, others wait a moment; when none has for that long, nobody waits."""

    def __init__(self, count):
        self.free, self.last_change = BoundedSemaphore(count), 0

    @contextmanager
    def slot(self):
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self):
        if not self.free.acquire(blocking=False):
            left = self.last_change + WAIT_SECONDS - monotonic()
            if left <= 0 or not self.free.acquire(timeout=left):
                raise NoFreeSlot
        self.last_change = monotonic()

    def release(self):
        self.last_change = monotonic()
        self.free.release()


class SlowClientLimiter:
    """A WSGI application around another one: so many of its threads at most are kept waiting by the slow."""

    def __init__(self, application, *, small=3, large=2, files=6):
        self.application = application
        self.small, self.large, self.files = Slots(small), Slots(large), Slots(files)

    def __call__(self, environ, start_response):
        try:
            length = content_length(environ)
            if length > SMALL_BODY:
                with self.large.slot():
                    return self.respond(environ, start_response, environ["wsgi.input"])
            if length:
                with self.small.slot():
                    body = environ["wsgi.input"].read(length)
                if len(body) < length:  # they have hung up: half a comment is none
                    return plain_response(start_response, "400 Bad Request", b"")
                environ["wsgi.input"] = BytesIO(body)
            return self.respond(environ, start_response)
        except NoFreeSlot:
            return plain_response(start_response, BUSY, BUSY_MESSAGE)

    def respond(self, environ, start_response, body=None):
        begun = []
        answer = self.application(environ, lambda *said: begun.append(said))
        if body:
            drain(body)
        if getattr(answer, "streaming", False):
            answer = self.stream_in_slot(answer, environ)
        start_response(*begun[-1])
        return answer

    def stream_in_slot(self, answer, environ):
        """A short file whole, at once; else a turn of those that send, until it is sent or the taker has gone."""
        parts, size = iter(answer), 0
        first = []
        for part in parts:
            first.append(part)
            size += len(part)
            if size > MAX_BUFFERED:
                break
        else:
            answer.close()
            return [b"".join(first)]
        try:
            self.files.acquire()
        except NoFreeSlot:
            answer.close()
            raise
        return StreamedBody(first, parts, answer.close, self.files.release)


class StreamedBody:
    """What is sent part by part; gives its turn back once."""

    def __init__(self, first, parts, *on_close):
        self.first, self.parts, self.on_close = first[::-1], parts, list(on_close)

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
        while self.on_close:
            self.on_close.pop()()

    __del__ = close


def content_length(environ):
    """How many bytes a POST says that it brings; 0 where that is no number, as for Django. No other body is read."""
    if environ["REQUEST_METHOD"] != "POST":
        return 0
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and length.isascii() and len(length) < 20 else 0


def plain_response(start_response, status, message):
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(message)))]
    headers += [("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff")]
    start_response(status, [*headers, ("Retry-After", "5")] if status is BUSY else headers)
    return [message]


def drain(body):
    """Read what is left of a request that was answered early (a login has ended, a form is too large): a server that
    hangs up on somebody who still sends is heard by no browser, and nginx makes a 502 of it."""
    drained = 0
    with suppress(OSError):  # who has hung up needs no answer
        while drained < MAX_DRAINED and (part := body.read(CHUNK)):
            drained += len(part)
