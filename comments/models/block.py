from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BlockQuerySet(models.QuerySet):
    def standing(self):
        """Those that count now: of people who are still blocked, and whose time is not over."""
        now = timezone.now()
        return self.filter(person__trust="blocked").filter(models.Q(until=None) | models.Q(until__gt=now))

    def on(self, address, network):
        """Those that reach a comment with this email address from this network."""
        reached = models.Q(kind=Block.Kind.ADDRESS, value=address) if address else models.Q(pk__in=[])
        if network:
            reached |= models.Q(kind=Block.Kind.NETWORK, value=network)
        return self.standing().filter(reached)


class Block(models.Model):
    """What of a blocked person is blocked beside their browser or account: email addresses, and a network for a time.

    A row alone blocks nobody: it counts only while its person is blocked, so that taking that back ends all of it.
    """

    class Kind(models.TextChoices):
        ADDRESS = "address", _("Email address")
        NETWORK = "network", _("Network")

    person = models.ForeignKey("comments.Person", models.CASCADE, related_name="blocks")
    kind = models.CharField(max_length=7, choices=Kind)
    value = models.CharField(max_length=254, db_index=True)
    until = models.DateTimeField(null=True)

    objects = BlockQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind", "value"], name="one_block_of_each")]

    def __str__(self):
        return f"{self.kind} {self.value}"
