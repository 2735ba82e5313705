from datetime import timedelta

from django.db import models, transaction
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

OTHERS = "…"  # stands for every host beyond HOSTS_A_DAY
HOSTS_A_DAY = 100
KEPT_BY_DAY = timedelta(days=366)


class TallyQuerySet(models.QuerySet):
    """Counters by day; the model's `key` names the field that is counted."""

    def add(self, counted):
        """Add {(key, day): count} to the stored counts. The caller opens the transaction."""
        key = self.model.key
        ordered = sorted(counted.items())  # the same order in every process: PostgreSQL ends deadlocks by an error
        rows = [self.model(**{key: of, "day": day}) for (of, day), _count in ordered]
        self.bulk_create(rows, ignore_conflicts=True)
        for (of, day), count in ordered:
            self.filter(**{key: of, "day": day}).update(count=models.F("count") + count)

    def since(self, day):
        return self.filter(day__gte=day)

    def total(self):
        return self.aggregate(total=models.Sum("count"))["total"] or 0

    def by_day(self):
        """{day: count}, without the days that have no row."""
        return dict(self.order_by("day").values_list("day").annotate(models.Sum("count")))

    def most(self, count):
        """The `count` keys with the highest totals, as [(key, total), …]."""
        summed = self.order_by().values_list(self.model.key).annotate(total=models.Sum("count"))
        return list(summed.order_by("-total", self.model.key)[:count])

    def aggregate_old(self, today):
        """Merge the rows of days more than a year ago into one row a month, dated its first day."""
        month = (today - KEPT_BY_DAY).replace(day=1)
        key = self.model.key
        with transaction.atomic():
            old = self.filter(day__lt=month).exclude(day__day=1)
            rows = old.order_by().values_list(key, TruncMonth("day")).annotate(models.Sum("count"))
            self.add({(of, first): count for of, first, count in rows})
            old.delete()


class Tally(models.Model):
    day = models.DateField()
    count = models.PositiveIntegerField(default=0)

    objects = TallyQuerySet.as_manager()

    class Meta:
        abstract = True


class Visit(Tally):
    """How many times a post was viewed on a day, in the blog's time zone."""

    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="visits")

    key = "post_id"

    class Meta:
        verbose_name = _("view")
        constraints = [models.UniqueConstraint(fields=["post", "day"], name="one_tally_a_post_and_day")]
        indexes = [models.Index(fields=["day"], name="visit_by_day")]


class Referrer(Tally):
    """How many views came from a host on a day. Stores no path of the referring page and nothing about the reader."""

    host = models.CharField(max_length=253)

    key = "host"

    class Meta:
        verbose_name = _("referring host")
        constraints = [models.UniqueConstraint(fields=["host", "day"], name="one_tally_a_host_and_day")]
        indexes = [models.Index(fields=["day"], name="referrer_by_day")]
