"""HTTP GET for URLs that strangers supplied (avatars, mentions, media, link checks); all such requests use this module.

Such a URL may point at our own machine or network (SSRF), directly, by a redirect or by DNS rebinding, or respond
without end. So each host name is resolved once, connections are made to public IP addresses only (with the host name in
Host, SNI and certificate check), each redirect is checked like the first URL, and the size of the body (after
decompression) and the total time are limited.
Sources: OWASP ASVS 5.0 1.3.6 and 15.3.2; RFC 6890; the Webmention specification's limits.
"""

import re
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any
from urllib.parse import urljoin

import certifi
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3 import connection as plain
from urllib3.exceptions import HTTPError
from urllib3.response import HTTPResponse
from urllib3.util import Url, parse_url

from core.ip_addresses import is_public

PORTS = {"http": 80, "https": 443}
MAX_URL_LENGTH = 2048
REDIRECTS = {301, 302, 303, 307, 308}
CHUNK = 16 * 1024
_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\]")  # as urllib3 writes it: IDNA, lower case
CERTIFICATES = certifi.where()
CONNECTION_ERRORS = (HTTPError, HTTPException, OSError, ValueError)  # ValueError: an invalid Content-Length


Place = tuple[socket.AddressFamily, Any]  # (family, socket address)


class FetchError(Exception):
    """Base class: why a request failed; `str()` is a sentence for the owner."""


class InvalidURL(FetchError):
    """Not an http(s) URL on port 80 or 443."""


class PrivateAddress(FetchError):
    """The host name resolves to a private, local or reserved address."""


class ConnectionFailed(FetchError):
    """Unknown host, no connection, an invalid certificate, or no valid HTTP response."""


class FetchTimeout(FetchError):
    pass


class ResponseTooLarge(FetchError):
    pass


class TooManyRedirects(FetchError):
    pass


@dataclass(frozen=True)
class Response:
    status: int  # any but a followed redirect; 404 and 500 raise nothing
    url: str  # after redirects
    content_type: str  # the header as sent, "" if missing: do not trust it
    body: bytes  # decompressed


def fetch(
    url: str, *, max_bytes: int = 1_000_000, seconds: float = 5, accept: str = "*/*", redirects: int = 3
) -> Response:
    """GET a URL. Raises one of the FetchErrors above, and nothing else.

    `max_bytes` limits the decompressed body. `seconds` is the total time for DNS, connections, redirects and body.
    """
    deadline = time.monotonic() + seconds
    for _hop in range(redirects + 1):
        target = _validated(url)
        status, headers, body = _get(target, accept, max_bytes, deadline)
        if status not in REDIRECTS or not headers.get("Location"):
            return Response(status, target.url, headers.get("Content-Type", ""), body)
        url = _redirect_target(target, headers["Location"])
    raise TooManyRedirects(_("The address leads on to another one too many times."))


def _validated(url: str) -> Url:
    try:
        target = parse_url(url) if len(url) <= MAX_URL_LENGTH else None
    except HTTPError:
        target = None
    if target is None or target.scheme not in PORTS or not _HOST.fullmatch(target.host or ""):
        raise InvalidURL(_("That is not a web address."))
    if target.auth:
        raise InvalidURL(_("A web address with a name or password in it is not fetched."))
    if target.port not in (None, 80, 443) and not _is_allowed(target):
        raise InvalidURL(_("Only web addresses on the ports 80 and 443 are fetched."))
    return target._replace(fragment=None)


def _redirect_target(target: Url, location: str) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError:
        raise InvalidURL(_("The address leads on to something that is no web address."))


