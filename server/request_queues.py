"""Queues of requests by kind, each with threads of its own, so that one kind of request does not delay another.

The web server has many threads (`SERVER_THREADS`), which wait cheaply: for a client that sends or receives slowly, or
for a turn in a queue. Django runs in the few threads of the queues, because more of them would only compete for
Python's lock, and each has its own database connection. Cached pages and static files need no queue: the server's
thread sends them at once.

A request that finds its queue full gets 503 with Retry-After, and a form comes back with its text
(`error_pages.busy`). By then its body has been read, so that browsers show the response. Guests who behave like robots
have a small share of the processor together (`crawler_budget`), and sessions that may be made up a queue of their own
(`session_proof`).
"""

import logging
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from posixpath import normpath
from threading import BoundedSemaphore, Lock
from time import monotonic, thread_time

from django.conf import settings

from core.cookies import SESSION
from core.refusals import log_refusal
from server import session_proof
from server.crawler_budget import BEACON, CrawlerBudget, is_loaded_by_browsers

logger = logging.getLogger(__name__)

LOG_INTERVAL = 60  # seconds
COST = "longrun.cost"  # key in the WSGI environ: a list to which seconds of processor time are added
BUSY = "longrun.busy"  # key in the WSGI environ: respond with 503 instead of handling the request
SMALL_BODY = 2**20  # bytes: a comment, a login, a long post
SERVER_THREADS = 320  # more than all queues, waiting requests and slow clients occupy together
RETRY_SECONDS = 5
BUSY_PAGE_SECONDS = 60  # for which the busy page for guests is used again
PERSONAL = ("HTTP_COOKIE", "HTTP_ACCEPT_ENCODING")  # what it must not depend on
MAX_COLLECTED = 16 * 2**20  # bytes of a generated response that are collected before a slow client takes them


# Paths of which there is no end: searches, feeds, deep pages, days and months, other systems' programs. Robots that ask
# for them do not delay whoever opens a post.
UNBOUNDED = re.compile(
    r"^/search/|^/.+/feed/|/(?:comment-)?page[/-]\d{3}|^/\d{4}/(?:\d{1,2}/){0,2}(?:page/.*)?$"
    r"|\.(?:php|aspx?|jsp|cgi)\b|/\.(?!\.|well)"
)


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
    "files": Size(2, 38),  # media; health checks and metrics, which are needed most when the others are full
    "forms": Size(2, 38),  # what guests send: comments, logins
    "sessions": Size(4, 36),  # everything from browsers with a session: the desk, accounts, readers who are logged in
    "unproven": Size(1, 11),  # the same with a session that may not exist
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
        self.crawlers = CrawlerBudget()
        self.busy_page, self.busy_page_until = None, 0

    def __call__(self, environ, start_response):
        name, budget, wait = queue_name(environ), None, 0
        if (name is None and is_loaded_by_browsers(environ)) or environ["PATH_INFO"].startswith(BEACON):
            self.crawlers.note_reader(environ)
        if name is None:
            return self.application(environ, start_response)
        if name in self.crawlers.budgets:
            name, budget, wait = self.crawlers.place(name, environ)
        elif name in ("sessions", "uploads") and not session_proof.is_proven(environ):
            name = "unproven"
        if wait:
            return self.refuse(name, environ, start_response, RETRY_SECONDS + int(wait))
        try:
            began, body = self.queues[name].run(self.respond, environ, budget)
        except QueueFull:
            return self.refuse(name, environ, start_response, RETRY_SECONDS)
        start_response(*began)
        return body

    def refuse(self, name, environ, start_response, seconds):
        """503. What those get who only read is the same for all and rendered once a minute, so that refusing costs
        nearly nothing."""
        log_refusal(environ, "busy")
        self.count_refusal(name)
        may_be_kept = environ["REQUEST_METHOD"] == "GET"
        asked = {key: value for key, value in environ.items() if key not in PERSONAL} if may_be_kept else environ
        if may_be_kept and self.busy_page and monotonic() < self.busy_page_until:
            (status, headers, *rest), body = self.busy_page
        else:
            try:
                (status, headers, *rest), body = self.queues["refusals"].run(self.respond, asked | {BUSY: True})
            except QueueFull:
                return plain_response(start_response, "503 Service Unavailable", b"Please try again in a moment.")
            if may_be_kept and status.startswith("503"):  # a redirect to the blog's own name is for its sender alone
                self.busy_page = (status, headers), body
                self.busy_page_until = monotonic() + BUSY_PAGE_SECONDS
        headers = [(key, str(seconds) if key == "Retry-After" else value) for key, value in headers]
        start_response(status, headers, *rest)
        return body

    def count_refusal(self, name):
        """Log at most once a minute, with the number of refusals since the last time."""
        with self.lock:
            self.refused[name] += 1
            if monotonic() - self.logged_at < LOG_INTERVAL:
                return
            refused, self.refused, self.logged_at = self.refused, Counter(), monotonic()
        told = ", ".join(f"{count} of {queue}" for queue, count in sorted(refused.items()))
        logger.warning("more requests than can be handled: 503 for %s", told)

    def respond(self, environ, budget=None):
        """((status, headers), body) of the application, whose processor time is taken from `budget`.

        A generated body is collected here, in the thread whose database connection it may use; a file, and what is
        longer than MAX_COLLECTED, is read as the client takes it.
        """
        began, start = [], thread_time()
        body = self.application(environ, lambda *said: began.append(said))
        if not getattr(body, "streaming", False):
            body = [b"".join(closing(body))]
        elif getattr(body, "file_to_stream", None) is None:
            body = collect(body)
        spent = thread_time() - start
        if budget:
            budget.spend(spent)
        if COST in environ:
            environ[COST].append(spent)
        return began[-1], body


def queue_name(environ):
    """The name of the request's queue; None for static files, which need no database and are read at once."""
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    reads = method in ("GET", "HEAD")
    if reads and path.startswith(settings.STATIC_URL) and is_static_file(path):
        return None
    if reads and (path.startswith((settings.MEDIA_URL, "/health/")) or path == "/metrics"):
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
