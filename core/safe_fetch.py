"""The only way to an address that came from outside: avatars, mentions, media, link checks.

Such an address may point at our own machine or network (SSRF), lead there by a redirect or by a name that
changes its answer, or never stop talking. So each name is resolved once, only public addresses are connected
to, by number but with the right name (Host, SNI, certificate), each redirect is checked like the first
address, and bytes (after decompression) and seconds (altogether) are counted.
Sources: OWASP ASVS 5.0 1.3.6 and 15.3.2; RFC 6890; the Webmention specification's limits.
"""

import re
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from urllib.parse import urljoin

import certifi
from django.conf import settings
from django.utils.translation import gettext as _
from urllib3 import connection as plain
from urllib3.exceptions import HTTPError
from urllib3.util import Url, parse_url

from core.ip_addresses import is_public

PORTS = {"http": 80, "https": 443}
LONGEST_URL = 2048
REDIRECTS = {301, 302, 303, 307, 308}
CHUNK = 16 * 1024
_HOST = re.compile(r"[a-z0-9._-]{1,253}|\[[0-9a-f:.]+\]")  # as urllib3 writes it: IDNA, lower case
CERTIFICATES = certifi.where()
BROKEN = (HTTPError, HTTPException, OSError, ValueError)  # ValueError: a Content-Length that is no number


class OutsideError(Exception):
    """Why nothing came back; `str()` is a sentence for the owner."""


class BadAddress(OutsideError):
    """Not an http(s) address on an ordinary port."""


class NotPublic(OutsideError):
    """The name leads to a private, local or reserved address."""


class NoAnswer(OutsideError):
    """No such name, no connection, no valid certificate, no HTTP."""


class TooSlow(OutsideError):
    pass


class TooBig(OutsideError):
    pass


class TooManyRedirects(OutsideError):
    pass


@dataclass(frozen=True)
class Answer:
    status: int  # any but a followed redirect: 404 and 500 are answers
    url: str  # where the redirects ended
    content_type: str  # the header as sent, "" if missing: a claim, not a fact
    body: bytes  # decompressed


def fetch(url: str, *, max_bytes=1_000_000, seconds=5, accept="*/*", redirects=3) -> Answer:
    """GET an address from outside. Raises one of the OutsideErrors above, and nothing else.

    `seconds` bounds everything together: names, connections, all redirects, the body.
    """
    deadline = time.monotonic() + seconds
    for _hop in range(redirects + 1):
        target = _checked(url)
        status, headers, body = _get(target, accept, max_bytes, deadline)
        if status not in REDIRECTS or not headers.get("Location"):
            return Answer(status, target.url, headers.get("Content-Type", ""), body)
        url = _next(target, headers["Location"])
    raise TooManyRedirects(_("The address leads on to another one too many times."))


def _checked(url) -> Url:
    try:
        target = parse_url(url) if len(url) <= LONGEST_URL else None
    except HTTPError:
        target = None
    if target is None or target.scheme not in PORTS or not _HOST.fullmatch(target.host or ""):
        raise BadAddress(_("That is not a web address."))
    if target.auth:
        raise BadAddress(_("A web address with a name or password in it is not fetched."))
    if target.port not in (None, 80, 443) and not _is_allowed_also(target):
        raise BadAddress(_("Only web addresses on the ports 80 and 443 are fetched."))
    return target._replace(fragment=None)


def _next(target, location) -> str:
    try:
        return urljoin(target.url, location)
    except ValueError:
        raise BadAddress(_("The address leads on to something that is no web address."))


def _get(target, accept, max_bytes, deadline):
    """One request to a checked address: status, headers and body (none for a redirect)."""
    connection = _connected(target, deadline)
    try:
        with _cut_at(deadline, connection.sock):
            connection.timeout = _left(deadline)
            headers = {
                "Host": target.netloc,
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
    except BROKEN as error:
        _left(deadline)  # cut off by us: that is the reason then
        raise NoAnswer(_("The website gave no usable answer.")) from error
    finally:
        connection.close()


def _body(response, max_bytes, deadline) -> bytes:
    if int(response.headers.get("Content-Length") or 0) > max_bytes:
        raise TooBig(_("What the address gives is too large."))
    body = bytearray()
    while chunk := response.read(min(CHUNK, max_bytes + 1)):
        _left(deadline)
        body += chunk
        if len(body) > max_bytes:
            raise TooBig(_("What the address gives is too large."))
    _left(deadline)  # a body that we cut ourselves must not pass for a whole one
    return bytes(body)


def _connected(target, deadline):
    """A connection to one of the name's addresses that are public; asked once, so that none can change."""
    host = target.host.strip("[]")
    port = target.port or PORTS[target.scheme]
    places = resolve(host, port, _left(deadline))
    if not _is_allowed_also(target):
        places = [place for place in places if is_public(place[1][0])]
        if not places:
            raise NotPublic(_("The address leads into a private network."))
    trouble = None
    for place in places[:3]:
        connection = _connection(target.scheme, host, port, place, deadline)
        try:
            connection.connect()
        except BROKEN as error:
            connection.close()
            trouble = error
            _left(deadline)
        else:
            return connection
    raise NoAnswer(_("The website cannot be reached.")) from trouble


def resolve(host: str, port: int, seconds: float) -> list[tuple]:
    """What the system knows about a name: [(family, socket address), …], within that time.

    In a thread, since the system's own patience cannot be set and a slow name server may be an attacker's.
    """
    found = []

    def ask():
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.append([(family, place) for family, _type, _proto, _name, place in answers])
        except (OSError, UnicodeError):
            found.append([])

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise TooSlow(_("The website's name server took too long."))
    if not found[0]:
        raise NoAnswer(_("There is no website of that name."))
    return found[0]


def _connection(scheme, host, port, place, deadline):
    """urllib3's connection for that host, which dials the number it is given and asks nobody."""
    family, number = place

    def dial(self):
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(_left(deadline))
            sock.connect(number)
            sock.settimeout(_left(deadline))  # for the TLS handshake, which counts its seconds altogether
        except BaseException:
            sock.close()
            raise
        return sock

    if scheme == "http":
        return type("Dialled", (plain.HTTPConnection,), {"_new_conn": dial})(host, port)
    return type("Dialled", (plain.HTTPSConnection,), {"_new_conn": dial})(
        host, port, cert_reqs="CERT_REQUIRED", ca_certs=CERTIFICATES
    )


@contextmanager
def _cut_at(deadline, sock):
    """A socket's timeout starts anew with each byte; this ends the talk at the deadline, dripping or not."""

    def cut():
        try:
            socket.socket.shutdown(sock, socket.SHUT_RDWR)  # not SSLSocket's, which is not for another thread
        except OSError:
            pass  # it is over already

    timer = threading.Timer(_left(deadline), cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _left(deadline) -> float:
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise TooSlow(_("The website took too long to answer."))
    return seconds


def _is_allowed_also(target) -> bool:
    """What the installation names itself, such as the stand-in of the tests."""
    return f"{target.host}:{target.port or PORTS[target.scheme]}" in settings.OUTSIDE_ALSO
