from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# How long to wait after the first, second … attempt that failed; about three days in all, as mail servers do.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
LEASE = timedelta(minutes=5)  # a sender that says nothing for so long has died


class LetterQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Letter.State.WAITING)

    def due(self):
        """What should be sent now. A time further away than any pause means that the clock went back."""
        now = timezone.now()
        its_time = Q(next_try__lte=now) | Q(next_try__gt=now + max(PAUSES))
        return self.filter(its_time, state__in=[Letter.State.WAITING, Letter.State.SENDING])

    def take_back(self):
        """Let what a dead worker was sending be sent again; how many there were."""
        return self.filter(state=Letter.State.SENDING).update(state=Letter.State.WAITING, next_try=timezone.now())


class Letter(models.Model):
    """One mail to one address: written with what it tells of, carried out later, kept as the ledger.

    `refused` means that the other side said never; `failed`, that we gave up. Both can be sent `again()`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENDING = "sending", _("Sending")
        SENT = "sent", _("Sent")
        REFUSED = "refused", _("Refused")
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
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["state", "next_try"])]

    def __str__(self):
        return f"{self.subject} → {self.to}"

    def claim(self) -> bool:
        """Take the letter in hand; False if it is not due, or somebody else was faster."""
        taken = Letter.objects.due().filter(pk=self.pk, tries=self.tries)
        if not taken.update(state=self.State.SENDING, tries=self.tries + 1, next_try=timezone.now() + LEASE):
            return False
        self.refresh_from_db()
        return True

    def mark_sent(self):
        self.sent_at = timezone.now()
        self._move(self.State.SENT, "", "sent_at")

    def mark_refused(self, reason: str):
        self._move(self.State.REFUSED, reason)

    def try_later(self, reason: str):
        """Wait before the next attempt, a little longer each time; give up after the last."""
        if self.tries > len(PAUSES):
            self._move(self.State.FAILED, reason)
        else:
            self.next_try = timezone.now() + PAUSES[max(self.tries, 1) - 1]
            self._move(self.State.WAITING, reason, "next_try")

    def again(self):
        """Start over with a letter that was refused or given up."""
        self.tries, self.next_try = 0, timezone.now()
        self._move(self.State.WAITING, "", "tries", "next_try")

    def _move(self, state, error, *fields):
        self.state, self.last_error = state, error[:2000]
        self.save(update_fields=["state", "last_error", *fields])
