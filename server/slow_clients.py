"""Limit how many of the server's threads slow clients can occupy, so that some stay free for others.

A thread of the server waits for a client that sends or receives slowly. So only some of them at a time may read small
bodies, read large bodies (uploads) or send large files; a request beyond that gets 503 before it has any effect.
Against more slow clients than that use a reverse proxy that buffers requests and responses, such as nginx.
"""

import errno
from contextlib import contextmanager, suppress
from io import BytesIO
from tempfile import TemporaryFile
from threading import BoundedSemaphore
from time import monotonic

from core.refusals import log_refusal
from server.request_queues import SMALL_BODY, StreamedBody, content_length, plain_response

WAIT_SECONDS = 1  # a normal request frees its slot sooner
MAX_BODY, CHUNK = 128 * 2**20, 2**16  # bytes; the largest upload is smaller
MAX_BUFFERED = 2**20  # bytes of a file that the server sends without occupying a thread
NO_ROOM = b"There is no room left on the disk of this blog, so nothing was changed."
TOO_LARGE = b"This is more than can be sent at once."
LENGTH_REQUIRED = (
    b"Please send a form with its length (Content-Length): without it, one that broke off on its way looks whole."
    b" Nothing was changed."
)
BUSY = b"Too many are sending or receiving something large just now. Please try again in a moment; nothing was changed."
SMALL, LARGE, FILES = 24, 12, 20  # threads that may read small bodies, read large bodies, send large files


class NoFreeSlot(Exception):
    """All slots are taken, and none was freed for WAIT_SECONDS."""


class Slots:
    """A semaphore that waits for a slot only until WAIT_SECONDS after the last change, then raises NoFreeSlot."""

    def __init__(self, count):
        self.free, self.last_change = BoundedSemaphore(count), 0

    @contextmanager
    def slot(self):
        self.acquire()
        try:
            yield
        finally:
            self.release()

    def acquire(self):
        if not self.free.acquire(blocking=False):
            left = self.last_change + WAIT_SECONDS - monotonic()
            if left <= 0 or not self.free.acquire(timeout=left):
                raise NoFreeSlot
        self.last_change = monotonic()

    def release(self):
        self.last_change = monotonic()
        self.free.release()


