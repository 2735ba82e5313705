"""The page cache: finished pages for guests, served before Django is called, at the cost of a static file.

Only views decorated with `@cache_for_guests` take part. Such a page is rendered from a request without cookies, so that
it can hold nothing of one visitor, and is served to everyone whose request has no cookie that changes pages. It is
valid until a part on which it depends changes (core.cache_version), and until the time at which it changes without any
edit: whatever prints something that depends on the time calls `expire_at(request, moment)`. A page depends on the parts
of the cached results that it uses, and besides on all that guests may see, unless its view says on what (`depends_on`).
"""

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps
from time import time
from typing import Any, TypeVar, cast
from urllib.parse import parse_qsl, urlencode
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.http import HttpRequest, HttpResponse, parse_cookie
from django.urls import Resolver404, resolve

from core import cache_version
from core.cached_page import OK, Headers, Key, Page, etag_matches, preferred_encoding
from core.cookies import SESSION, is_signed
from core.request import is_blogs_host

logger = logging.getLogger(__name__)

FOREVER = float("inf")
FROM_CACHE = "longrun.from_cache"  # key in the WSGI environ: the page was not rendered for this request
RENDER_KEY = "longrun.making"  # key in the WSGI environ of the PageRender
WAIT_SECONDS = 10  # seconds to wait for another thread that renders the same page
MIN_PAGES = 8  # a page larger than 1/8 of the cache is not stored
ONCE_SHARE = 8  # pages that were requested once are evicted first while they are more than 1/8 of all

# Requests with these cookies bypass the cache, the last three if the blog has signed them. Searched anywhere in the
# header: a false match only costs time.
BYPASS_COOKIES = re.compile(r"sessionid|messages|longrun_(?:writer|post_)")
# Query parameters that are part of the cache key, by path. Others are dropped, also these at other paths, so that
# `/?page=7` is the front page; except those of requests that bypass the cache.
CACHED_PARAMETERS = {"/search/": ("page", "q")}
UNCACHED_PARAMETERS = frozenset(
    # WordPress's query forms
    "p page_id attachment_id name m cat tag author s feed "
    # pages for one visitor
    "draft unapproved preview token replytocom".split()
)
# Headers of the request that a cached view may read: the client's address and referrer, for rate limits and page views.
FORWARDED_KEYS = {"HTTP_HOST", "HTTP_ACCEPT_ENCODING", "HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_X_FORWARDED_FOR"}

View = TypeVar("View", bound=Callable[..., Any])
Expiry = TypeVar("Expiry", bound=Callable[[], datetime | None])

_expiry_functions: list[Callable[[], datetime | None]] = []


def cache_for_guests(view: View) -> View:
    """Decorator for a view whose response is the same for every guest and may be cached.

    A response is not cached if its status is not 200 (unless `cache_also` was called), if it sets a cookie, or if its
    Cache-Control is private.
    """

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        render = request.environ.get(RENDER_KEY)
        if render:
            render.apply_expiries()  # before the view reads the database
        response = view(request, *args, **kwargs)
        said = response.headers.get("Cache-Control", "")
        if not render:
            if not said.startswith("public"):
                response.headers["Cache-Control"] = "private, no-store"
            if UNCACHED_PARAMETERS & request.GET.keys():
                not_indexed(response)
        elif response.status_code == 200 and not is_private(said):
            render.is_cacheable = True
        return response

    decorated = cast(Any, wrapper)
    decorated.is_cached_for_guests = True
    return cast(View, decorated)


