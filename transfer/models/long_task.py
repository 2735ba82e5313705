"""What the desk starts and the worker carries out: how far it is, and how it ended."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class LongTask(models.Model):
    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        DONE = "done", _("Done")

    state = models.CharField(max_length=9, choices=State, default=State.RUNNING)
    upload = models.CharField(max_length=32, blank=True)  # the folder of an uploaded file (transfer.uploads)
    position = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    error = models.TextField(blank=True)  # why it failed
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True
        ordering = ["-pk"]

    @property
    def is_active(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.total) if self.total else 0

    def is_cancelled(self) -> bool:
        """Whether somebody has stopped it meanwhile."""
        return not type(self)._default_manager.filter(pk=self.pk, state=self.State.RUNNING).exists()

    def advance(self, position: int, total: int) -> None:
        self.position, self.total = position, total
        self.save(update_fields=["position", "total"])

    def end(self, state: str, error: str = "") -> None:
        """Write how it ended, unless it was cancelled meanwhile."""
        facts = {"state": state, "error": error, "finished_at": timezone.now()}
        type(self)._default_manager.filter(pk=self.pk, state=self.State.RUNNING).update(**facts)
        self.refresh_from_db()
