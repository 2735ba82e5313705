"""Dates as JSON, Atom and front matter write them. What cannot be read is None, never an error."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

SHORT_FRACTION = re.compile(r"(\d{2}:\d{2}:\d{2})[.,](\d+)")
MONTHS = {name: number for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), 1)}
TIME = r"(?:,?[T\s]+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?\s*(?P<half>[ap]m)?(?:\s+[A-Z]{3,4})?)?"
# As people write a date: 2020-1-2, 2020/01/02, <2020-01-02 Thu>; Jul 8 2022; 8th of July, 2022.
WRITTEN = tuple(re.compile(pattern + TIME, re.IGNORECASE) for pattern in (
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:\s+[a-z]{2,3}\b)?",
    r"(?:[a-z]{3,9}\.?,?\s+)?(?P<month>[a-z]{3,9})\.?\s+(?P<day>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year>\d{4})",
    r"(?:[a-z]{3,9}\.?,?\s+)?(?P<day>\d{1,2})(?:st|nd|rd|th)?(?:\s+of)?[-\s]+(?P<month>[a-z]{3,9})\.?,?[-\s]+(?P<year>\d{4})",
))  # fmt: skip
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
        return written(text) or rfc822(text)
    return found if found.year > 2 else None


def written(text: str) -> datetime | None:
    """A date as people write it, without a zone; the order of two numbers is never guessed."""
    text = text.strip("<>[] ")
    for pattern in WRITTEN:
        if not (match := pattern.fullmatch(text)):
            continue
        part = match.groupdict()
        month = int(part["month"]) if part["month"].isdecimal() else MONTHS.get(part["month"][:3].lower(), 0)
        hour = int(part["hour"] or 0)
        if part["half"]:
            hour = hour % 12 + (12 if part["half"].lower() == "pm" else 0)
        numbers = (int(part["year"]), month, int(part["day"]), hour, int(part["minute"] or 0), int(part["second"] or 0))
        try:
            return datetime(*numbers)  # noqa: DTZ001  (the text has no zone)
        except ValueError:
            return None
    return None


def rfc822(text: str) -> datetime | None:
    """A date of emails and feeds: `Thu, 02 Jan 2020 10:00:00 +0100`."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.year > 1000 else None


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
