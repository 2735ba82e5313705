"""URLs of the old blog, as its files name them. No Django here."""

from urllib.parse import SplitResult, urlsplit


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
    """Whether a URL leads into the old blog at this origin (`origin_of`)."""
    return bool(origin) and f"{origin_of(url)}/".startswith(f"{origin}/")
