"""Which session cookies are worth a place in the queue of sessions: a cookie that anybody can make up is not.

A session is proven once a request with it has found its user in the database, or if the browser also has the signed
cookie of one that has logged in by password. Others, such as all sessions after a restart, wait in a small queue of
their own until then.
"""

import threading
from collections import OrderedDict
from http.cookies import CookieError

from django.contrib.auth import SESSION_KEY
from django.core import signing
from django.http import HttpRequest, parse_cookie

from core.cookies import KNOWN_BROWSER, SESSION

MOST_SESSIONS = 5_000  # keys in memory; the least recently used are forgotten, and proven again by their next request


class ProvenSessions:
    def __init__(self, most=MOST_SESSIONS):
        self.most, self.lock, self.keys = most, threading.Lock(), OrderedDict()

    def add(self, key):
        with self.lock:
            self.keys.pop(key, None)
            self.keys[key] = True
            if len(self.keys) > self.most:
                self.keys.popitem(last=False)

    def __contains__(self, key):
        return key in self.keys


proven = ProvenSessions()


def is_proven(environ):
    """Whether the session of this request, by its Cookie header, is known to exist."""
    try:
        cookies = parse_cookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return False
    return cookies.get(SESSION.name) in proven or is_known_browser(cookies.get(KNOWN_BROWSER.name, ""))


def is_known_browser(value):
    request = HttpRequest()
    request.COOKIES = {KNOWN_BROWSER.name: value}
    try:
        request.get_signed_cookie(KNOWN_BROWSER.name, salt=KNOWN_BROWSER.name, max_age=KNOWN_BROWSER.seconds)
    except signing.BadSignature:
        return False
    return True


def note_session(request):
    """Remember the session of a request that has found its user there. Reads nothing that was not read before."""
    if request.session.accessed and request.session.session_key and SESSION_KEY in request.session:
        proven.add(request.session.session_key)
