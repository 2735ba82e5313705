"""Who is asking, as far as a request can tell: from our own pages, and from which network."""

import ipaddress
from functools import wraps
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}


def same_origin(view=None, *, refused=None):
    """Let a POST in only if it comes from the blog's own pages; the view then needs no token in its form.

    Sec-Fetch-Site must say same-origin; where a browser does not send it, Origin (else Referer) must be the
    site's; where all three are missing, the request must carry no cookies, and `request.unproven_origin` is
    True: what it brings should be held. Everybody else gets `refused(request)`, or a PermissionDenied that
    says why. Views behind it are marked `view.same_origin = True`.
    """
    if view is None:
        return lambda view: same_origin(view, refused=refused)

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        request.unproven_origin = False
        if request.method not in SAFE_METHODS:
            proof = _comes_from_us(request)
            if proof is False or (proof is None and request.COOKIES):
                if refused:
                    return refused(request)
                raise PermissionDenied(_("This form was sent from another website, so nothing was changed."))
            request.unproven_origin = proof is None
        return view(request, *args, **kwargs)

    wrapper.csrf_exempt = True
    wrapper.same_origin = True
    return wrapper


def address(request: HttpRequest) -> str:
    """The visitor's IP address in its usual spelling, or "" where there is none (a unix socket, nonsense).

    X-Forwarded-For counts only as far as TRUSTED_PROXY_COUNT proxies have written it: with one proxy its last
    entry, with two the last but one. A request with fewer entries has gone round the proxy: its own address.
    """
    entries = [entry.strip() for entry in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    proxies = settings.TRUSTED_PROXY_COUNT
    if 0 < proxies <= len(entries) and (found := _parsed(entries[-proxies])):
        return str(found)
    return str(_parsed(request.META.get("REMOTE_ADDR", "")) or "")


def network(request: HttpRequest) -> str:
    """A keyed hash (32 hex digits) of the visitor's /24 (IPv4) or /48 (IPv6): equal for neighbours, telling
    nobody who they are; without the SECRET_KEY it cannot be tried out."""
    place = address(request)
    return salted_hmac("core.request.network", place and _network_of(place), algorithm="sha256").hexdigest()[:32]


def _network_of(place):
    known = ipaddress.ip_address(place)
    return str(ipaddress.ip_network((known, 24 if known.version == 4 else 48), strict=False))


def _comes_from_us(request) -> bool | None:
    """True or False if a header tells, None if none does."""
    if fetch_site := request.headers.get("Sec-Fetch-Site"):
        return fetch_site == "same-origin"
    source = request.headers.get("Origin") or request.headers.get("Referer")
    return None if not source else _origin(source) == _origin(settings.LONGRUN_URL)


def _origin(url):
    """Scheme, host and port; None for what has none ("null", nonsense)."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.scheme, parts.hostname, port) if parts.hostname else None


def _parsed(text):
    """An address out of "1.2.3.4", "1.2.3.4:5678", "[2001:db8::1]:443", "fe80::1%eth0" or None."""
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
