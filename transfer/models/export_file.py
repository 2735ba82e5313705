from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExportFile(models.Model):
    """An export that the worker writes for a download; row and file are deleted after a day."""

    class Format(models.TextChoices):
        WORDPRESS = "wordpress", _("WordPress (XML)")
        MARKDOWN = "markdown", _("Text files (zip)")
        JSON = "json", _("JSON")

    class State(models.TextChoices):
        RUNNING = "running", _("Being written")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    format = models.CharField(max_length=9, choices=Format)
    state = models.CharField(max_length=7, choices=State, default=State.RUNNING)
    key = models.CharField(max_length=32, unique=True)  # the folder of the file (transfer.exporting.downloads)
    position = models.PositiveBigIntegerField(default=0)  # posts, comments and files that are written
    total = models.PositiveBigIntegerField(default=0)
    size = models.PositiveBigIntegerField(default=0)  # bytes
    error = models.TextField(blank=True)  # why it failed
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return self.get_format_display()

    @property
    def is_active(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def percent(self) -> int:
        return min(100, 100 * self.position // self.total) if self.total else 0
