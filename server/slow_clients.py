"""Limit how many threads slow clients can occupy, so that some threads stay free for others.

A server thread handles one request from beginning to end, and nothing interrupts it while it waits for a client. So
only a few threads at a time may read small bodies, read large bodies (uploads) or send large files. A request beyond
that gets 503 before it has any effect. Of the eight threads, three stay free when the limits for reading are reached
and two when the limit for sending is. Against both at once use a reverse proxy that buffers requests and responses,
such as nginx.
"""

from contextlib import contextmanager, suppress
from io import BytesIO
from threading import BoundedSemaphore
from time import monotonic

WAIT_SECONDS = 1  # a normal request frees its slot sooner
SMALL_BODY = 2**20  # bytes: a comment, a login, a long post
MAX_DRAINED, CHUNK = 128 * 2**20, 2**16  # bytes; the largest upload is smaller
MAX_BUFFERED = 2**20  # bytes of a file that the server sends without occupying a thread
BUSY = "503 Service Unavailable"
BUSY_MESSAGE = (
    b"Too many are sending or taking something large just now. Please try again in a moment; nothing was changed."
)


class NoFreeSlot(Exception):
    """All slots are taken, and none was freed for WAIT_SECONDS."""


class Slots:
    """A semaphore that waits for a slot only until WAIT_SECONDS after the last change, then raises NoFreeSlot."""

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
    """WSGI middleware; `small`, `large` and `files` are the numbers of threads that slow clients may occupy."""

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
                if len(body) < length:  # the client disconnected: do not handle half a comment
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
        """Return up to MAX_BUFFERED bytes as one body; a larger file keeps a slot until it is sent or cancelled."""
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
    """A streamed response body that runs the `on_close` functions once, at its end."""

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
    """The Content-Length of a POST in bytes; 0 if it is no number, as in Django, and for other methods."""
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
    """Read the rest of a request that got an early response (not logged in, form too large). If the server closed the
    connection while the client still sends, browsers would not show the response, and nginx would send 502."""
    drained = 0
    with suppress(OSError):  # the client has disconnected
        while drained < MAX_DRAINED and (part := body.read(CHUNK)):
            drained += len(part)
