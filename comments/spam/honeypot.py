"""What a form asks of machines: a field whose name changes each day for all, and the time since the first key.

Pages are kept and shown to everybody, so the name hangs on the day alone; yesterday's still counts. The time is
written by our script; without it the field stays empty, and nothing follows from that.
"""

from datetime import timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.crypto import salted_hmac

TIME = "since"
LONGEST_DAY = 24 * 3600


def name_today():
    return name_on(timezone.now().date())


def renamed_at():
    """The moment at which the name of today becomes yesterday's."""
    return timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@lru_cache(maxsize=4)
def name_on(day):
    """The same in every process, and not to be guessed for tomorrow."""
    return "f" + salted_hmac("comments.spam.honeypot", day.isoformat(), algorithm="sha256").hexdigest()[:10]


def sprung(data):
    """Whether today's or yesterday's field was filled in: people do not see it, and no browser knows its name."""
    today = timezone.now().date()
    return any(data.get(name_on(day), "").strip() for day in (today, today - timedelta(days=1)))


def seconds_in(data):
    """Seconds from the first key to the button, or None where no script said so."""
    said = data.get(TIME, "")
    if not (said.isascii() and said.isdigit() and len(said) < 12):
        return None
    return min(int(said) / 1000, LONGEST_DAY)
