"""A page of the page cache: its headers, its ETag, and its body in each content encoding that was requested."""

import hashlib
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import TypeAlias

import brotli

from core import cache_version

OVERHEAD = 2048  # bytes: estimate for a page's headers and its entry in the dict
COMPRESSIBLE_TYPES = ("text/", "application/json", "application/feed+json", "application/xml", "application/rss+xml",
         "application/atom+xml", "application/opensearchdescription+xml")  # fmt: skip
IDENTITY, OK = "", "200 OK"
ENCODERS: dict[str, Callable[[bytes], bytes]] = {  # by content encoding (RFC 9110: content coding), best first
    "br": lambda body: brotli.compress(body, quality=5),
    "gzip": lambda body: zlib.compress(body, 6, 31),
}

Key: TypeAlias = tuple[str, str]  # (path, query)
Headers: TypeAlias = list[tuple[str, str]]


class Page(cache_version.Versioned):
    """A cached response: `encodings` holds (headers, [body]) by content encoding."""

    def __init__(
        self,
        key: Key,
        headers: Headers,
        body: bytes,
        parts: frozenset[str],
        state: cache_version.State,
        until: float,
        status: str = OK,
    ) -> None:
        super().__init__(parts, state)
        self.key, self.until, self.status = key, until, status
        self.etag = f'W/"{hashlib.sha256(body).hexdigest()[:24]}"'
        given = {name.lower(): value for name, value in headers}
        self.content_type = given.get("content-type", "")
        own = given.get("cache-control", "")
        lasting = [
            ("ETag", self.etag),
            ("Cache-Control", own if own.startswith("public") else "no-cache"),
            ("Vary", "Cookie, Accept-Encoding"),
        ]
        ours = {"etag", "cache-control", "vary", "content-length", "content-encoding", "last-modified", "expires"}
        self.headers = [header for header in headers if header[0].lower() not in ours] + lasting
        self.not_modified_headers = lasting
        self.encodings = {IDENTITY: ([*self.headers, ("Content-Length", str(len(body)))], [body])}
        self.size = OVERHEAD + len(body) + sum(map(len, key))

    def add_encoding(self, encoding: str) -> int:
        """Add an encoding; return the bytes added. A body that does not become smaller is stored as it is."""
        plain = self.encodings[IDENTITY]
        body = ENCODERS[encoding](plain[1][0]) if self.content_type.startswith(COMPRESSIBLE_TYPES) else None
        if body is None or len(body) >= len(plain[1][0]):
            self.encodings[encoding] = plain
            return 0
        coded = [("Content-Encoding", encoding), ("Content-Length", str(len(body)))]
        self.encodings[encoding] = ([*self.headers, *coded], [body])
        self.size += len(body)
        return len(body)


@lru_cache(maxsize=256)
def preferred_encoding(accept_encoding: str) -> str:
    """The best encoding that an Accept-Encoding header allows (RFC 9110, 12.5.3): its weight is not 0."""
    weights: dict[str, bool] = {}
    for part in accept_encoding.lower().split(","):
        encoding, *parameters = (word.strip() for word in part.split(";"))
        weight = next((word[2:].strip() for word in parameters if word.startswith("q=")), "1")
        weights[encoding] = weight.strip("0.") != ""
    return next((encoding for encoding in ENCODERS if weights.get(encoding, weights.get("*", False))), IDENTITY)


def etag_matches(etag: str, known: str) -> bool:
    """Whether an If-None-Match header names this ETag (RFC 9110, 13.1.2, weak comparison)."""
    return known.strip() == "*" or any(mark.strip().removeprefix("W/") == etag[2:] for mark in known.split(","))
