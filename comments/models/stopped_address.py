from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from core.email_addresses import normalize_email


def digest_of(address):
    """A keyed hash of a normalized address, which does not tell the address."""
    return salted_hmac("comments.stopped_address", address, algorithm="sha256").hexdigest()


class StoppedAddressQuerySet(models.QuerySet):
    def of(self, *addresses):
        wanted = [normalize_email(address) for address in addresses]
        return self.filter(Q(address__in=wanted) | Q(digest__in=map(digest_of, wanted)))

    def stop(self, addresses, why):
        """Record that these addresses have stopped. One that had stopped before keeps its first reason and date."""
        wanted = {normalize_email(address) for address in addresses} - {""}
        rows = [StoppedAddress(address=address, digest=digest_of(address), why=why) for address in sorted(wanted)]
        self.bulk_create(rows, ignore_conflicts=True, batch_size=200)

    def by_address(self, addresses):
        """{normalized address: its row} of those among the normalized `addresses` that have stopped."""
        by_digest = {digest_of(address): address for address in addresses}
        found = self.filter(Q(address__in=by_digest.values()) | Q(digest__in=by_digest))
        return {row.address or by_digest[row.digest]: row for row in found}


class StoppedAddress(models.Model):
    """An address that ended its subscription, bounced or complained: no imported list subscribes it again.

    Its reader can, by the confirmation email. After the address was deleted on request, the hash alone is kept.
    """

    class Why(models.TextChoices):
        READER = "unsubscribed", _("Unsubscribed")
        BOUNCED = "bounced", _("Emails came back")
        COMPLAINED = "complained", _("Reported as spam")
        OWNER = "removed", _("Removed by the owner")

    address = models.EmailField(null=True, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    why = models.CharField(max_length=12, choices=Why)
    stopped_at = models.DateTimeField(default=timezone.now)

    objects = StoppedAddressQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]

    def __str__(self):
        return f"{self.address or self.digest}: {self.why}"
