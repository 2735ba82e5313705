"""Counts views of posts, without cookies and without identifying readers.

The page sends a beacon (static/js/visit.js). Views are counted in this process's memory and written ten seconds later,
many in one transaction: if the process is killed, at most ten seconds of counts are lost. Only a number for each post
and day, and one for each referring host and day, are stored; never an IP address, a user agent or a path of the
referring page.
"""

import re
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from blog.models import Post, Referrer, Visit
from blog.models.visits import HOSTS_A_DAY, OTHERS
from blog.robots import known
from core import row_ids
from core.request import client_network, same_origin
from core.write_behind import WriteBehindCounter

AN_HOUR = 3600
MOST_OF_A_POST = 10  # views of one post that one network may add in an hour
MOST_OF_A_NETWORK = 120  # and of all posts
MOST_IN_MEMORY = 20_000  # networks and posts in an hour; further views are not counted

HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")


@require_POST
@same_origin
def visit(request, pk):
    """Receive a beacon. The response is the same whether the view was counted or not."""
    if wanted(request) and pk <= row_ids.LARGEST and share.allows(client_network(request), pk):
        counter.add((pk, referring_host(request.POST.get("from", "")), timezone.localdate()))
    return HttpResponse(status=204, headers={"Cache-Control": "no-store"})


def wanted(request):
    """Whether to count this view: not a bot, no prefetch, no do-not-track signal, and a user who cannot use the
    desk."""
    said = request.headers
    agent = said.get("User-Agent", "")
    return not (
        request.unproven_origin
        or said.get("DNT") == "1"
        or said.get("Sec-GPC") == "1"
        or said.get("Sec-Purpose")
        or said.get("Purpose") == "prefetch"
        or known.is_robot(agent)
        or request.user.has_perm("core.use_desk")
    )


def referring_host(said):
    """The referring host, as the browser reports it; "" for this blog's own, a missing or an invalid one."""
    host = said.strip().lower().removeprefix("www.")
    own = urlsplit(settings.LONGRUN_URL).hostname.removeprefix("www.")
    return host if HOST.fullmatch(host) and host != own else ""


class HourlyShare:
    """Limits the views that a network can add in an hour, so that no single network inflates the counts.

    Separate from core.rate_limits, because many readers would evict the entries that limit password guesses. Reset
    every hour.
    """

    def __init__(self):
        self.lock = threading.Lock()
        self.seen, self.hour = Counter(), None

    def allows(self, network, post):
        """Whether to count one more view of this post by this network; records it if so."""
        if not settings.LONGRUN_LIMITS:
            return True
        with self.lock:
            hour = time.time() // AN_HOUR
            if hour != self.hour:
                self.seen, self.hour = Counter(), hour
            if self.seen[network, post] >= MOST_OF_A_POST or self.seen[network] >= MOST_OF_A_NETWORK:
                return False
            if len(self.seen) >= MOST_IN_MEMORY:
                return False
            self.seen.update([network, (network, post)])
            return True


@transaction.atomic
def write(views):
    """Store {(post, host, day): views}; the host is "" if there was no referrer."""
    public = Post.objects.published().filter(pk__in={post for post, _host, _day in views})
    known = set(public.values_list("pk", flat=True))
    posts, hosts = Counter(), Counter()
    for (post, host, day), count in views.items():
        if post in known:
            posts[post, day] += count
            if host:
                hosts[host, day] += count
    Visit.objects.add(posts)
    Referrer.objects.add(with_room(hosts))


def with_room(hosts):
    """Count the hosts beyond HOSTS_A_DAY together as OTHERS, so that invented hosts cannot fill the table."""
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


share = HourlyShare()
counter = WriteBehindCounter(write)
