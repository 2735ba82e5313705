"""Dates as JSON, Atom and front matter write them. What cannot be read is None, never an error."""

import re
from datetime import UTC, date, datetime

SHORT_FRACTION = re.compile(r"(\d{2}:\d{2}:\d{2})[.,](\d+)")
SPACED_ZONE = re.compile(r"\s+(?:UTC|GMT|Z)$|\s+(?=[+-]\d{2}:?\d{2}$)")


def parse_date(value: object) -> datetime | None:
    """A date of any spelling: ISO 8601, milliseconds since 1970, `2010-09-09 10:00:00 +0200`. Naive without a zone."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime):
        return value if value.year > 2 else None
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001  (the file has no zone)
    if isinstance(value, int | float):
        return from_number(value)
    text = str(value).strip()
    if text.isdecimal() and len(text) in (10, 13):
        return from_number(int(text))
    text = SHORT_FRACTION.sub(lambda found: f"{found[1]}.{found[2][:6]:0<6}", text)
    text = SPACED_ZONE.sub(lambda found: "Z" if found[0].strip() else "", text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year > 2 else None


def from_number(value: float) -> datetime | None:
    """Seconds or milliseconds since 1970."""
    seconds = value / 1000 if abs(value) > 10**11 else value
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def in_utc(value: object) -> datetime | None:
    """A date in UTC, naive; one without a zone is taken as UTC."""
    found = parse_date(value)
    if found is None:
        return None
    try:
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError):
        return None
