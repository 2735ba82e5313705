"""Stored HTML that an older Longrun made, and how it becomes new: a few rows at a time, so that nobody waits for it."""

from ground.jobs import Again, stopping

AT_A_TIME = 100


def renew(old, field):
    """Saves `field` of every row of the queryset `old` again, which renders it; each row that is done leaves `old`.

    Raises Again where the worker wants to end. A row that cannot be rendered would come back for ever: it may not
    come twice.
    """
    seen = set()
    while rows := list(old.exclude(pk__in=seen)[:AT_A_TIME]):
        for row in rows:
            if stopping():
                raise Again
            row.save(update_fields=[field])
            seen.add(row.pk)