class SlowClientLimiter:
    """WSGI middleware: `application` finds the whole body in `wsgi.input`, a large one in a temporary file."""

    def __init__(self, application, *, small=SMALL, large=LARGE, files=FILES):
        self.application = application
        self.small, self.large, self.files = Slots(small), Slots(large), Slots(files)

    def __call__(self, environ, start_response):
        try:
            if is_chunked(environ):
                return self.respond_to_chunked(environ, start_response)
            length = content_length(environ)
            if length > MAX_BODY:
                with self.large.slot():
                    drain(environ["wsgi.input"])
                return plain_response(start_response, "413 Content Too Large", TOO_LARGE)
            if length > SMALL_BODY:
                with TemporaryFile(buffering=0) as body:
                    with self.large.slot():
                        try:
                            received = copy(environ["wsgi.input"], body, length)
                        except OSError:
                            drain(environ["wsgi.input"])
                            return plain_response(start_response, "507 Insufficient Storage", NO_ROOM)
                    return self.respond(environ, start_response, body) if received == length else cut(start_response)
            if length:
                with self.small.slot():
                    content = environ["wsgi.input"].read(length)
                if len(content) < length:
                    return cut(start_response)
                return self.respond(environ, start_response, BytesIO(content))
            return self.respond(environ, start_response)
        except NoFreeSlot:
            return busy(environ, start_response)

    def respond_to_chunked(self, environ, start_response):
        """Read a body whose length is not said (Transfer-Encoding: chunked). Django takes it by its length alone.

        The server does not tell the end of a body from a client that has disconnected. A form with files has an end of
        its own, and half of a JSON text is none; any other form could be cut, so it is refused.
        """
        if is_plain_form(environ):
            with self.small.slot():
                drain(environ["wsgi.input"])
            return plain_response(start_response, "411 Length Required", LENGTH_REQUIRED)
        with self.small.slot():
            content = read_up_to(environ["wsgi.input"], SMALL_BODY + 1)
        if len(content) <= SMALL_BODY:
            if is_cut(environ, content):
                return cut(start_response)
            return self.respond(with_length(environ, len(content)), start_response, BytesIO(content))
        with TemporaryFile(buffering=0) as body:
            with self.large.slot():
                try:
                    body.write(content)
                    received = len(content) + copy(environ["wsgi.input"], body, MAX_BODY + 1 - len(content))
                except OSError:
                    drain(environ["wsgi.input"])
                    return plain_response(start_response, "507 Insufficient Storage", NO_ROOM)
            if received > MAX_BODY:
                return plain_response(start_response, "413 Content Too Large", TOO_LARGE)
            body.seek(max(0, received - 100))
            if is_cut(environ, body.read(100)):
                return cut(start_response)
            body.seek(0)
            return self.respond(with_length(environ, received), start_response, body)

    def respond(self, environ, start_response, body=None):
        if body is not None:
            environ["wsgi.input"] = body
        begun = []
        answer = self.application(environ, lambda *said: begun.append(said))
        if getattr(answer, "streaming", False):
            answer = self.stream_in_slot(answer)
        start_response(*begun[-1])
        return answer

    def stream_in_slot(self, answer):
        """Return up to MAX_BUFFERED bytes as one body; a larger file keeps a slot until it is sent or cancelled."""
        parts, size = iter(answer), 0
        first = []
        for part in parts:
            first.append(part)
            size += len(part)
            if size > MAX_BUFFERED:
                break
        else:
            answer.close()
            return [b"".join(first)]
        try:
            self.files.acquire()
        except NoFreeSlot:
            answer.close()
            raise
        return StreamedBody(first, parts, answer.close, self.files.release)


def is_chunked(environ):
    """Whether a POST has a body without a length."""
    coding = environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return environ["REQUEST_METHOD"] == "POST" and "chunked" in coding and not environ.get("CONTENT_LENGTH")


def is_plain_form(environ):
    """Whether a form is sent whose end nobody can tell."""
    return environ.get("CONTENT_TYPE", "").lower().strip().startswith("application/x-www-form-urlencoded")


def is_cut(environ, end):
    """Whether a form with files lacks its last boundary."""
    is_multipart = environ.get("CONTENT_TYPE", "").lower().startswith("multipart/")
    return is_multipart and not end.rstrip().endswith(b"--")


def with_length(environ, length):
    """The environ of a request that says the length of its body."""
    kept = {name: value for name, value in environ.items() if name != "HTTP_TRANSFER_ENCODING"}
    return kept | {"CONTENT_LENGTH": str(length)}


def read_up_to(source, most):
    """At most so many bytes of a body, however its parts come."""
    parts, received = [], 0
    while received < most and (part := source.read(min(CHUNK, most - received))):
        parts.append(part)
        received += len(part)
    return b"".join(parts)


def copy(source, target, length):
    """Copy the body to an unbuffered file; returns how many bytes came before the client ended or disconnected. Raises
    OSError if the disk is full."""
    received = 0
    while received < length:
        part = b""
        with suppress(OSError):  # the client has disconnected
            part = source.read(min(CHUNK, length - received))
        if not part:
            break
        if target.write(part) != len(part):
            raise OSError(errno.ENOSPC, "the disk is full")
        received += len(part)
    target.seek(0)
    return received


def drain(body):
    """Read a body that is refused. If the server closed the connection while the client still sends, browsers would not
    show the response, and nginx would send 502."""
    drained = 0
    with suppress(OSError):  # the client has disconnected
        while drained < MAX_BODY and (part := body.read(CHUNK)):
            drained += len(part)


def cut(start_response):
    """The client disconnected: half a comment is not handled."""
    return plain_response(start_response, "400 Bad Request", b"")


def busy(environ, start_response):
    log_refusal(environ, "busy")
    return plain_response(start_response, "503 Service Unavailable", BUSY)
