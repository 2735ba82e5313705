from django.db import models
from django.db.models import Count, Max
from django.utils import timezone


class LessonQuerySet(models.QuerySet):
    def state(self):
        """What changes whenever a lesson comes or goes; one look into an index."""
        return tuple(self.aggregate(number=Count("pk"), newest=Max("made_at")).values())

    def keep_newest(self, most, spare):
        """Forget the oldest when there are more than `most` and `spare`: seldom, and then many."""
        if self.count() > most + spare:
            self.filter(pk__in=list(self.order_by("-made_at", "-pk").values_list("pk", flat=True)[most:])).delete()


class Lesson(models.Model):
    """One text that somebody called spam or honest, as the filter saw it: numbers, from which no word returns."""

    key = models.CharField(max_length=32, unique=True)
    spam = models.BooleanField()
    marks = models.BinaryField()
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = LessonQuerySet.as_manager()


class Learned(models.Model):
    """What the filter made of its lessons: one row, made anew when they have grown or some were taken back."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    weights = models.BinaryField()
    number = models.PositiveIntegerField()
    newest = models.DateTimeField(null=True)
    version = models.PositiveSmallIntegerField()
