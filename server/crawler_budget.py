"""How much of the machine strangers may use who behave like robots: those without a session, a signed cookie, or a
style sheet that their network has loaded.

They are told apart by what they load, not by their names, and never asked to prove anything. All of them together
share a budget of processor time for addresses of which there is no end, and one for other pages that are not cached.
Where the first is used up, they get 503; where the second is, they wait in the slow queue. Cached pages are answered
before any of this.
"""

import threading
from collections import OrderedDict
from time import monotonic

from django.conf import settings

from core.page_cache import BYPASS_COOKIES, signed_cookies
from core.request import network_prefix

# Seconds of processor time in each second, and how many of them are saved up at most.
BUDGETS = {"unbounded": (0.1, 2.0), "pages": (0.4, 6.0)}
CREDIT = 10  # pages that a network may request for each style sheet, script or view that it sends for
MOST_CREDIT = (
    600  # forty people behind one address read three pages a minute; more than an hour's worth for one of them
)
COOKIE_CREDIT, COOKIE_A_SECOND = 60, 1.0  # pages for each signed cookie: anybody can get one and copy it
MOST_NETWORKS = 10_000  # that are remembered; the least recently seen are forgotten first
LOADED_BY_BROWSERS = (".css", ".js")
BEACON = "/visits/"


class Budget:
    """Seconds of processor time, of which `share` come in each second, until `saved` are there."""

    def __init__(self, share, saved):
        self.share, self.saved = share, saved
        self.left, self.then = saved, monotonic()
        self.lock = threading.Lock()

    def spend(self, seconds=0.0):
        """Take these seconds away, also more than are left; returns the seconds until some are left again, or 0."""
        with self.lock:
            now = monotonic()
            self.left = min(self.saved, self.left + (now - self.then) * self.share) - seconds
            self.then = now
            return max(0.0, -self.left / self.share)


class Credits:
    """How many pages each network, or each signed cookie, may still request as a reader.

    Lives in memory alone, under numbers from which no address can be read. Who is new has `first` pages; `a_second`
    more come in each second, and `add` gives some, up to `limit`.
    """

    def __init__(self, limit, *, first=0, a_second=0.0, most=MOST_NETWORKS):
        self.limit, self.first, self.a_second, self.most = limit, first, a_second, most
        self.lock, self.known = threading.Lock(), OrderedDict()  # hash of the network or cookie → (pages, when)

    def add(self, who, pages):
        with self.lock:
            self.keep(hash(who), min(self.limit, self.take(hash(who)) + pages))

    def use(self, who):
        """Whether a page was left, which is used now."""
        with self.lock:
            left = self.take(hash(who))
            if left >= 1 or self.a_second:
                self.keep(hash(who), left - 1 if left >= 1 else left)
            return left >= 1

    def take(self, number):
        now = monotonic()
        left, then = self.known.pop(number, (self.first, now))
        return min(self.limit, left + (now - then) * self.a_second)

    def keep(self, number, pages):
        self.known[number] = pages, monotonic()
        if len(self.known) > self.most:
            self.known.popitem(last=False)


class CrawlerBudget:
    """Decides for a guest's request, which is not in the page cache, in which queue it waits."""

    def __init__(self):
        self.budgets = {name: Budget(*size) for name, size in BUDGETS.items()}
        self.networks = Credits(MOST_CREDIT)
        self.cookies = Credits(COOKIE_CREDIT, first=COOKIE_CREDIT, a_second=COOKIE_A_SECOND)

    def note_reader(self, environ):
        """Remember that this network loads what browsers load and robots leave out."""
        if settings.LONGRUN_LIMITS:
            self.networks.add(network_prefix(environ), CREDIT)

    def is_reader(self, environ):
        cookies = environ.get("HTTP_COOKIE", "")
        if BYPASS_COOKIES.search(cookies) and (signed := signed_cookies(cookies)):
            return self.cookies.use(min(signed))  # the rest of the header may differ in each request
        return self.networks.use(network_prefix(environ))

    def place(self, name, environ):
        """(queue, budget to charge or None, seconds until it would be served or 0) for a request of queue `name`."""
        if not settings.LONGRUN_LIMITS or self.is_reader(environ):
            return name, None, 0
        budget = self.budgets[name]
        wait = budget.spend()
        return ("unbounded" if wait else name), budget, (wait if name == "unbounded" else 0)


def is_loaded_by_browsers(environ):
    return environ["PATH_INFO"].endswith(LOADED_BY_BROWSERS)
