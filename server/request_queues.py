"""Queues of requests by kind, each with threads of its own, so that one kind of request does not delay another.

The web server has many threads (`SERVER_THREADS`), which wait cheaply: for a client that sends or receives slowly, or
for a turn in a queue. Django runs in the few threads of the queues, because more of them would only compete for
Python's lock, and each has its own database connection. Cached pages and static files need no queue: the server's
thread sends them at once.

A request that finds its queue full gets 503 with Retry-After, and a form comes back with its text
(`error_pages.busy`). By then its body has been read, so that browsers show the response.
"""

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from threading import BoundedSemaphore, Lock
from time import monotonic

from django.conf import settings

from core.cookies import SESSION

logger = logging.getLogger(__name__)

LOG_INTERVAL = 60  # seconds
BUSY = "longrun.busy"  # key in the WSGI environ: respond with 503 instead of handling the request
SMALL_BODY = 2**20  # bytes: a comment, a login, a long post
SERVER_THREADS = 320  # more than all queues, waiting requests and slow clients occupy together
RETRY_SECONDS = 5
MAX_COLLECTED = 16 * 2**20  # bytes of a generated response that are collected before a slow client takes them


# Paths of which there is no end. Robots that ask for them do not delay whoever opens a post.
UNBOUNDED = re.compile(r"^/search/|^/.+/feed/|/page/\d{3}")


class QueueFull(Exception):
    """All threads of the queue work, and as many requests wait as may."""


@dataclass(frozen=True)
class Size:
    """How many threads a queue has, and how many requests may wait for one of them."""

    threads: int
    waiting: int


SIZES = {
    "pages": Size(3, 57),  # pages for guests that are not cached
    "unbounded": Size(1, 15),  # the same, of addresses without end: searches, feeds of everything, queries
    "files": Size(2, 38),  # media; the health check
    "forms": Size(2, 38),  # what guests send: comments, logins
    "sessions": Size(4, 36),  # everything from browsers with a session: the desk, accounts, readers who are logged in
    "uploads": Size(2, 14),  # large forms
    "refusals": Size(1, 23),  # 503 for the others
}


class RequestQueue:
    """Runs functions in its own threads; the caller's thread waits for the result."""

    def __init__(self, name, size):
        self.executor = ThreadPoolExecutor(size.threads, thread_name_prefix=name)
        self.places = BoundedSemaphore(size.threads + size.waiting)

    def run(self, function, *arguments):
        """The result of the function. Raises QueueFull without having called it."""
        if not self.places.acquire(blocking=False):
            raise QueueFull
        try:
            return self.executor.submit(function, *arguments).result()
        finally:
            self.places.release()


class RequestQueues:
    """WSGI middleware that calls `application` in a thread of the request's queue.

    The bodies of requests are complete in `wsgi.input` by then (`slow_clients.SlowClientLimiter`).
    """

    def __init__(self, application, sizes=SIZES):
        self.application = application
        self.queues = {name: RequestQueue(name, size) for name, size in sizes.items()}
        self.lock, self.refused, self.logged_at = Lock(), Counter(), -LOG_INTERVAL

    def __call__(self, environ, start_response):
        name = queue_name(environ)
        if name is None:
            return self.application(environ, start_response)
        try:
            began, body = self.queues[name].run(self.respond, environ)
        except QueueFull:
            self.log_refusal(name)
            try:
                began, body = self.queues["refusals"].run(self.respond, environ | {BUSY: True})
            except QueueFull:
                return plain_response(start_response, "503 Service Unavailable", b"Please try again in a moment.")
        start_response(*began)
        return body

    def log_refusal(self, name):
        """Log at most once a minute, with the number of refusals since the last time."""
        with self.lock:
            self.refused[name] += 1
            if monotonic() - self.logged_at < LOG_INTERVAL:
                return
            refused, self.refused, self.logged_at = self.refused, Counter(), monotonic()
        told = ", ".join(f"{count} of {queue}" for queue, count in sorted(refused.items()))
        logger.warning("more requests than can be handled: 503 for %s", told)

    def respond(self, environ):
        """((status, headers), body) of the application. A generated body is collected here, in the thread whose
        database connection it may use; a file, and what is longer than MAX_COLLECTED, is read as the client takes it.
        """
        began = []
        body = self.application(environ, lambda *said: began.append(said))
        if not getattr(body, "streaming", False):
            body = [b"".join(closing(body))]
        elif getattr(body, "file_to_stream", None) is None:
            body = collect(body)
        return began[-1], body


def queue_name(environ):
    """The name of the request's queue; None for static files, which need no database and are read at once."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    reads = method in ("GET", "HEAD")
    if reads and path.startswith(settings.STATIC_URL) and is_static_file(path):
        return None
    if reads and (path.startswith(settings.MEDIA_URL) or path == "/health/"):
        return "files"
    if content_length(environ) > SMALL_BODY:
        return "uploads"
    if f"{SESSION.name}=" in environ.get("HTTP_COOKIE", ""):
        return "sessions"
    if not reads:
        return "forms"
    return "unbounded" if environ.get("QUERY_STRING") or UNBOUNDED.search(path) else "pages"


def is_static_file(path):
    """Whether this path, which starts with STATIC_URL, is probably a file; what is no file costs a rendered page."""
    name = normpath(path.removeprefix(settings.STATIC_URL)).lstrip("./")
    try:
        return Path(settings.STATIC_ROOT, name).is_file()
    except OSError:  # a name that is too long for any file
        return False


def content_length(environ):
    """The Content-Length of a POST in bytes; 0 if it is no number, as in Django, and for other methods."""
    if environ["REQUEST_METHOD"] != "POST":
        return 0
    length = environ.get("CONTENT_LENGTH") or ""
    return int(length) if length.isdecimal() and length.isascii() and len(length) < 20 else 0


def closing(body):
    """The parts of a body, which is closed at its end."""
    try:
        yield from body
    finally:
        if hasattr(body, "close"):
            body.close()


def collect(body):
    """The body as a streaming body of what has been collected, and of the rest if it is longer than MAX_COLLECTED."""
    parts, first, size = iter(body), [], 0
    for part in parts:
        first.append(part)
        size += len(part)
        if size > MAX_COLLECTED:
            return StreamedBody(first, parts, body.close)
    body.close()
    return StreamedBody(first, iter(()))


class StreamedBody:
    """A streamed response body that runs the `on_close` functions once, at its end."""

    streaming = True

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


def plain_response(start_response, status, message):
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(message)))]
    headers += [("Cache-Control", "private, no-store"), ("X-Content-Type-Options", "nosniff")]
    start_response(status, [*headers, ("Retry-After", str(RETRY_SECONDS))] if status.startswith("503") else headers)
    return [message]
