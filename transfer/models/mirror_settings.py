from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _


class MirrorSettings(models.Model):
    """Whether the blog is mirrored into a folder, and how the last writing went: one row (transfer.mirror)."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    is_on = models.BooleanField(_("keep a mirror of what everybody may see"), default=False)
    with_private = models.BooleanField(_("also mirror what is not public"), default=False)
    written_at = models.DateTimeField(null=True, editable=False)
    error = models.TextField(blank=True, editable=False)  # why the last writing failed
    erasure = models.BigIntegerField(default=0, editable=False)  # pk of the last erasure whose traces were looked for
    traces = models.JSONField(
        default=list, editable=False
    )  # what Git still has of erased comments: transfer.mirror.git

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_mirror")]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"

    @classmethod
    def load(cls) -> Self:
        """The row, or an unsaved one with the defaults."""
        return cls.objects.first() or cls()
