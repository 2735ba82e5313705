import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache

from django.db import models
from django.db.models import Count, F, Subquery, Value
from django.utils import timezone

from core.written_queries import PreparedQuery, parameter_values, parameters


class TrainingExampleQuerySet(models.QuerySet["TrainingExample"]):
    def state(self) -> tuple[int, datetime | None]:
        """(number, time of the newest or None), which changes whenever an example is added or deleted."""
        return next(iter(training_state()), (0, None))

    def counts(self) -> dict[bool, int]:
        """{True: number of spam examples, False: number of honest ones}."""
        found = dict(self.order_by().values_list("spam").annotate(number=Count("pk")))
        return {kind: found.get(kind, 0) for kind in (True, False)}

    def keep_newest(self, most: int, spare: int) -> None:
        """Delete all but the newest `most` if there are more than `most + spare`, so that it happens seldom."""
        if self.count() > most + spare:
            self.filter(pk__in=list(self.order_by("-created_at", "-pk").values_list("pk", flat=True)[most:])).delete()


class TrainingExample(models.Model):
    """A text that a moderator marked as spam or approved, stored only as feature hashes, not as text."""

    key = models.CharField(max_length=32, unique=True)
    spam = models.BooleanField()
    features = models.BinaryField()
    created_at = models.DateTimeField(default=timezone.now, db_index=True)

    objects = TrainingExampleQuerySet.as_manager()


class FilterWeights(models.Model):
    """The classifier's weights after the last full training: a single row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    weights = models.BinaryField()
    number = models.PositiveIntegerField()
    newest = models.DateTimeField(null=True)
    version = models.PositiveSmallIntegerField()


class SpamIndicatorQuerySet(models.QuerySet["SpamIndicator"]):
    def add(self, changes: Mapping[tuple[str, str], tuple[int, int]]) -> None:
        """Add {(kind, value): (spam, honest)} to the counts; numbers may be negative."""
        keys = {key_of(*indicator): change for indicator, change in changes.items() if any(change)}
        self.bulk_create([self.model(key=key) for key in keys], ignore_conflicts=True)
        for spam, honest in set(keys.values()):
            same = [key for key, change in keys.items() if change == (spam, honest)]
            self.filter(key__in=same).update(spam=F("spam") + spam, honest=F("honest") + honest)
        self.filter(spam__lte=0, honest__lte=0).delete()

    def spam_alone(self, indicators: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
        """{(kind, value): number of spam comments} of those seen in spam and never in honest comments."""
        keys = {key_of(*indicator): indicator for indicator in indicators}
        if not keys:
            return {}
        room = 1 << (len(keys) - 1).bit_length()  # a power of two, for few prepared queries; padded with the first key
        asked = [*keys, *[next(iter(keys))] * (room - len(keys))]
        return {keys[key]: number for key, number in alone(room)(**parameter_values(asked))}


class SpamIndicator(models.Model):
    """A link's host or a text shape, and how many comments with it moderators marked as spam or approved."""

    key = models.CharField(max_length=32, unique=True)
    spam = models.IntegerField(default=0)
    honest = models.IntegerField(default=0)

    objects = SpamIndicatorQuerySet.as_manager()

    class Meta:
        db_table = "comments_trace"  # its former name, which the former version reads


@PreparedQuery
def training_state():
    number = TrainingExample.objects.order_by().values(of=Value(1)).annotate(number=Count("pk")).values("number")
    return TrainingExample.objects.order_by("-created_at").values_list(Subquery(number), "created_at")[:1]


@cache
def alone(room):
    """The prepared query behind `spam_alone` for this number of keys."""
    keys = parameters(room, models.CharField())
    return PreparedQuery(
        lambda: SpamIndicator.objects.filter(key__in=keys, spam__gt=0, honest__lte=0).values_list("key", "spam")
    )


def key_of(*parts: str) -> str:
    return hashlib.sha256("\x00".join(parts).encode(errors="replace")).hexdigest()[:32]
