"""Counts the addresses that lead nowhere, so that their owner can lead them somewhere. Nothing of the visitor is kept.

Counted in memory and written ten seconds later in one transaction: a robot's flood costs no writes of its own.
"""

import atexit
import logging
import re
import threading
from collections import Counter
from urllib.parse import urlsplit

from django.db import connection
from django.utils import timezone

from blog.models import NotFound
from blog.models.redirect import key_of

logger = logging.getLogger(__name__)

EVERY = 10  # seconds
MOST_IN_MEMORY = 1000
LONGEST = 200

# What nobody ever linked to: robots that look for other people's open doors.
NOISE = re.compile(
    r"""wp-(?:login|admin|includes|content|json|config|cron) | xmlrpc | (?<!index)\.(?:php|aspx?|jsp|cgi)\b
    | \.(?:env|sql|bak|ya?ml|zip|gz)\b | /\.(?!well-known/)
    | /(?:cgi-bin|phpmyadmin|pma|admin|administrator|vendor|actuator|solr|boaform|owa|telescope|remote)(?:/|$)
    | /(?:autodiscover|ads\.txt|app-ads\.txt|sellers\.json|apple-touch-icon|favicon|browserconfig|security\.txt)
    | [<>{}|\\^`"'\x00-\x1f\x7f] | \.\./ | \$\( | %[0-9a-f]{2}""",
    re.IGNORECASE | re.VERBOSE,
)
HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


class Counted:
    """What was missed since it was last written. One in each web process."""

    def __init__(self):
        self.lock, self.writing = threading.Lock(), threading.Lock()
        self.timer = None
        self.forget()

    def forget(self):
        if self.timer:
            self.timer.cancel()
        self.found, self.timer = Counter(), None

    def add(self, key, host, day):
        with self.lock:
            if (key, host, day) in self.found or len(self.found) < MOST_IN_MEMORY:
                self.found[key, host, day] += 1
            if self.timer is None:
                self.timer = threading.Timer(EVERY, self.write_in_thread)
                self.timer.daemon = True
                self.timer.start()

    def write_in_thread(self):
        try:
            self.write()
        except Exception:  # the database is busy or away: what was missed can be missed
            logger.exception("the missed addresses of the last %d seconds could not be written", EVERY)
        finally:
            connection.close()  # the thread's own

    def write(self):
        with self.writing:
            with self.lock:
                found, self.found, self.timer = self.found, Counter(), None
            if found:
                NotFound.objects.add(found)


counted = Counted()


@atexit.register
def write_at_the_end():
    if counted.found:
        counted.write()


def note(request):
    """Counts a 404, unless robots' noise or the desk's own people asked."""
    key = key_of(request.path)
    if request.method != "GET" or len(key) > LONGEST or NOISE.search(key) or request.user.has_perm("core.use_desk"):
        return
    counted.add(key, referring_host(request), timezone.localdate())


def referring_host(request):
    try:
        host = (urlsplit(request.headers.get("Referer", "")).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    return host if HOST.fullmatch(host) else ""
