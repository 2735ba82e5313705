"""How often a post is read, without a cookie and without knowing by whom.

The page sends a beacon (static/js/visit.js). It is counted in this process's memory and written ten seconds later, many
views in one transaction: a killed process loses at most those ten seconds. What is kept is a number for each post and
day, and one for each host that readers came from and day; never an address, an agent or a page elsewhere.
"""

import logging
import re
import threading
import time
from collections import Counter
from multiprocessing.util import Finalize
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from blog.models import Post, Referrer, Visit
from blog.models.visits import HOSTS_A_DAY, OTHERS
from core.request import network, same_origin

logger = logging.getLogger(__name__)

EVERY = 10  # seconds between the first view in memory and its being written
AN_HOUR = 3600
MOST_OF_A_POST = 10  # views of one post that one network may add in an hour
MOST_OF_A_NETWORK = 120  # and of all posts
MOST_IN_MEMORY = 20_000  # networks and posts in an hour; a flood beyond that counts nothing
LARGEST_ID = 2**63 - 1

# Browsers that say so themselves. Most robots run no scripts and never come this far.
ROBOT = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|preview|fetch|monitor|lighthouse|headless|phantom|curl|wget|python|archiv"
    r"|facebookexternalhit|mediapartners|validator|scan",
    re.IGNORECASE,
)
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@require_POST
@same_origin
def visit(request, pk):
    """Takes a beacon. The answer never tells whether it was counted."""
    if wanted(request) and pk <= LARGEST_ID:
        counter.add(pk, referring_host(request.POST.get("from", "")), network(request), timezone.localdate())
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


def wanted(request):
    """A reader with a browser, who has not asked to be left alone and does not belong to the house."""
    said = request.headers
    agent = said.get("User-Agent", "")
    return not (
        request.unproven_origin
        or said.get("DNT") == "1"
        or said.get("Sec-GPC") == "1"
        or said.get("Sec-Purpose")
        or said.get("Purpose") == "prefetch"
        or not agent
        or ROBOT.search(agent)
        or request.user.has_perm("core.use_desk")
    )


def referring_host(said):
    """The host a reader came from, as a browser names it; "" for our own, for none and for nonsense."""
    host = said.strip().lower().removeprefix("www.")
    own = urlsplit(settings.LONGRUN_URL).hostname.removeprefix("www.")
    return host if HOST.fullmatch(host) and host != own else ""


class Views:
    """What was seen since it was last written. One in each web process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.writing = threading.Lock()
        self.forget()

    def forget(self):
        self.posts, self.hosts = Counter(), Counter()
        self.seen, self.hour = Counter(), None
        self.timer = None

    def add(self, post, host, network, day):
        with self.lock:
            if not self.lets_in(post, network):
                return
            self.posts[post, day] += 1
            if host:
                self.hosts[post, host, day] += 1
            self.write_soon()

    def lets_in(self, post, network):
        """Nobody makes a post famous alone. Counted here, not in core.rate_limits: readers are many, and must not push
        out what keeps passwords from being tried; and it is forgotten with the hour."""
        if not settings.LONGRUN_LIMITS:
            return True
        hour = time.time() // AN_HOUR
        if hour != self.hour:
            self.seen, self.hour = Counter(), hour
        if self.seen[network, post] >= MOST_OF_A_POST or self.seen[network] >= MOST_OF_A_NETWORK:
            return False
        if len(self.seen) >= MOST_IN_MEMORY:
            return False
        self.seen.update([network, (network, post)])
        return True

    def write_soon(self):
        if self.timer is None:
            self.timer = threading.Timer(EVERY, self.write_in_thread)
            self.timer.daemon = True  # nobody waits ten seconds for our end: `write_at_the_end` does it then
            self.timer.start()

    def write_in_thread(self):
        try:
            self.write()
        finally:
            connection.close()  # the thread's own

    def write(self):
        """Write what was counted. What cannot be written now is kept for the next time."""
        with self.writing:
            with self.lock:
                posts, hosts, self.timer = self.posts, self.hosts, None
                self.posts, self.hosts = Counter(), Counter()
            if not posts:
                return
            try:
                write(posts, hosts)
            except Exception:  # the database is busy or away: readers must not notice, and views can wait
                logger.exception("the views of the last %d seconds could not be written and are kept", EVERY)
                with self.lock:
                    self.posts.update(posts)
                    self.hosts.update(hosts)
                    self.write_soon()


@transaction.atomic
def write(posts, hosts):
    public = Post.objects.published().filter(pk__in={post for post, _day in posts})
    known = set(public.values_list("pk", flat=True))
    Visit.objects.add({(post, day): count for (post, day), count in posts.items() if post in known})
    came = Counter()
    for (post, host, day), count in hosts.items():
        if post in known:
            came[host, day] += count
    Referrer.objects.add(with_room(came))


def with_room(hosts):
    """A day has room for so many hosts: what somebody makes up beyond that is counted as one."""
    days = {day for _host, day in hosts}
    there = set(Referrer.objects.filter(day__in=days).values_list("host", "day"))
    taken = Counter(day for _host, day in there)
    fitting = Counter()
    for (host, day), count in hosts.most_common():
        if (host, day) not in there and taken[day] >= HOSTS_A_DAY:
            host = OTHERS
        elif (host, day) not in there:
            taken[day] += 1
            there.add((host, day))
        fitting[host, day] += count
    return fitting


counter = Views()


def write_at_the_end():
    if counter.posts:
        counter.write()


# The web server's worker is a child that `multiprocessing` started: those never come to what `atexit` holds.
Finalize(None, write_at_the_end, exitpriority=0)
