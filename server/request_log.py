"""The log of requests, the counters behind `/metrics`, and a line for each refusal: the outermost WSGI application.

`LONGRUN_LOG` chooses the form of the log: `plain`, `json` or `off`. A line has the time, the method, the path without
tokens, the status, how long it took, whether the page came from the cache, and whether a robot asked. It has no query,
no texts, no addresses and no cookies.
"""

import json
import logging
import sys
from collections import Counter
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from threading import Lock
from time import perf_counter

from blog.robots import known
from core.page_cache import FROM_CACHE
from core.refusals import KINDS, log_refusal
from server.log_redaction import redact

FILE_BYTES, FILES_KEPT = 10 * 2**20, 5
SECONDS = (0.005, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)  # upper bounds of the histogram


class RequestLog:
    """WSGI application that calls `application` and notes what came of it."""

    def __init__(self, application, *, form="off", file="", metrics=None):
        self.application, self.form, self.metrics = application, form, metrics
        self.logger = request_logger(file) if form != "off" else None

    def __call__(self, environ, start_response):
        began, statuses = perf_counter(), []

        def note(status, headers, *more):
            statuses.append(status)
            return start_response(status, headers, *more)

        try:
            return self.application(environ, note)
        finally:
            self.note(environ, int(statuses[-1][:3]) if statuses else 500, perf_counter() - began)

    def note(self, environ, status, seconds):
        if status in KINDS:
            log_refusal(environ, KINDS[status])
        if self.logger is None and self.metrics is None:
            return
        agent = environ.get("HTTP_USER_AGENT", "")
        is_robot, from_cache = known.is_robot(agent), FROM_CACHE in environ
        if self.metrics is not None:
            self.metrics.add(status, seconds, from_cache, is_robot)
        if self.logger is not None:
            self.logger.info(self.line(environ, status, seconds, from_cache, is_robot))

    def line(self, environ, status, seconds, from_cache, is_robot):
        path = redact(environ["PATH_INFO"].encode("latin-1").decode(errors="replace"))
        now, ms = datetime.now(UTC).isoformat(timespec="milliseconds"), round(seconds * 1000, 1)
        method = environ["REQUEST_METHOD"]
        if self.form == "json":
            values = {"time": now, "method": method, "path": path, "status": status, "ms": ms}
            return json.dumps(values | {"cached": from_cache, "robot": is_robot}, ensure_ascii=False)
        path = "".join(sign if sign.isprintable() and sign != " " else f"%{ord(sign):02X}" for sign in path)
        by, source = "robot" if is_robot else "person", "cached" if from_cache else "made"
        return f"{now} {method} {path} {status} {ms}ms {source} {by}"


class Metrics:
    """Counts of the requests of this process since its start."""

    def __init__(self):
        self.lock, self.requests, self.buckets, self.seconds = Lock(), Counter(), Counter(), 0.0

    def add(self, status, seconds, from_cache, is_robot):
        bound = next((bound for bound in SECONDS if seconds <= bound), None)
        with self.lock:
            self.requests[status, from_cache, is_robot] += 1
            self.buckets[bound] += 1
            self.seconds += seconds

    def told(self):
        """Lines of Prometheus's text format."""
        with self.lock:
            requests, buckets, seconds = Counter(self.requests), Counter(self.buckets), self.seconds
        lines = ["# TYPE longrun_requests_total counter"]
        for (status, from_cache, is_robot), count in sorted(requests.items()):
            labels = f'status="{status}",cached="{from_cache:d}",robot="{is_robot:d}"'
            lines.append(f"longrun_requests_total{{{labels}}} {count}")
        lines.append("# TYPE longrun_request_seconds histogram")
        total = 0
        for bound in SECONDS:
            total += buckets[bound]
            lines.append(f'longrun_request_seconds_bucket{{le="{bound}"}} {total}')
        total += buckets[None]
        lines.append(f'longrun_request_seconds_bucket{{le="+Inf"}} {total}')
        return [*lines, f"longrun_request_seconds_sum {seconds:.6f}", f"longrun_request_seconds_count {total}"]


def request_logger(file):
    """The logger of requests: to the standard output, or to a file that is rotated."""
    logger = logging.getLogger("longrun.requests")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    if file:
        handler = RotatingFileHandler(file, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8", delay=True)
    else:
        handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(message)s"))
    logger.handlers = [handler]
    return logger
