"""The limiter of slow clients as WSGI: which bodies reach the application whole, and what the others are told."""

import errno
import threading
from io import BytesIO

import pytest

from core import refusals
from server import slow_clients
from server.request_queues import SMALL_BODY
from server.slow_clients import MAX_BUFFERED, NoFreeSlot, Slots, SlowClientLimiter

FORM, FILES = "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"


class Body:
    """What a client sends, in parts of at most `piece` bytes; it may disconnect at its end, with an error."""

    def __init__(self, content, piece=2**16, disconnects=False):
        self.rest, self.piece, self.disconnects = BytesIO(content), piece, disconnects

    def read(self, size=-1):
        part = self.rest.read(min(size, self.piece) if size > 0 else self.piece)
        if not part and self.disconnects:
            raise ConnectionResetError
        return part

    def is_read(self):
        return not self.rest.read(1)


class Answer(list):
    streaming = False

    def close(self):
        self.is_closed = True


class Application:
    """Keeps what it was sent."""

    def __init__(self, answer=(b"done",), streaming=False):
        self.received, self.environ, self.answer = None, None, Answer(answer)
        self.answer.streaming = streaming

    def __call__(self, environ, start_response):
        self.environ, self.received = environ, environ["wsgi.input"].read()
        start_response("200 OK", [])
        return self.answer


def environ(body=b"", length=None, *, chunked=False, kind=FORM, method="POST"):
    body = body if isinstance(body, Body) else Body(body)
    said = {"REQUEST_METHOD": method, "CONTENT_TYPE": kind, "wsgi.input": body, "PATH_INFO": "/", "REMOTE_ADDR": "::1"}
    if chunked:
        return said | {"HTTP_TRANSFER_ENCODING": "chunked"}
    return said | ({"CONTENT_LENGTH": str(length)} if length is not None else {})


def ask(limiter, request):
    """(status, body)"""
    begun = []
    parts = limiter(request, lambda status, headers: begun.append((status, dict(headers))))
    content = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return int(begun[-1][0][:3]), content


@pytest.fixture
def application():
    return Application()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch):
    monkeypatch.setattr(slow_clients, "WAIT_SECONDS", 0.02)


@pytest.mark.parametrize("size", [0, 5, SMALL_BODY, SMALL_BODY + 1])
def test_a_whole_body_reaches_the_application(application, size):
    sent = bytes(size)
    assert ask(SlowClientLimiter(application), environ(Body(sent, 2**22), size)) == (200, b"done")
    assert application.received == sent


def test_a_page_without_a_body_is_passed_on(application):
    request = environ(b"", method="GET")
    assert ask(SlowClientLimiter(application), request)[0] == 200


@pytest.mark.parametrize("length", [50, SMALL_BODY + 1])
def test_half_a_body_is_handled_by_nobody(application, length):
    for body in (Body(b"comment=half"), Body(b"comment=half", disconnects=length > SMALL_BODY)):
        assert ask(SlowClientLimiter(application), environ(body, length))[0] == 400
    assert application.received is None


def test_what_is_too_large_is_read_and_refused(application, monkeypatch):
    monkeypatch.setattr(slow_clients, "MAX_BODY", 2 * SMALL_BODY)
    body = Body(bytes(2 * SMALL_BODY + 9))
    assert ask(SlowClientLimiter(application), environ(body, 2 * SMALL_BODY + 9)) == (413, slow_clients.TOO_LARGE)
    assert application.received is None and body.rest.tell() >= 2 * SMALL_BODY, "else browsers show no answer"


class FullDisk:
    """A temporary file on a disk that is full: it writes nothing, or a part."""

    def __init__(self, *_how, **_options):
        pass

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        pass

    def write(self, data):
        if len(data) > 2**15:
            return 2**15  # as a file without a buffer may
        raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_full_disk_is_said_and_changes_nothing(application, monkeypatch, chunked):
    monkeypatch.setattr(slow_clients, "TemporaryFile", FullDisk)
    body = Body(bytes(3 * SMALL_BODY))
    request = environ(body, 3 * SMALL_BODY, kind=FILES, chunked=chunked)
    assert ask(SlowClientLimiter(application), request) == (507, slow_clients.NO_ROOM)
    assert application.received is None and body.is_read()


# Bodies in chunks, whose length nobody has said


def test_a_plain_form_in_chunks_is_refused_since_nobody_can_tell_its_end(application):
    body = Body(b"comment=perhaps+half")
    assert ask(SlowClientLimiter(application), environ(body, chunked=True)) == (411, slow_clients.LENGTH_REQUIRED)
    assert application.received is None and body.is_read()


