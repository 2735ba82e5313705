"""The WSGI application: the log of requests, known robots, page cache, limiter of slow clients, queues, then Django."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django_application = get_wsgi_application()

from django.conf import settings  # noqa: E402

from core import child_process  # noqa: E402
from core.page_cache import PageCache  # noqa: E402
from core.template_overrides import watching  # noqa: E402
from server import metrics  # noqa: E402
from server.known_robots import KnownRobots  # noqa: E402
from server.request_log import RequestLog  # noqa: E402
from server.request_methods import RequestMethods  # noqa: E402
from server.request_queues import RequestQueues  # noqa: E402
from server.slow_clients import SlowClientLimiter  # noqa: E402

SCHEME = "https" if settings.LONGRUN_HTTPS else "http"


def at_our_address(environ, start_response):
    # Take the scheme from LONGRUN_URL, not from a proxy's header, which clients could forge.
    environ["wsgi.url_scheme"] = SCHEME
    return django_application(environ, start_response)


child_process.limit_waiting()
behind = RequestMethods(SlowClientLimiter(RequestQueues(at_our_address)))
pages = PageCache(behind, host=settings.LONGRUN_HOST, max_bytes=settings.LONGRUN_PAGE_CACHE_MB * 2**20)
counted = metrics.requests if settings.LONGRUN_METRICS_TOKEN else None
application = RequestLog(
    KnownRobots(watching(pages)), form=settings.LONGRUN_LOG, file=settings.LONGRUN_LOG_PATH, metrics=counted
)

gc.freeze()  # exclude what is loaded now from garbage collection: scanning it took 4 % of a request's time
