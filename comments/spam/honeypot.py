"""The honeypot field, whose name changes daily, and the time since the first keystroke.

Pages are cached for everybody, so the name depends on the day alone; yesterday's is still recognized. A script fills in
the time; without JavaScript it is missing, which has no effect.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.crypto import salted_hmac

TIME = "since"
LONGEST_DAY = 24 * 3600


def name_today() -> str:
    return name_on(timezone.now().date())


def renamed_at() -> datetime:
    """When the name changes next (midnight UTC)."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@lru_cache(maxsize=4)
def name_on(day: date) -> str:
    """The name on a day: the same in every process, and unpredictable without the secret key."""
    return "f" + salted_hmac("comments.spam.honeypot", day.isoformat(), algorithm="sha256").hexdigest()[:10]


def is_filled(data: Mapping[str, str]) -> bool:
    """Whether today's or yesterday's field was filled in, which only bots do."""
    today = timezone.now().date()
    return any(data.get(name_on(day), "").strip() for day in (today, today - timedelta(days=1)))


def seconds_in(data: Mapping[str, str]) -> float | None:
    """Seconds from the first keystroke to the submission, at most a day; None if missing or invalid."""
    said = data.get(TIME, "")
    if not (said.isascii() and said.isdigit() and len(said) < 12):
        return None
    return min(int(said) / 1000, LONGEST_DAY)