@pytest.mark.parametrize("size", [100, SMALL_BODY, SMALL_BODY + 1, 2 * SMALL_BODY])
def test_a_form_with_files_in_chunks_is_taken_by_its_last_boundary(application, size):
    whole = b"--b\r\n" + bytes(size - 12) + b"\r\n--b--\r\n"
    limiter = SlowClientLimiter(application)
    assert ask(limiter, environ(Body(whole, piece=70_000), chunked=True, kind=FILES))[0] == 200
    assert application.received == whole and application.environ["CONTENT_LENGTH"] == str(len(whole))
    assert "HTTP_TRANSFER_ENCODING" not in application.environ, "Django takes a body by its length"
    application.received = None
    assert ask(limiter, environ(Body(whole[:-6]), chunked=True, kind=FILES))[0] == 400
    assert application.received is None


def test_json_in_chunks_is_taken_as_it_is(application):
    assert ask(SlowClientLimiter(application), environ(b'{"a": 1}', chunked=True, kind="application/json"))[0] == 200
    assert application.received == b'{"a": 1}'


def test_chunks_without_end_are_refused(application, monkeypatch):
    monkeypatch.setattr(slow_clients, "MAX_BODY", 2 * SMALL_BODY)
    body = Body(bytes(4 * SMALL_BODY))
    assert ask(SlowClientLimiter(application), environ(body, chunked=True, kind=FILES)) == (413, slow_clients.TOO_LARGE)
    assert application.received is None


# Slots


@pytest.mark.parametrize(
    "name, request_of",
    [
        ("small", lambda: environ(b"comment=a", 9)),
        ("small", lambda: environ(b"comment=a", chunked=True)),
        ("large", lambda: environ(bytes(SMALL_BODY + 1), SMALL_BODY + 1)),
        ("large", lambda: environ(bytes(9), 2**40)),
        ("large", lambda: environ(bytes(SMALL_BODY + 9), chunked=True, kind=FILES)),
    ],
)
def test_who_finds_no_slot_is_told_to_come_back(application, name, request_of, monkeypatch):
    told = []
    monkeypatch.setattr(slow_clients, "log_refusal", lambda environ, kind: told.append(kind))
    limiter = SlowClientLimiter(application, small=1, large=1)
    with getattr(limiter, name).slot():
        assert ask(limiter, request_of()) == (503, slow_clients.BUSY)
    assert application.received is None and told == ["busy"]
    assert ask(limiter, request_of())[0] != 503, "the slot is free again"


def test_a_refusal_has_its_line_in_the_log(application, caplog, monkeypatch):
    monkeypatch.setattr(refusals, "_minute", -1)
    limiter = SlowClientLimiter(application, small=1)
    with limiter.small.slot():
        ask(limiter, environ(b"comment=a", 9))
    assert "refused busy network=" in caplog.text


def test_a_slot_that_is_freed_soon_is_worth_the_wait(monkeypatch):
    monkeypatch.setattr(slow_clients, "WAIT_SECONDS", 30)
    slots = Slots(1)
    slots.acquire()
    threading.Timer(0.02, slots.release).start()
    with slots.slot():
        pass
    monkeypatch.setattr(slow_clients, "WAIT_SECONDS", 0.01)
    slots.acquire()
    with pytest.raises(NoFreeSlot):
        slots.acquire()


def test_a_small_file_is_sent_at_once_and_takes_no_slot():
    application = Application([b"a" * 10, b"b" * 10], streaming=True)
    limiter = SlowClientLimiter(application, files=1)
    with limiter.files.slot():
        assert ask(limiter, environ(b"", method="GET")) == (200, b"a" * 10 + b"b" * 10)
    assert application.answer.is_closed


def test_a_large_file_keeps_its_slot_until_it_is_sent_or_cancelled():
    pieces = [bytes(MAX_BUFFERED // 2)] * 6
    limiter = SlowClientLimiter(Application(pieces, streaming=True), files=1)
    first = limiter(environ(b"", method="GET"), lambda *_said: None)
    refused = Application(pieces, streaming=True)
    limiter.application = refused
    assert ask(limiter, environ(b"", method="GET"))[0] == 503
    assert refused.answer.is_closed, "the file is not left open"
    first.close()
    assert ask(limiter, environ(b"", method="GET")) == (200, b"".join(pieces))
    assert ask(limiter, environ(b"", method="GET"))[0] == 200, "its end gave the slot back"
