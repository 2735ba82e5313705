from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class BlockQuerySet(models.QuerySet):
    def standing(self):
        """The blocks in effect: of people who are blocked now, and not expired."""
        now = timezone.now()
        return self.filter(person__trust="blocked").filter(models.Q(until=None) | models.Q(until__gt=now))

    def on(self, address, network):
        """The blocks in effect for a comment with this email address or from this network."""
        reached = models.Q(kind=Block.Kind.ADDRESS, value=address) if address else models.Q(pk__in=[])
        if network:
            reached |= models.Q(kind=Block.Kind.NETWORK, value=network)
        return self.standing().filter(reached)


class Block(models.Model):
    """What is blocked in addition to a blocked person's browser or account: email addresses, and networks for a time.

    A row is in effect only while its person is blocked, so that unblocking the person ends all of them.
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
