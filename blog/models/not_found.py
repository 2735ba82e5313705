from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

KEPT = timedelta(weeks=4)
ROWS_A_DAY = 500


class NotFoundQuerySet(models.QuerySet):
    def add(self, counted):
        """Add {(key, host, day): count}. New rows beyond ROWS_A_DAY are dropped."""
        with transaction.atomic():
            for day in {day for _key, _host, day in counted}:
                known = {(row.key, row.host): row for row in self.filter(day=day)}
                for (key, host, of), count in counted.items():
                    if of != day:
                        continue
                    if row := known.get((key, host)):
                        self.filter(pk=row.pk).update(count=models.F("count") + count)
                    elif len(known) < ROWS_A_DAY:
                        known[key, host] = self.create(key=key, host=host, day=day, count=count)

    def by_address(self):
        """One row for each path, most requested first: `key`, `times`, `last`."""
        summed = self.order_by().values("key").annotate(times=models.Sum("count"), last=models.Max("day"))
        return summed.order_by("-times", "-last", "key")

    def prune_old(self):
        self.filter(day__lt=timezone.localdate() - KEPT).delete()


class NotFound(models.Model):
    """A requested path that leads nowhere, counted by day and referring host. Stores nothing about the visitor."""

    key = models.CharField(max_length=500)
    host = models.CharField(max_length=253, blank=True)
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    objects = NotFoundQuerySet.as_manager()

    class Meta:
        verbose_name = _("404 log entry")
        constraints = [models.UniqueConstraint(fields=["day", "key", "host"], name="one_tally_a_path_and_day")]
        indexes = [models.Index(fields=["key"], name="not_found_by_key")]
