from datetime import timedelta

from django.db import models

AFTER_A_FAILURE = timedelta(minutes=15)


class ScheduledTask(models.Model):
    """When an entry of `core.jobs` (@minutely, @daily) was last run, and how that ended."""

    name = models.CharField(max_length=200, unique=True)
    last_run = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name

    def is_due(self, every: timedelta, now) -> bool:
        """A run in the future means that the clock went back: run rather than wait for it.

        What failed is tried again after a quarter of an hour, if its own turn does not come sooner.
        """
        if self.last_run is None or self.last_run > now:
            return True
        pause = min(every, AFTER_A_FAILURE) if self.last_error else every
        return self.last_run + pause <= now

    def ran(self, now, error: str = ""):
        self.last_run, self.last_error = now, error
        self.save(update_fields=["last_run", "last_error"])
