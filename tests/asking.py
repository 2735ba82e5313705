"""Calls a WSGI application directly, as a web server does, through the page cache."""

import io
from contextlib import contextmanager

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection

from core.page_cache import PageCache


class Asked:
    """The response: `status` (int), `headers` (list of pairs), `body` (bytes)."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = int(status.split()[0]), headers, body

    def __getitem__(self, name):
        return next((value for key, value in self.headers if key == name), None)


def process(host, room=2**25):
    """The application with its own page cache, as in a separate web process. `room`: bytes."""
    return PageCache(WSGIHandler(), host=host, max_bytes=room)


def ask(application, path="/", *, method="GET", cookies="", host=None, **headers):
    """Send one request and return an Asked. Header names have "_" for "-"."""
    place, _mark, query = path.partition("?")
    environ = {"REQUEST_METHOD": method, "PATH_INFO": place, "QUERY_STRING": query, "SERVER_PROTOCOL": "HTTP/1.1"}
    environ |= {"SERVER_NAME": "x", "SERVER_PORT": "80", "wsgi.input": io.BytesIO(), "wsgi.url_scheme": "http"}
    environ |= {"HTTP_HOST": application.host if host is None else host, "REMOTE_ADDR": "127.0.0.1"}
    environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
    if cookies:
        environ["HTTP_COOKIE"] = cookies
    said = []
    with connections_kept():
        body = application(environ, lambda *words: said.append(words))
        whole = b"".join(body)
        if hasattr(body, "close"):
            body.close()
    return Asked(*said[-1][:2], whole)


@contextmanager
def connections_kept():
    """Keeps the database connection open at the end of a request, so that the test's transaction survives."""
    if not connection.in_atomic_block:
        yield
        return
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)
