from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.written_queries import Parameter, PreparedModels


class BlockQuerySet(models.QuerySet):
    def standing(self, now=None):
        """The blocks in effect: of people who are blocked now, and not expired."""
        now = timezone.now() if now is None else now
        return self.filter(person__trust="blocked").filter(models.Q(until=None) | models.Q(until__gt=now))

    def on(self, address, network):
        """The blocks in effect for a comment with this email address or from this network."""
        wanted = {Block.Kind.ADDRESS: address, Block.Kind.NETWORK: network}
        found = standing_with_value(now=timezone.now(), address=address, network=network)
        return [block for block in found if wanted[block.kind] == block.value != ""]


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


@PreparedModels
def standing_with_value():
    value = [Parameter(name, models.CharField()) for name in ("address", "network")]
    return Block.objects.standing(Parameter("now", models.DateTimeField())).filter(value__in=value).order_by("pk")
