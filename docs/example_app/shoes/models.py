from django.db import models, transaction

from core import cache_version


class Shoe(models.Model):
    name = models.CharField(max_length=100)
    kilometres = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["name"]

    def __str__(self):
        return self.name


class ShoeSettings(models.Model):
    """One row: the app's setting."""

    class Unit(models.TextChoices):
        KILOMETRES = "km", "Kilometres"
        MILES = "mi", "Miles"

    unit = models.CharField(max_length=2, choices=Unit, default=Unit.KILOMETRES)

    def __str__(self):
        return self.get_unit_display()

    @classmethod
    def now(cls):
        return cls.objects.first() or cls()

    def distance(self, kilometres):
        return kilometres if self.unit == self.Unit.KILOMETRES else round(kilometres / 1.609344)


def save_for_readers(*rows):
    """Save, and make outdated every page that is cached: posts show these rows."""
    with transaction.atomic():
        for row in rows:
            row.save()
        cache_version.invalidate(cache_version.SITE)
