"""The slowest pages of this web process since it was started, for the desk's page "How is it?"."""

from threading import Lock
from time import monotonic
from typing import NamedTuple

SLOW = 0.1  # seconds
MAX_PAGES = 200  # of which the slowest half is kept when there are more
PUBLIC = {"post", "post_comment_page"}  # other paths may hold a token, and are shown by their pattern


class SlowPage(NamedTuple):
    """A page by its path, or by the pattern of its path."""

    page: str
    seconds: float  # the slowest time
    times: int  # how often it was slow


_lock = Lock()
_pages: dict[str, SlowPage] = {}


class SlowPagesMiddleware:
    """Measures how long Django needs for a GET; pages from the page cache never come here."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        began = monotonic()
        response = self.get_response(request)
        seconds = monotonic() - began
        if seconds >= SLOW and request.method == "GET" and request.resolver_match:
            record_slow(request.path, request.resolver_match, seconds)
        return response


def record_slow(path, match, seconds):
    page = path if match.url_name in PUBLIC else f"/{match.route}"
    with _lock:
        known = _pages.get(page, SlowPage(page, 0, 0))
        _pages[page] = SlowPage(page, max(seconds, known.seconds), known.times + 1)
        if len(_pages) > MAX_PAGES:
            kept = slowest_pages(MAX_PAGES // 2)
            _pages.clear()
            _pages.update({each.page: each for each in kept})


def slowest_pages(count=5):
    return sorted(_pages.values(), key=lambda each: -each.seconds)[:count]
