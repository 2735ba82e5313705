"""Render stored HTML again after an upgrade of the renderer, row by row, without locking others out."""

from typing import Any

from django.db.models import QuerySet

from core.jobs import Requeue, is_stopping

BATCH_SIZE = 100


def rerender_all(old: QuerySet[Any]) -> None:
    """Call `rerender()` on each row of the queryset `old`, which must not contain a row after that.

    No lock is held while rendering, so that concurrent edits neither wait nor get lost. Raises Requeue if the worker is
    stopping. A row that cannot be rendered stays in `old`: each row is tried once.
    """
    seen: set[int] = set()
    while pks := list(old.exclude(pk__in=seen).values_list("pk", flat=True)[:BATCH_SIZE]):
        for pk in pks:
            if is_stopping():
                raise Requeue
            if row := old.filter(pk=pk).first():
                row.rerender()
            seen.add(pk)
