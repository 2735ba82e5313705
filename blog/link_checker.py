"""Checks the links from published posts to other websites, so that the owner learns which no longer work.

Only if the owner has turned it on (`ReadingSettings.check_links`), because it sends a request to each linked website:
once a week, to one that failed again a day later, and to the same host at most every `HOST_PAUSE` seconds. A link is
reported after two failures. Statuses with which websites refuse programs, though people may read the page, are no
failures.
"""

import time
from collections import defaultdict
from html.parser import HTMLParser
from urllib.parse import urldefrag, urlsplit

from django.conf import settings
from django.db.models import Max, Q
from django.utils import timezone

from blog.models import LinkCheck, Post
from blog.models.link_check import CHECKED_EVERY
from core import jobs, safe_fetch

BATCH = 100  # posts of a transaction
AT_ONCE = 200  # links that are looked at together
HOST_PAUSE = 2  # seconds between two requests to a host
LONGEST = 30  # seconds after which other jobs of the queue have their turn
SECONDS, BYTES = 10, 100_000  # of one request; a larger page has answered
REFUSES_PROGRAMS = {401, 402, 403, 405, 406, 407, 429, 451, 999}


class LinkParser(HTMLParser):
    """Collects the addresses of links in rendered HTML."""

    def __init__(self, html):
        super().__init__()
        self.urls = []
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        if tag == "a" and (url := dict(attrs).get("href")):
            self.urls.append(url)


def external_links(html):
    """The http(s) URLs of other hosts to which this HTML links, without fragments and duplicates, in order."""
    found = (urldefrag(url).url for url in LinkParser(html).urls if url.lower().startswith(("http://", "https://")))
    return list(dict.fromkeys(url for url in found if is_elsewhere(url)))


def is_elsewhere(url):
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return False
    return bool(host) and host != urlsplit(settings.LONGRUN_URL).hostname and len(url) <= safe_fetch.MAX_URL_LENGTH


def check_all(now=None):
    """Scan all posts if the last scan is a week old, then request the links that are due. Raises `jobs.Requeue` while
    there are more. Safe to stop and to run twice."""
    now = now or timezone.now()
    last = LinkCheck.objects.aggregate(last=Max("seen_at"))["last"]
    if last is None or last <= now - CHECKED_EVERY:
        scan(now)
    check_due(now)


def scan(now):
    """Store the links of all published posts, and delete those that are in none of them any more."""
    posts = Post.objects.filter(status=Post.Status.PUBLISHED).order_by("pk")
    LinkCheck.posts.through.objects.exclude(post__in=posts.order_by()).delete()
    pk = 0
    while rows := list(posts.filter(pk__gt=pk).values_list("pk", "html", "link_url")[:BATCH]):
        if jobs.is_stopping():
            raise jobs.Requeue
        uses = defaultdict(set)
        for pk, html, link_url in rows:
            for url in external_links(html) + [url for url in [urldefrag(link_url).url] if is_elsewhere(url)]:
                uses[url].add(pk)
        LinkCheck.objects.store(uses, now)
    LinkCheck.objects.filter(Q(seen_at=None) | Q(seen_at__lt=now)).delete()


def check_due(now):
    """Request the links that are due, for at most `LONGEST` seconds: in turn one of each host, then a pause."""
    end = time.monotonic() + LONGEST
    while rows := list(LinkCheck.objects.is_due(now).order_by("checked_at", "pk")[:AT_ONCE]):
        for row in {row.host: row for row in reversed(rows)}.values():
            if jobs.is_stopping() or time.monotonic() > end:
                raise jobs.Requeue(HOST_PAUSE)
            check_link(row, now)
        time.sleep(HOST_PAUSE)


def check_link(row, now):
    """Request one link and store what came of it."""
    try:
        status = safe_fetch.fetch(row.url, max_bytes=BYTES, seconds=SECONDS, redirects=5).status
    except safe_fetch.ResponseTooLarge:
        row.record(200, "", now, failed=False)
    except safe_fetch.FetchError as error:
        row.record(0, str(error), now, failed=True)
    else:
        row.record(status, "", now, failed=status >= 400 and status not in REFUSES_PROGRAMS)
