"""Counts requests for paths that lead nowhere, so that the owner can add redirects. Stores nothing about visitors.

Counts are kept in memory and written ten seconds later in one transaction, so that a flood of requests by bots causes
few writes.
"""

import re
from functools import lru_cache
from urllib.parse import urlsplit

from django.utils import timezone

from blog.models import NotFound
from blog.models.redirect import key_of
from core.write_behind import WriteBehindCounter

MOST_IN_MEMORY = 1000
LONGEST = 200

# Requests of vulnerability scanners: nobody has linked to such paths.
NOISE = re.compile(
    r"""wp-(?:login|admin|includes|content|json|config|cron) | xmlrpc | (?<!index)\.(?:php|aspx?|jsp|cgi)\b
    | \.(?:env|sql|bak|ya?ml|zip|gz)\b | /\.(?!well-known/)
    | /(?:cgi-bin|phpmyadmin|pma|admin|administrator|vendor|actuator|solr|boaform|owa|telescope|remote)(?:/|$)
    | /(?:autodiscover|ads\.txt|app-ads\.txt|sellers\.json|apple-touch-icon|favicon|browserconfig|security\.txt)
    | [<>{}|\\^`"'\x00-\x1f\x7f] | \.\./ | \$\( | %[0-9a-f]{2}""",
    re.IGNORECASE | re.VERBOSE,
)
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


counted = WriteBehindCounter(NotFound.objects.add, most=MOST_IN_MEMORY)


def note(request):
    """Count a 404, unless it comes from a scanner or from somebody who can use the desk."""
    key = key_of(request.path)
    if request.method != "GET" or len(key) > LONGEST or is_noise(request.path):
        return
    if request.user.is_authenticated and request.user.has_perm("core.use_desk"):
        return
    counted.add((key, referring_host(request), timezone.localdate()))


@lru_cache(maxsize=64)  # asked twice for each 404
def is_noise(path):
    """Whether this is a path of vulnerability scanners."""
    return bool(NOISE.search(key_of(path)))


def referring_host(request):
    if not (said := request.headers.get("Referer", "")):
        return ""
    try:
        host = (urlsplit(said).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return host if HOST.fullmatch(host) else ""
