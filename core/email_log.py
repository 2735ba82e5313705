"""What the rows of letters tell: whether mail leaves at all; and how long they tell it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from core import mail
from core.jobs import daily
from core.models import Email

DAYS = timedelta(days=2)  # in which a mail server should have taken something
KEEP_TEXT = timedelta(days=30)
KEEP_ROW = timedelta(days=365)
TOO_LATE = timedelta(days=14)  # then nobody wants to read it any more
LOOK = 60  # seconds between two looks


@dataclass(frozen=True)
class Trouble:
    """Letters wait, and nothing was accepted for days."""

    waiting: int
    since: datetime
    last: datetime | None  # when something was accepted
    error: str


def trouble():
    """The Trouble there is, or None; asked once a minute, however many pages show it."""
    key = "core.email_log.trouble"
    if (found := cache.get(key, "unknown")) == "unknown":
        found = look()
        cache.set(key, found, LOOK)
    return found


def look():
    late = Email.objects.waiting().filter(made_at__lt=timezone.now() - DAYS)
    oldest = late.order_by("made_at").only("made_at", "last_error").first()
    if oldest is None:
        return None
    last = Email.objects.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    if last and last > timezone.now() - DAYS:
        return None
    tried = late.exclude(last_error="").order_by("-id").values_list("last_error", flat=True).first()
    return Trouble(Email.objects.waiting().count(), oldest.made_at, last, tried or "")


@daily
def tidy_the_ledger():
    """Texts go after a month, rows after a year; what waited for a mail server for two weeks is given up."""
    now = timezone.now()
    # Whoever tries again starts the two weeks anew; a year from now is a clock that was put back.
    stale = Email.objects.waiting().filter(next_try__lt=now - TOO_LATE)
    stale.filter(last_error="").update(last_error=reason())
    stale.update(state=Email.State.FAILED)
    Email.objects.at_rest().filter(made_at__lt=now - KEEP_TEXT).empty()
    Email.objects.at_rest().filter(made_at__lt=now - KEEP_ROW).delete()


def reason():
    if mail.is_configured():
        return _("Nothing took it for two weeks.")
    return _("For two weeks there was no mail server (EMAIL_HOST).")
