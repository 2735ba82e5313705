"""Counts the requests of robots that say who they are, and refuses the kinds that the owner has switched off."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from math import inf
from time import monotonic, thread_time

from django.db import connection

from blog.models.reading_settings import reading
from blog.robots import known, tally
from core import cache_version
from server import session_proof
from server.request_queues import COST

logger = logging.getLogger(__name__)

RETRY_SECONDS = 10  # after the database could not be read
ALWAYS = ("/robots.txt", "/.well-known/")
REFUSAL = b"The owner of this blog does not admit robots of this kind; see /robots.txt.\n"


class KnownRobots:
    """WSGI middleware in front of the page cache. Browsers pass at the cost of one look into a dictionary."""

    def __init__(self, application):
        self.application = application
        self.refused = RefusedKinds()

    def __call__(self, environ, start_response):
        robot = known.find(environ.get("HTTP_USER_AGENT", ""))
        if robot is None:
            return self.application(environ, start_response)
        began, spent = thread_time(), environ.setdefault(COST, [])
        if self.is_refused(robot, environ):
            tally.note(robot, thread_time() - began, refused=True)
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(REFUSAL)))]
            start_response("403 Forbidden", [*headers, ("Cache-Control", "private, no-store")])
            return [REFUSAL]
        try:
            return self.application(environ, start_response)
        finally:
            tally.note(robot, thread_time() - began + sum(spent))

    def is_refused(self, robot, environ):
        """People who are logged in are never refused, whatever their browser calls itself."""
        if robot.kind not in self.refused.kinds() or environ["PATH_INFO"].startswith(ALWAYS):
            return False
        return not ("HTTP_COOKIE" in environ and session_proof.is_proven(environ))


class RefusedKinds:
    """The kinds that the settings refuse. The server's threads, which are many, need no database connection for it:
    after a change one thread of its own reads them, once for all that wait for it."""

    def __init__(self):
        self.state, self.found, self.lock, self.reader = None, frozenset(), threading.Lock(), None
        self.until = inf  # when they are read again although nothing has changed, in monotonic seconds

    def kinds(self):
        state = cache_version.current_state()
        if self.is_read(state):
            return self.found
        with self.lock:
            if not self.is_read(state):  # else another thread has read them meanwhile
                self.reader = self.reader or ThreadPoolExecutor(1, thread_name_prefix="refused-kinds")
                self.found, self.state = self.reader.submit(self.read).result(), state
            return self.found

    def is_read(self, state):
        return state is self.state and monotonic() < self.until

    def read(self):
        try:
            self.until = inf
            return reading().refused_robots
        except Exception:  # an unreachable database must not keep cached pages back
            logger.exception("which robots are refused cannot be read")
            self.until = monotonic() + RETRY_SECONDS
            return self.found
        finally:
            connection.close()
