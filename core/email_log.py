"""The email log: detect that no email can be delivered, and delete old rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from core import mail
from core.jobs import daily
from core.models import Email

FAILED_LATELY = timedelta(days=7)
PROBLEM_AFTER = timedelta(days=2)  # email that has waited for so long shows a problem
KEEP_TEXT = timedelta(days=30)
KEEP_ROW = timedelta(days=365)
EXPIRE_AFTER = timedelta(days=14)  # unsent email is given up after this
CACHE_SECONDS = 60  # seconds that the result is cached


@dataclass(frozen=True)
class DeliveryProblem:
    """Email has been waiting for days, and no mail server has accepted any since."""

    waiting: int
    since: datetime
    last: datetime | None  # when the last email was accepted
    error: str


def delivery_problem() -> DeliveryProblem | None:
    """The DeliveryProblem, or None; queried once a minute, however many pages show it."""
    key = "core.email_log.delivery_problem"
    found: DeliveryProblem | str | None = cache.get(key, "unknown")
    if isinstance(found, str):
        found = find_delivery_problem()
        cache.set(key, found, CACHE_SECONDS)
    return found


def failed_lately() -> int:
    """How many emails of the last FAILED_LATELY will not be tried again and have reached nobody."""
    states = (Email.State.FAILED, Email.State.REFUSED, Email.State.BOUNCED)
    return Email.objects.filter(state__in=states, created_at__gt=timezone.now() - FAILED_LATELY).count()


def find_delivery_problem() -> DeliveryProblem | None:
    late = Email.objects.waiting().filter(created_at__lt=timezone.now() - PROBLEM_AFTER)
    oldest = late.order_by("created_at").only("created_at", "last_error").first()
    if oldest is None:
        return None
    last = Email.objects.exclude(sent_at=None).order_by("-sent_at").values_list("sent_at", flat=True).first()
    if last and last > timezone.now() - PROBLEM_AFTER:
        return None
    tried = late.exclude(last_error="").order_by("-id").values_list("last_error", flat=True).first()
    return DeliveryProblem(Email.objects.waiting().count(), oldest.created_at, last, tried or "")


@daily
def prune_email_log() -> None:
    """Delete bodies after a month and rows after a year; give up email that was not sent within two weeks."""
    now = timezone.now()
    # next_try, not created_at: sending an email again restarts the two weeks.
    stale = Email.objects.waiting().filter(next_try__lt=now - EXPIRE_AFTER)
    stale.filter(last_error="").update(last_error=expiry_reason())
    stale.update(state=Email.State.FAILED)
    Email.objects.finished().filter(created_at__lt=now - KEEP_TEXT).clear_content()
    Email.objects.finished().filter(created_at__lt=now - KEEP_ROW).delete()


def expiry_reason() -> str:
    if mail.is_configured():
        return _("No mail server accepted it for two weeks.")
    return _("Email was not set up for two weeks (EMAIL_HOST).")