def not_indexed(response: HttpResponse) -> HttpResponse:
    """Ask search engines to leave out a page of which there are many, all with what stands elsewhere."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def cache_also(request: Any) -> None:
    """Cache the response to this request although its status is not 200. There must be few such paths."""
    if render := request.environ.get(RENDER_KEY):
        render.is_cacheable = True


def expire_at(request: Any, moment: datetime | None) -> None:
    """Cache the page that is being rendered no longer than until `moment` (an aware datetime; None: no limit)."""
    render = request.environ.get(RENDER_KEY)
    if render and moment:
        render.until = min(render.until, moment.timestamp())


def depends_on(request: Any, *parts: str) -> None:
    """The page that is being rendered depends on these parts alone, and on those of the cached results that it uses."""
    if render := request.environ.get(RENDER_KEY):
        render.parts = frozenset(parts)


def register_expiry(function: Expiry) -> Expiry:
    """Register `function() -> datetime or None`: the next time at which many pages change without an edit."""
    _expiry_functions.append(function)
    return function


def will_be_cached(request: Any) -> bool:
    """Whether the response will be cached (and compressed by the cache)."""
    render = request.environ.get(RENDER_KEY)
    return bool(render and render.is_cacheable)


def is_private(cache_control: str) -> bool:
    return "private" in cache_control or "no-store" in cache_control


class NoStoreMiddleware:
    """Middleware: a response without Cache-Control gets `private, no-store`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class PageCache:
    """WSGI application that responds from memory, or calls `application` and caches what it returns.

    `max_bytes` bounds the stored pages; the least recently used are evicted, and before them those that nobody has
    requested again (`once`), so that a robot which requests each address once does not evict what readers read.
    """

    def __init__(self, application: WSGIApplication, *, host: str, max_bytes: int) -> None:
        self.application, self.host, self.max_bytes = application, host, max_bytes
        self.pages: OrderedDict[Key, Page] = OrderedDict()
        self.once: OrderedDict[Key, None] = OrderedDict()
        self.used_bytes = 0
        self.state: cache_version.State | None = None  # when the outdated pages were last removed
        self.pending: dict[tuple[Key, int], PendingPage] = {}
        # While a change is in progress: the page that is being rendered, and the one that is rendered after it.
        self.running: dict[Key, PendingPage] = {}
        self.waiting: dict[Key, PendingPage] = {}
        self.lock = threading.Lock()
        cache_version.current()  # increments the version at the start of a process

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        key = self.key(environ)
        if key is None:
            return self.application(environ, start_response)
        state = cache_version.current_state()
        page: Page | Iterable[bytes] | None = self.pages.get(key)
        if not isinstance(page, Page) or not page.is_valid_at(state) or page.until <= time():
            page = self.get_or_render(key, state, environ, start_response)
            if not isinstance(page, Page):
                return page
        else:
            environ[FROM_CACHE] = True
            self.once.pop(key, None)
            try:
                self.pages.move_to_end(key)
            except KeyError:  # another thread has just evicted it
                pass
        return self.respond(page, environ, start_response)

    def key(self, environ: WSGIEnvironment) -> Key | None:
        """The cache key (path, query), or None for a request that bypasses the cache."""
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return None
        if (host := environ.get("HTTP_HOST", "")) != self.host and not is_blogs_host(host):
            return None
        if (cookies := environ.get("HTTP_COOKIE")) and BYPASS_COOKIES.search(cookies) and changes_pages(cookies):
            return None
        if not (asked := environ.get("QUERY_STRING")):
            return environ["PATH_INFO"], ""
        path = environ["PATH_INFO"]
        return (path, query) if (query := canonical_query(asked, path)) is not None else None

    def get_or_render(
        self, key: Key, state: cache_version.State, environ: WSGIEnvironment, start_response: StartResponse
    ) -> "Page | Iterable[bytes]":
        """The Page, rendered here or by the thread that is at it already; or Django's response, if not cached."""
        if not is_cacheable(key[0]):
            return self.application(environ, start_response)
        if not cache_version.is_stable():  # rows read now may be older than the change in progress
            return self.render_for_all(key, environ, start_response)
        place = key, state.version(cache_version.PUBLIC)
        with self.lock:
            other = self.pending.get(place)
            if other is None:
                pending = self.pending[place] = PendingPage()
        if other is not None:
            other.done.wait(WAIT_SECONDS)
            if other.page is not None and other.page.is_valid_at(state) and time() < other.page.until:
                return other.page
            return self.render(key, state, environ, start_response)
        try:
            page = self.render(key, state, environ, start_response)
            if isinstance(page, Page):
                pending.page = page
                self.store(page)
            return page
        finally:
            with self.lock:
                del self.pending[place]
            pending.done.set()

    def render_for_all(
        self, key: Key, environ: WSGIEnvironment, start_response: StartResponse
    ) -> "Page | Iterable[bytes]":
        """While a change is in progress: a page that is not stored, but serves all who waited for it to be begun, and
        so is not older than any of their requests. Whoever comes while it is rendered waits for the next one."""
        with self.lock:
            running, turn = self.running.get(key), self.waiting.get(key)
            if turn is None:
                mine = self.waiting[key] = PendingPage()
        if turn is not None:
            turn.done.wait(WAIT_SECONDS)
            if turn.page is not None and time() < turn.page.until:
                return turn.page
            return self.render(key, cache_version.current_state(), environ, start_response)
        if running is not None:
            running.done.wait(WAIT_SECONDS)
        with self.lock:
            del self.waiting[key]
            self.running[key] = mine
        try:
            page = self.render(key, cache_version.current_state(), environ, start_response)
            mine.page = page if isinstance(page, Page) else None
            return page
        finally:
            with self.lock:
                if self.running.get(key) is mine:
                    del self.running[key]
            mine.done.set()

    def render(
        self, key: Key, state: cache_version.State, environ: WSGIEnvironment, start_response: StartResponse
    ) -> "Page | Iterable[bytes]":
        """The Page that Django renders for the anonymous request, or its response if that cannot be cached."""
        render = PageRender()
        said: list[Any] = []

        def keep(*status_and_headers: Any) -> Any:
            said.append(status_and_headers)

        with cache_version.tracked_parts() as parts:
            body = self.application(anonymous_environ(key, environ, render), keep)
            status, headers = said[-1][:2]
            if render.is_cacheable and not any(name.lower() == "set-cookie" for name, _value in headers):
                contents = read_body(body)
                return Page(key, headers, contents, frozenset(render.parts | parts), state, render.until, status)
        start_response(status, headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            read_body(body)
            return []
        return body

    def store(self, page: "Page") -> None:
        """Store the page, unless a part on which it depends has changed since its rendering began."""
        if page.size * MIN_PAGES > self.max_bytes or not page.is_valid_at(state := cache_version.current_state()):
            return
        with self.lock:
            if self.state is not state:
                self.state = state
                self.remove([key for key, other in self.pages.items() if not other.is_valid_at(state)])
            self.remove([page.key])
            self.pages[page.key] = page
            self.once[page.key] = None
            self.used_bytes += page.size
            self.evict()

    def remove(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.once.pop(key, None)
            if former := self.pages.pop(key, None):
                self.used_bytes -= former.size

    def evict(self) -> None:
        while self.used_bytes > self.max_bytes:
            try:
                if len(self.once) * ONCE_SHARE > len(self.pages):
                    self.remove([self.once.popitem(last=False)[0]])
                    continue
            except KeyError:  # another thread has just taken the last of them away, because it was requested again
                pass
            key, page = self.pages.popitem(last=False)
            self.once.pop(key, None)
            self.used_bytes -= page.size

    def respond(self, page: "Page", environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known and page.status == OK and (known == page.etag or etag_matches(page.etag, known)):
            start_response("304 Not Modified", page.not_modified_headers)
            return []
        encoding = preferred_encoding(environ.get("HTTP_ACCEPT_ENCODING", ""))
        headers, body = page.encodings.get(encoding) or self.encode(page, encoding)
        start_response(page.status, headers)
        return body if environ["REQUEST_METHOD"] == "GET" else []

    def encode(self, page: "Page", encoding: str) -> tuple[Headers, list[bytes]]:
        """The page in an encoding that was not requested before; encoded once."""
        with self.lock:
            if encoding not in page.encodings:
                grown = page.add_encoding(encoding)
                if self.pages.get(page.key) is page:
                    self.used_bytes += grown
                    self.evict()
        return page.encodings[encoding]


class PageRender:
    """The rendering of one page: whether the response may be cached, until when (a POSIX timestamp), and on which parts
    it depends besides those of the cached results that it uses."""

    def __init__(self) -> None:
        self.is_cacheable, self.until = False, FOREVER
        self.parts = cache_version.PUBLIC

    def apply_expiries(self) -> None:
        moments = [moment.timestamp() for tell in _expiry_functions if (moment := tell())]
        self.until = min([self.until, *moments])


class PendingPage:
    """A page that one thread renders while others wait for it."""

    def __init__(self) -> None:
        self.done = threading.Event()
        self.page: Page | None = None


def changes_pages(header: str) -> bool:
    """Whether a Cookie header has a session, or a cookie signed by this blog: what anybody can send, such as
    `longrun_post_0=x`, opens no way past the cache."""
    return SESSION.name in parse_cookie(header) or bool(signed_cookies(header))


def signed_cookies(header: str) -> list[str]:
    """The values of the cookies in a Cookie header that this blog has signed."""
    return [value for name, value in parse_cookie(header).items() if is_signed(name, value)]


def canonical_query(asked: str, path: str) -> str | None:
    """The cached parameters of a query string at this path in a fixed order; None where the request must bypass the
    cache."""
    try:
        words = parse_qsl(asked, keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return None
    last = dict(words)
    if UNCACHED_PARAMETERS & last.keys() or "\0" in asked or "%00" in asked:
        return None
    return urlencode({name: last[name] for name in CACHED_PARAMETERS.get(path, ()) if name in last})


def is_cacheable(path: str) -> bool:
    """Whether the view at this path is decorated with `@cache_for_guests`."""
    if path.startswith(settings.STATIC_URL):
        return False
    try:
        return getattr(resolve(path.encode("latin-1").decode(errors="replace")).func, "is_cached_for_guests", False)
    except Resolver404:
        return False


def anonymous_environ(key: Key, environ: WSGIEnvironment, render: PageRender) -> WSGIEnvironment:
    """The WSGI environ of a GET request for this key without cookies and other personal headers."""
    path, query = key
    kept = {name: value for name, value in environ.items() if not name.startswith("HTTP_") or name in FORWARDED_KEYS}
    return kept | {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, RENDER_KEY: render}


def read_body(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        if hasattr(body, "close"):
            body.close()
