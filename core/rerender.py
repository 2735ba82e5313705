"""Stored HTML that an older Longrun made, and how it becomes new: a few rows at a time, so that nobody waits for it."""

from core.jobs import Again, stopping

AT_A_TIME = 100


def renew(old):
    """Has every row of the queryset `old` rendered anew (`row.render_anew()`); each row that is done leaves `old`.

    Rendering holds no lock: whoever saves meanwhile is not kept waiting, and their text stays. Raises Again where the
    worker wants to end. A row that cannot be rendered would come back for ever: it may not come twice.
    """
    seen = set()
    while pks := list(old.exclude(pk__in=seen).values_list("pk", flat=True)[:AT_A_TIME]):
        for pk in pks:
            if stopping():
                raise Again
            if row := old.filter(pk=pk).first():
                row.render_anew()
            seen.add(pk)