def _get(target: Url, accept: str, max_bytes: int, deadline: float) -> tuple[int, Mapping[str, str], bytes]:
    """One request to a validated URL: (status, headers, body); the body is empty for a redirect."""
    connection = _connected(target, deadline)
    try:
        with _closed_at(deadline, connection.sock):
            connection.timeout = _remaining(deadline)
            headers = {
                "Host": str(target.netloc),
                "Accept": accept,
                "Accept-Encoding": "gzip",
                "User-Agent": f"Longrun (+{settings.LONGRUN_URL}/)",
                "Connection": "close",
            }
            connection.request("GET", target.request_uri, headers=headers, preload_content=False)
            response = connection.getresponse()
            redirect = response.status in REDIRECTS and response.headers.get("Location")
            body = b"" if redirect else _body(response, max_bytes, deadline)
            return response.status, response.headers, body
    except CONNECTION_ERRORS as error:
        _remaining(deadline)  # raises FetchTimeout if the deadline was the cause
        raise ConnectionFailed(_("The website gave no usable answer.")) from error
    finally:
        connection.close()


def _body(response: HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    if int(response.headers.get("Content-Length") or 0) > max_bytes:
        raise ResponseTooLarge(_("What the address gives is too large."))
    body = bytearray()
    while chunk := response.read(min(CHUNK, max_bytes + 1)):
        _remaining(deadline)
        body += chunk
        if len(body) > max_bytes:
            raise ResponseTooLarge(_("What the address gives is too large."))
    _remaining(deadline)  # a body cut off at the deadline must not pass as complete
    return bytes(body)


def _connected(target: Url, deadline: float) -> plain.HTTPConnection:
    """A connection to a public address of the host, which is resolved once (DNS rebinding)."""
    host, scheme = str(target.host).strip("[]"), str(target.scheme)
    port = target.port or PORTS[scheme]
    places = resolve(host, port, _remaining(deadline))
    if not _is_allowed(target):
        places = [place for place in places if is_public(place[1][0])]
        if not places:
            raise PrivateAddress(_("The address leads into a private network."))
    trouble = None
    for place in places[:3]:
        connection = _connection(scheme, host, port, place, deadline)
        try:
            connection.connect()
        except CONNECTION_ERRORS as error:
            connection.close()
            trouble = error
            _remaining(deadline)
        else:
            return connection
    raise ConnectionFailed(_("The website cannot be reached.")) from trouble


def resolve(host: str, port: int, seconds: float) -> list[Place]:
    """Resolve a host name: [(family, socket address), …]. Raises FetchTimeout or ConnectionFailed.

    In a thread, since getaddrinfo has no timeout and an attacker may run a slow name server.
    """
    found: list[list[Place]] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append([(family, place) for family, _type, _proto, _name, place in answers])
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise FetchTimeout(_("The website's name server took too long."))
    if not found[0]:
        raise ConnectionFailed(_("There is no website of that name."))
    return found[0]


def _connection(scheme: str, host: str, port: int, place: Place, deadline: float) -> plain.HTTPConnection:
    """urllib3's connection for the host that connects to the given socket address without resolving the name."""
    family, number = place

    def dial(self: plain.HTTPConnection) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_remaining(deadline))
            sock.connect(number)
            sock.settimeout(_remaining(deadline))  # for the TLS handshake
        except BaseException:
            sock.close()
            raise
        return sock

    kind = plain.HTTPConnection if scheme == "http" else plain.HTTPSConnection
    tls = {} if scheme == "http" else {"cert_reqs": "CERT_REQUIRED", "ca_certs": CERTIFICATES}
    made: plain.HTTPConnection = type("Dialled", (kind,), {"_new_conn": dial})(host, port, **tls)
    return made


@contextmanager
def _closed_at(deadline: float, sock: socket.socket) -> Iterator[None]:
    """Shut the socket down at the deadline: its own timeout starts again with every byte received."""

    def cut() -> None:
        try:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket.shutdown: it is not thread-safe
        except OSError:
            pass  # closed already

    timer = threading.Timer(_remaining(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _remaining(deadline: float) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise FetchTimeout(_("The website took too long to answer."))
    return seconds


def _is_allowed(target: Url) -> bool:
    """Whether settings.SAFE_FETCH_ALLOWED names the host and port, as the tests do for their stand-in server."""
    return f"{target.host}:{target.port or PORTS[str(target.scheme)]}" in settings.SAFE_FETCH_ALLOWED
