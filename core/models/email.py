from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.models.scheduled_task import CLOCK_DIFFERENCE

# Delays after the first, second … failed attempt; about three days in all, as mail servers retry.
RETRY_DELAYS = [timedelta(minutes=m) for m in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
LEASE = timedelta(minutes=5)  # an email that has been SENDING for so long is due again: its worker has died


class EmailQuerySet(models.QuerySet["Email"]):
    def waiting(self) -> "EmailQuerySet":
        return self.filter(state=Email.State.WAITING)

    def due(self) -> "EmailQuerySet":
        """Emails to be sent now. A next_try further ahead than its delay means that the clock was set back.

        One that is being sent may be in the middle of it: it waits longer, since it must not be sent twice.
        """
        now = timezone.now()
        its_time = Q(next_try__lte=now) | Q(next_try__gt=now + max(RETRY_DELAYS))
        for tries, delay in enumerate([timedelta(), *RETRY_DELAYS]):
            late = now + delay + CLOCK_DIFFERENCE
            its_time |= Q(state=Email.State.WAITING, tries=tries, next_try__gt=late)
        return self.filter(its_time, state__in=[Email.State.WAITING, Email.State.SENDING])

    def in_state(self, state: str) -> "EmailQuerySet":
        """Emails in one state; all for ""."""
        return self.filter(state=state) if state else self

    def addressed_to(self, words: str) -> "EmailQuerySet":
        """Emails whose address contains this text; all for ""."""
        return self.filter(to__icontains=words) if words else self

    def counts(self) -> dict[str, int]:
        """{state: number of emails}, with the total under ""."""
        found = dict(self.order_by().values_list("state").annotate(models.Count("pk")))
        return {"": sum(found.values())} | {state: found.get(state, 0) for state in Email.State.values}

    def finished(self) -> "EmailQuerySet":
        """Emails that will not be sent without somebody's action."""
        return self.exclude(state__in=[Email.State.WAITING, Email.State.SENDING])

    def clear_content(self) -> int:
        """Delete bodies and headers; keep recipient, subject, time and state."""
        return self.exclude(text="", html="").update(text="", html="", headers={})

    def requeue_interrupted(self) -> int:
        """Queue again what a dead worker was sending; return how many."""
        return self.filter(state=Email.State.SENDING).update(state=Email.State.WAITING, next_try=timezone.now())


class Email(models.Model):
    """One email to one address: queued in the transaction that causes it, sent later, kept as the email log.

    `sent`: the mail server accepted it. `refused`: the server rejected it for good; `bounced`: it was accepted, and
    reported later as undeliverable; `failed`: all attempts failed. The last three can be `reset()`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")
        BOUNCED = "bounced", _("Bounced")
        FAILED = "failed", _("Failed")

    to = models.CharField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    kind = models.CharField(max_length=50, blank=True, db_index=True)
    key = models.CharField(max_length=200, unique=True, null=True)
    headers = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(default=timezone.now)
    last_error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, db_index=True)
    provider_id = models.CharField(max_length=255, blank=True, db_index=True)  # message id in the provider's reports

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "next_try"]),
            models.Index(fields=["state", "-id"], name="emails_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"

    def claim(self) -> bool:
        """Claim the email for sending; False if it is not due, or another process was faster."""
        taken = Email.objects.due().filter(pk=self.pk, tries=self.tries)
        if not taken.update(state=self.State.SENDING, tries=self.tries + 1, next_try=timezone.now() + LEASE):
            return False
        self.refresh_from_db()
        return True

    def mark_sent(self, provider_id: str = "") -> None:
        self.sent_at, self.provider_id = timezone.now(), provider_id[:255]
        self._move(self.State.SENT, "", "sent_at", "provider_id")

    def mark_bounced(self, reason: str) -> None:
        self._move(self.State.BOUNCED, reason)

    @property
    def is_cleared(self) -> bool:
        return not (self.text or self.html)

    @property
    def can_be_sent_again(self) -> bool:
        """False for what was delivered, and for what has no content any more."""
        return self.state not in (self.State.SENT, self.State.SENDING) and not self.is_cleared

    def mark_refused(self, reason: str) -> None:
        self._move(self.State.REFUSED, reason)

    def retry_later(self, reason: str) -> None:
        """Schedule the next attempt, with a growing delay; set the state to failed after the last."""
        if self.tries > len(RETRY_DELAYS):
            self._move(self.State.FAILED, reason)
        else:
            self.next_try = timezone.now() + RETRY_DELAYS[max(self.tries, 1) - 1]
            self._move(self.State.WAITING, reason, "next_try")

    def reset(self) -> None:
        """Queue the email again, due at once, with all attempts left."""
        self.tries, self.next_try, self.sent_at, self.provider_id = 0, timezone.now(), None, ""
        self._move(self.State.WAITING, "", "tries", "next_try", "sent_at", "provider_id")

    def _move(self, state: str, error: str, *fields: str) -> None:
        self.state, self.last_error = state, error[:2000]
        self.save(update_fields=["state", "last_error", *fields])
