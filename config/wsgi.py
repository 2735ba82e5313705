"""What the web server calls: kept pages, and behind them Django."""

import gc
import os
from contextlib import suppress
from threading import BoundedSemaphore

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from ground.pagecache import PageCache  # noqa: E402

MOST_HEARD, PART = 128 * 2**20, 2**16  # bytes; the largest upload is smaller
SCHEME = "https" if settings.LONGRUN_HTTPS else "http"
listening = BoundedSemaphore(2)


def at_our_address(environ, start_response):
    # The scheme is the site address's. A front that ends TLS need not be believed, and a header cannot lie.
    environ["wsgi.url_scheme"] = SCHEME
    answer = django_application(environ, start_response)
    if environ.get("CONTENT_LENGTH") and environ["REQUEST_METHOD"] == "POST" and listening.acquire(blocking=False):
        try:
            hear_out(environ["wsgi.input"])
        finally:
            listening.release()
    return answer


def hear_out(body):
    """Read what is left of a request that was answered early (a login has ended, a form is too large): a server that
    hangs up on somebody who still sends is heard by no browser, and nginx makes a 502 of it. Two at a time are heard:
    who never sends what they have announced must not keep all threads listening."""
    heard = 0
    with suppress(OSError):  # who has hung up needs no answer
        while heard < MOST_HEARD and (part := body.read(PART)):
            heard += len(part)


application = PageCache(at_our_address, host=settings.LONGRUN_HOST, room=settings.LONGRUN_PAGE_CACHE_MB * 2**20)

gc.freeze()  # what is loaded now stays: to look it through for garbage, again and again, was a 25th of a request
