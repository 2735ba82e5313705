from datetime import datetime, timedelta

from django.db import models

RETRY_DELAY = timedelta(minutes=15)
CLOCK_DIFFERENCE = timedelta(minutes=2)  # between the machines of one blog; a larger one means that a clock was set


class ScheduledTask(models.Model):
    """When a task of `core.jobs` (@minutely, @daily) last ran, and its error, if any."""

    name = models.CharField(max_length=200, unique=True)
    last_run = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    claimed_by = models.CharField(max_length=200, blank=True, default="", db_default="")  # the worker that runs it

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def is_due(self, every: timedelta, now: datetime) -> bool:
        """Whether the task should run. A last run in the future means that the clock was set back: it is due.

        A task that failed is retried after 15 minutes, or earlier if its interval is shorter.
        """
        if self.last_run is None or self.last_run > now + CLOCK_DIFFERENCE:
            return True
        pause = min(every, RETRY_DELAY) if self.last_error else every
        return self.last_run + pause <= now

    def claim(self, worker: str) -> bool:
        """Claim the task for one run; False if another worker runs it, or has run it since this row was read."""
        free = ScheduledTask.objects.filter(pk=self.pk, last_run=self.last_run, claimed_by__in=["", worker])
        if not free.update(claimed_by=worker):
            return False
        self.claimed_by = worker
        return True

    def record_run(self, now: datetime, error: str = "") -> None:
        self.last_run, self.last_error, self.claimed_by = now, error, ""
        self.save(update_fields=["last_run", "last_error", "claimed_by"])
