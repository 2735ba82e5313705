from datetime import datetime, timedelta

from django.db import models

RETRY_DELAY = timedelta(minutes=15)


class ScheduledTask(models.Model):
    """When a task of `core.jobs` (@minutely, @daily) last ran, and its error, if any."""

    name = models.CharField(max_length=200, unique=True)
    last_run = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_due(self, every: timedelta, now: datetime) -> bool:
        """Whether the task should run. A last run in the future means that the clock was set back: it is due.

        A task that failed is retried after 15 minutes, or earlier if its interval is shorter.
        """
        if self.last_run is None or self.last_run > now:
            return True
        pause = min(every, RETRY_DELAY) if self.last_error else every
        return self.last_run + pause <= now

    def record_run(self, now: datetime, error: str = "") -> None:
        self.last_run, self.last_error = now, error
        self.save(update_fields=["last_run", "last_error"])
