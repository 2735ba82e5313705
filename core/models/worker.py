from django.db import models
from django.utils import timezone


class Worker(models.Model):
    """A worker that runs, or that has died within the last minute: the lease on everything that it has claimed.

    `core.worker_leases` renews it and decides when it has ended.
    """

    name = models.CharField(max_length=200, unique=True)  # host, process and a random part
    started_at = models.DateTimeField(default=timezone.now)
    renewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return self.name
