from datetime import timedelta

from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

DAYS_KEPT = 90


class RobotVisitQuerySet(models.QuerySet):
    @transaction.atomic
    def add(self, day, counted):
        """Add {name: {"requests": …, "refused": …, "microseconds": …}} to the counts of this day."""
        self.bulk_create([self.model(name=name, day=day) for name in counted], ignore_conflicts=True)
        for name, numbers in counted.items():
            self.filter(name=name, day=day).update(**{what: models.F(what) + count for what, count in numbers.items()})

    def since(self, day):
        return self.filter(day__gte=day)

    def by_day(self):
        """{day: requests}, without the days that have no row."""
        return dict(self.order_by("day").values_list("day").annotate(models.Sum("requests")))

    def by_robot(self):
        """A row for each robot, the most frequent first: `name`, `count`, `refusals`, `cost`, `last`."""
        summed = self.order_by().values("name").annotate(
            count=models.Sum("requests"),
            refusals=models.Sum("refused"),
            cost=models.Sum("microseconds"),
            last=models.Max("day"),
        )  # fmt: skip
        return summed.order_by("-count", "name")

    def prune_old(self, today):
        self.filter(day__lt=today - timedelta(days=DAYS_KEPT)).delete()


class RobotVisit(models.Model):
    """What a known robot requested on a day, and the processor time it took. Stores nothing about its address."""

    name = models.CharField(max_length=100)
    day = models.DateField()
    requests = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    microseconds = models.PositiveBigIntegerField(default=0)

    objects = RobotVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("robot's visit")
        constraints = [models.UniqueConstraint(fields=["day", "name"], name="one_row_a_robot_and_day")]

    def __str__(self):
        return self.name
