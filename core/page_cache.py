"""Finished pages, given out before Django is asked: a reader of a kept page costs what a file costs.

Only a view that is marked `@kept` takes part. Its page is made for nobody (without cookies, for a bare address), so
that nothing of one visitor can stand in it, and serves everybody who carries no cookie of their own. It lives for one
generation (core.cache_version), and no longer than until the moment at which time alone changes it: whoever prints
what hangs on the clock says so by `until(request, moment)`.
"""

import hashlib
import logging
import re
import threading
import zlib
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache, wraps
from time import time
from urllib.parse import parse_qsl, urlencode

import brotli
from django.conf import settings
from django.urls import Resolver404, resolve

from core import cache_version

logger = logging.getLogger(__name__)

FOREVER = float("inf")
MAKING = "longrun.making"  # where the request carries the page that is being made
PATIENCE = 10  # seconds to wait for another who makes the same page
LARGEST_SHARE = 8  # a page that would take more than this part of the room is not kept
OVERHEAD = 2048  # bytes for a page's headers and its place in the table

# Who carries one of these sees pages of their own. Looked for anywhere in the header: too often does no harm.
OWN_PAGES = re.compile(r"sessionid|messages|longrun_(?:writer|post_)")
# A page may differ by these; all other query keys are dropped, but for those that Django must see.
READ = ("page", "q")
FOR_DJANGO = frozenset(
    # WordPress's addresses
    "p page_id attachment_id name m cat tag author s feed "
    # pages for one visitor
    "draft unapproved preview token replytocom".split()
)
# What a view that makes a kept page may know of the request that began it: where from, for limits and for counting.
KNOWN = {"HTTP_HOST", "HTTP_ACCEPT_ENCODING", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR"}
TEXTS = ("text/", "application/json", "application/feed+json", "application/xml", "application/rss+xml",
         "application/atom+xml", "application/opensearchdescription+xml")  # fmt: skip
PLAIN = ""
COMPRESS = {  # by content coding, best first
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: zlib.compress(body, 6, 31),
}

_clocks: list[Callable[[], datetime | None]] = []


def kept(view):
    """Marks a view whose answers to guests are the same for everybody and may be kept.

    An answer stays out all the same if it is no 200, sets a cookie, or says itself that it is private.
    """

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        making = request.environ.get(MAKING)
        if making:
            making.ask_the_clocks()  # before anything is read
        response = view(request, *args, **kwargs)
        said = response.headers.get("Cache-Control", "")
        if not making:
            if not said.startswith("public"):
                response.headers["Cache-Control"] = "private, no-store"
            if FOR_DJANGO & request.GET.keys():
                response.headers["X-Robots-Tag"] = "noindex"
        elif response.status_code == 200 and not is_private(said):
            making.is_wanted = True
        return response

    wrapper.kept = True
    return wrapper


def until(request, moment):
    """Says that what is being printed changes by itself at `moment` (a datetime; None: never)."""
    making = request.environ.get(MAKING)
    if making and moment:
        making.until = min(making.until, moment.timestamp())


def clock(function):
    """Registers `function() -> datetime or None`: the next moment at which time alone changes many pages."""
    _clocks.append(function)
    return function


def is_making(request) -> bool:
    """Whether the answer will be kept, and compressed then."""
    making = request.environ.get(MAKING)
    return bool(making and making.is_wanted)


def is_private(cache_control) -> bool:
    return "private" in cache_control or "no-store" in cache_control


class KeptByNobody:
    """Middleware: whatever does not say who may keep it may be kept by nobody."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class PageCache:
    """The WSGI application that answers from memory, or asks `application` and remembers."""

    def __init__(self, application, *, host, room):
        self.application, self.host, self.room = application, host, room
        self.pages, self.used, self.number = OrderedDict(), 0, None
        self.flights = {}
        self.lock = threading.Lock()
        cache_version.current()  # a process that starts has new code: what others keep is old

    def __call__(self, environ, start_response):
        key = self.key(environ)
        if key is None:
            return self.application(environ, start_response)
        number = cache_version.current()
        page = self.pages.get(key)
        if page is None or page.number != number or page.until <= time():
            page = self.fetched(key, number, environ, start_response)
            if not isinstance(page, Page):
                return page
        else:
            try:
                self.pages.move_to_end(key)
            except KeyError:  # another thread has just put it out
                pass
        return self.answered(page, environ, start_response)

    def key(self, environ):
        """What the page is called, as (path, query), or None for what is none of our business."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or environ.get("HTTP_HOST") != self.host:
            return None
        if (cookies := environ.get("HTTP_COOKIE")) and OWN_PAGES.search(cookies):
            return None
        if not (asked := environ.get("QUERY_STRING")):
            return environ["PATH_INFO"], ""
        return (environ["PATH_INFO"], query) if (query := query_of(asked)) is not None else None

    def fetched(self, key, number, environ, start_response):
        """The page, made now or by whoever is at it already; or Django's own answer, where there is nothing to keep."""
        if not is_kept(key[0]):
            return self.application(environ, start_response)
        if not cache_version.settled():  # what is read now may be of before the change
            return self.made(key, number, environ, start_response)
        with self.lock:
            flight = self.flights.get((key, number))
            leads = flight is None
            if leads:
                flight = self.flights[key, number] = Flight()
        if not leads:
            flight.landed.wait(PATIENCE)
            page = flight.page
            fresh = page is not None and time() < page.until
            return page if fresh else self.made(key, number, environ, start_response)
        try:
            page = self.made(key, number, environ, start_response)
            if isinstance(page, Page):
                flight.page = page
                self.keep(page)
            return page
        finally:
            with self.lock:
                del self.flights[key, number]
            flight.landed.set()

    def made(self, key, number, environ, start_response):
        """The page as Django makes it for nobody in particular, or its answer as it is."""
        making = Making()
        said = []
        body = self.application(bare(key, environ, making), lambda *status_and_headers: said.append(status_and_headers))
        status, headers = said[-1][:2]
        if making.is_wanted and not any(name.lower() == "set-cookie" for name, _value in headers):
            return Page(key, headers, whole(body), number, making.until)
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            whole(body)
            return []
        return body

    def keep(self, page):
        """Put it in, unless something has changed since it was begun; what was longest unused makes room."""
        if page.size * LARGEST_SHARE > self.room or cache_version.current() != page.number:
            return
        with self.lock:
            if self.number != page.number:
                self.pages.clear()
                self.used, self.number = 0, page.number
            if former := self.pages.pop(page.key, None):
                self.used -= former.size
            self.pages[page.key] = page
            self.used += page.size
            self.make_room()

    def make_room(self):
        while self.used > self.room:
            self.used -= self.pages.popitem(last=False)[1].size

    def answered(self, page, environ, start_response):
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and (known == page.etag or is_among(page.etag, known)):
            start_response("304 Not Modified", page.unchanged)
            return []
        coding = coding_for(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers, body = page.forms.get(coding) or self.in_another_form(page, coding)
        start_response("200 OK", headers)
        return body if environ["REQUEST_METHOD"] == "GET" else []

    def in_another_form(self, page, coding):
        """The page in a coding that nobody has asked for yet, made once."""
        with self.lock:
            if coding not in page.forms:
                grown = page.compress(coding)
                if self.pages.get(page.key) is page:
                    self.used += grown
                    self.make_room()
        return page.forms[coding]


class Making:
    """A page that is being made: whether its view wants it kept, and how long it will be true."""

    def __init__(self):
        self.is_wanted, self.until = False, FOREVER

    def ask_the_clocks(self):
        moments = [moment.timestamp() for tell in _clocks if (moment := tell())]
        self.until = min([self.until, *moments])


class Flight:
    """Somebody makes a page, others wait for it."""

    def __init__(self):
        self.landed, self.page = threading.Event(), None


class Page:
    """A finished page: `forms` holds (headers, [body]) by content coding, ready to be given out."""

    def __init__(self, key, headers, body, number, until):
        self.key, self.number, self.until = key, number, until
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        given = {name.lower(): value for name, value in headers}
        self.content_type = given.get("content-type", "")
        own = given.get("cache-control", "")
        lasting = [
            ("ETag", self.etag),
            ("Cache-Control", own if own.startswith("public") else "no-cache"),
            ("Vary", "Cookie, Accept-Encoding"),
        ]
        ours = {"etag", "cache-control", "vary", "content-length", "content-encoding", "last-modified", "expires"}
        self.headers = [header for header in headers if header[0].lower() not in ours] + lasting
        self.unchanged = lasting
        self.forms = {PLAIN: ([*self.headers, ("Content-Length", str(len(body)))], [body])}
        self.size = OVERHEAD + len(body) + sum(map(len, key))

    def compress(self, coding):
        """Adds a form; answers by how many bytes the page has grown. What would become no smaller stays as it is."""
        plain = self.forms[PLAIN]
        body = COMPRESS[coding](plain[1][0]) if self.content_type.startswith(TEXTS) else None
        if body is None or len(body) >= len(plain[1][0]):
            self.forms[coding] = plain
            return 0
        coded = [("Content-Encoding", coding), ("Content-Length", str(len(body)))]
        self.forms[coding] = ([*self.headers, *coded], [body])
        self.size += len(body)
        return len(body)


@lru_cache(maxsize=256)
def coding_for(accepted):
    """The coding that somebody wants who says so (RFC 9110, 12.5.3): the best of those whose weight is not 0."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, *parameters = (word.strip() for word in part.split(";"))
        weight = next((word[2:].strip() for word in parameters if word.startswith("q=")), "1")
        weights[coding] = weight.strip("0.") != ""
    return next((coding for coding in COMPRESS if weights.get(coding, weights.get("*", False))), PLAIN)


def is_among(etag, known):
    """Whether If-None-Match names this page (RFC 9110, 13.1.2, weak comparison)."""
    return known.strip() == "*" or any(mark.strip().removeprefix("W/") == etag[2:] for mark in known.split(","))


def query_of(asked):
    """The part of a query that makes a page another one, in one spelling; None where Django must see it all."""
    try:
        words = parse_qsl(asked, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    last = dict(words)
    if FOR_DJANGO & last.keys() or "\0" in asked or "%00" in asked:
        return None
    return urlencode({name: last[name] for name in READ if name in last})


def is_kept(path):
    """Whether the view at this path is marked."""
    if path.startswith(settings.STATIC_URL):
        return False
    try:
        return getattr(resolve(path.encode("latin-1").decode(errors="replace")).func, "kept", False)
    except Resolver404:
        return False


def bare(key, environ, making):
    """The request as anybody could have sent it."""
    path, query = key
    kept = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in KNOWN}
    return kept | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, MAKING: making}


def whole(body):
    try:
        return b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
