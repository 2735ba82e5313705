"""The origin of a request: the host it asks, whether it comes from our own pages, the client's address and network."""

import ipaddress
from collections.abc import Callable, Mapping
from functools import wraps
from ipaddress import IPv4Address, IPv6Address
from typing import Any, TypeVar, cast, overload
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

View = TypeVar("View", bound=Callable[..., Any])
Refused = Callable[[HttpRequest], HttpResponse]  # answers a request from another website

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


@overload
def same_origin(view: View, *, refused: Refused | None = None) -> View: ...
@overload
def same_origin(*, refused: Refused) -> Callable[[View], View]: ...
def same_origin(view: Any = None, *, refused: Refused | None = None) -> Any:
    """Decorator: accept a POST only from the blog's own pages; the view's form then needs no CSRF token.

    Sec-Fetch-Site must be same-origin; if it is missing, Origin (else Referer) must be the site's; if all three are
    missing, the request must have no cookies, and `request.unproven_origin` is True: the view should hold what was
    sent. Other requests get `refused(request)`, or PermissionDenied with a reason. Decorated views have
    `view.same_origin = True`.
    """
    if view is None:
        return lambda view: same_origin(view, refused=refused)

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        request.unproven_origin = False
        if request.method not in SAFE_METHODS:
            proof = _is_same_origin(request)
            if proof is False or (proof is None and request.COOKIES):
                if refused:
                    return refused(request)
                raise PermissionDenied(_("This form was sent from another website, so nothing was changed."))
            request.unproven_origin = proof is None
        return view(request, *args, **kwargs)

    decorated = cast(Any, wrapper)
    decorated.csrf_exempt = True
    decorated.same_origin = True
    return decorated


def without_port(host: str) -> str:
    """The name in a Host header: "blog.example" of "blog.example:8443", "[::1]" of "[::1]:8000"."""
    name, _colon, port = host.rpartition(":")
    return name if port.isdigit() else host


def is_blogs_host(host: str) -> bool:
    """Whether a Host header asks for the blog itself, at any port: proxies and containers change that, and a redirect
    would lead to a port that its reader cannot reach. LONGRUN_ALSO_HOSTS redirect, also those of the same name."""
    host = host.lower()
    if host == settings.LONGRUN_HOST:
        return True
    aliases = {alias.lower() for alias in settings.LONGRUN_ALSO_HOSTS}
    return without_port(host) == without_port(settings.LONGRUN_HOST) and host not in aliases


def is_alias(host: str) -> bool:
    """Whether a Host header names one of LONGRUN_ALSO_HOSTS, with its port or another one."""
    names = {name for alias in settings.LONGRUN_ALSO_HOSTS for name in (alias.lower(), without_port(alias.lower()))}
    return not is_blogs_host(host) and not names.isdisjoint({host.lower(), without_port(host.lower())})


def client_address(request: HttpRequest) -> str:
    """The client's IP address in canonical form, or "" if there is none (a unix socket, an invalid header).

    Of X-Forwarded-For only the entry written by the outermost of TRUSTED_PROXY_COUNT proxies is used: with one proxy
    the last, with two the last but one. A request with fewer entries bypassed the proxies: REMOTE_ADDR is used.
    """
    return environ_address(request.META)


def environ_address(environ: Mapping[str, Any]) -> str:
    """`client_address` of a WSGI environ."""
    entries = [entry.strip() for entry in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXY_COUNT
    if 0 < proxies <= len(entries) and (found := _parsed(entries[-proxies])):
        return str(found)
    return str(_parsed(environ.get("REMOTE_ADDR", "")) or "")


def network_prefix(environ: Mapping[str, Any]) -> str:
    """The client's /24 (IPv4) or /48 (IPv6), "" if there is no address: for decisions in memory, never to be stored."""
    address = environ_address(environ)
    if "." in address:  # IPv4, in canonical form
        return f"{address.rpartition('.')[0]}.0/24"
    return address and _prefix_of(address)


def client_network(request: HttpRequest) -> str:
    """A keyed hash (32 hex digits) of the client's /24 (IPv4) or /48 (IPv6).

    Without the SECRET_KEY the network cannot be found by trying all of them.
    """
    return network_of(client_address(request))


def network_of(address: str) -> str:
    """The same hash for an IP address as text; of "" for one that cannot be read."""
    place = str(_parsed(address) or "")
    return salted_hmac("core.request.client_network", place and _prefix_of(place), algorithm="sha256").hexdigest()[:32]


def _prefix_of(place: str) -> str:
    known = ipaddress.ip_address(place)
    return str(ipaddress.ip_network((known, 24 if known.version == 4 else 48), strict=False))


def _is_same_origin(request: HttpRequest) -> bool | None:
    """True or False according to the headers, None if there are none."""
    if fetch_site := request.headers.get("Sec-Fetch-Site"):
        return bool(fetch_site == "same-origin")
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return None if not source else _origin(source) == _origin(settings.LONGRUN_URL)


def _origin(url: str) -> tuple[str, str, int] | None:
    """(scheme, host, port) of a URL; None if it has none ("null", an invalid URL)."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The IP address in "1.2.3.4", "1.2.3.4:5678", "[2001:db8::1]:443" or "fe80::1%eth0"; None if there is none."""
    text = text.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
