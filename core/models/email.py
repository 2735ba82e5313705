from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# How long to wait after the first, second … attempt that failed; about three days in all, as mail servers do.
PAUSES = [timedelta(minutes=m) for m in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
LEASE = timedelta(minutes=5)  # a sender that says nothing for so long has died


class EmailQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=Email.State.WAITING)

    def due(self):
        """What should be sent now. A time further away than any pause means that the clock went back."""
        now = timezone.now()
        its_time = Q(next_try__lte=now) | Q(next_try__gt=now + max(PAUSES))
        return self.filter(its_time, state__in=[Email.State.WAITING, Email.State.SENDING])

    def of(self, state):
        """Those in one state; everything for ""."""
        return self.filter(state=state) if state else self

    def addressed_to(self, words):
        """Whose address holds these words."""
        return self.filter(to__icontains=words) if words else self

    def counts(self):
        """How many there are in each state, and altogether under ""."""
        found = dict(self.order_by().values_list("state").annotate(models.Count("pk")))
        return {"": sum(found.values())} | {state: found.get(state, 0) for state in Email.State.values}

    def at_rest(self):
        """Nothing more will happen to them by itself."""
        return self.exclude(state__in=[Email.State.WAITING, Email.State.SENDING])

    def empty(self):
        """Forget what they said; that there was a letter, to whom, and what became of it, stays."""
        return self.exclude(text="", html="").update(text="", html="", headers={})

    def take_back(self):
        """Let what a dead worker was sending be sent again; how many there were."""
        return self.filter(state=Email.State.SENDING).update(state=Email.State.WAITING, next_try=timezone.now())


class Email(models.Model):
    """One mail to one address: written with what it tells of, carried out later, kept as the ledger.

    `sent` means that the next server took it, not that somebody read it. `refused`: that server said never; `bounced`:
    it took it, and told us later that it could not be delivered; `failed`: we gave up. These can be sent `again()`.
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
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, db_index=True)
    provider_id = models.CharField(max_length=255, blank=True, db_index=True)  # how a provider calls it in its reports

    objects = EmailQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["state", "next_try"]),
            models.Index(fields=["state", "-id"], name="letters_by_state"),
        ]

    def __str__(self):
        return f"{self.subject} → {self.to}"

    def claim(self) -> bool:
        """Take the letter in hand; False if it is not due, or somebody else was faster."""
        taken = Email.objects.due().filter(pk=self.pk, tries=self.tries)
        if not taken.update(state=self.State.SENDING, tries=self.tries + 1, next_try=timezone.now() + LEASE):
            return False
        self.refresh_from_db()
        return True

    def mark_sent(self, provider_id: str = ""):
        self.sent_at, self.provider_id = timezone.now(), provider_id[:255]
        self._move(self.State.SENT, "", "sent_at", "provider_id")

    def mark_bounced(self, reason: str):
        self._move(self.State.BOUNCED, reason)

    @property
    def is_emptied(self):
        return not (self.text or self.html)

    @property
    def can_be_sent_again(self):
        """What was delivered is not sent twice, and what was emptied has nothing to say."""
        return self.state not in (self.State.SENT, self.State.SENDING) and not self.is_emptied

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
        """Start over with a letter that was refused, came back or was given up; at once with one that waits."""
        self.tries, self.next_try, self.sent_at, self.provider_id = 0, timezone.now(), None, ""
        self._move(self.State.WAITING, "", "tries", "next_try", "sent_at", "provider_id")

    def _move(self, state, error, *fields):
        self.state, self.last_error = state, error[:2000]
        self.save(update_fields=["state", "last_error", *fields])
