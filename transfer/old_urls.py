"""URLs of the old blog, as its files name them. No Django here."""

import re
from urllib.parse import SplitResult, unquote, urlsplit

PUNYCODE = re.compile(r"(?<![^.])xn--([a-z0-9-]{1,59})(?![^./:])")


def origin_of(url: str) -> str:
    parts = urlsplit_or_none(url)
    return f"{parts.netloc}{parts.path}".rstrip("/").lower().removeprefix("www.")[:300] if parts else ""


def urlsplit_or_none(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  (raises ValueError for an invalid port)
    except ValueError:
        return None
    return parts if parts.netloc else None


def number_of(text: str) -> int:
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) < 19 else 0


def belongs(url: str, origin: str) -> bool:
    """Whether a URL leads into the old blog at this origin (`origin_of`), in whichever spelling either of them is."""
    return bool(origin) and f"{one_spelling(origin_of(url))}/".startswith(f"{one_spelling(origin)}/")


def one_spelling(origin: str) -> str:
    """An origin with the host's name and the path as people read them: "müller.example" for "xn--mller-kva.example"."""
    if "%" in origin:
        origin = unquote(origin).lower()
    host, slash, path = origin.partition("/")
    return f"{host_as_read(host)}{slash}{path}"


def host_as_read(host: str) -> str:
    """A host's name with the words that Punycode stands for; what is no Punycode stays."""
    return PUNYCODE.sub(_decoded, host) if "xn--" in host else host


def _decoded(match: re.Match[str]) -> str:
    try:
        return match[1].encode("ascii").decode("punycode")
    except (UnicodeError, OverflowError, ValueError):
        return match[0]
