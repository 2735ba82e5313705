"""Stored HTML that an older Longrun made, and how it becomes new: a few rows at a time, so that nobody waits for it."""

from django.db import transaction

from ground.jobs import Again, stopping

AT_A_TIME = 100


def renew(old, field):
    """Saves `field` of every row of the queryset `old` again, which renders it; each row that is done leaves `old`.

    Each row is read right before, under a lock: what somebody saves meanwhile stays. Raises Again where the worker
    wants to end. A row that cannot be rendered would come back for ever: it may not come twice.
    """
    seen = set()
    while pks := list(old.exclude(pk__in=seen).values_list("pk", flat=True)[:AT_A_TIME]):
        for pk in pks:
            if stopping():
                raise Again
            with transaction.atomic():
                if row := old.select_for_update(of=("self",)).filter(pk=pk).first():
                    row.save(update_fields=[field])
            seen.add(pk)
