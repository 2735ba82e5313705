"""Which revisions of a post are kept: a pure function that keeps fewer the older they are."""

from datetime import timedelta

MOST = 200
DAY, WEEK, YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=365)


def kept(revisions, now):
    """The keys of the revisions to keep. `revisions` are (key, time, group, is_pinned), with keys that rise with time.

    Pinned revisions and the newest of each group are always kept. Of the others, within each group: all of the last 24
    hours, the last of each hour for a week, of each day for a year, then of each month. Hours and days follow the time
    zone of the given times. At most `MOST` are kept; the oldest that are not pinned are dropped first.

    Repeated calls are safe: the last revision of a month was also the last of its day and of its hour.
    """
    newest_first = sorted(revisions, reverse=True)
    always, others, seen = set(), [], set()
    for key, moment, group, is_pinned in newest_first:
        period = (group, *period_of(moment, now))
        is_newest = (group,) not in seen
        if is_pinned or is_newest:
            always.add(key)
        elif period not in seen or now - moment < DAY:
            others.append(key)
        # A pinned revision does not count as the last of its hour, so the one before it is kept, too.
        seen |= {(group,)} if is_pinned else {(group,), period}
    return always | set(others[: max(0, MOST - len(always))])


def period_of(moment, now):
    """The hour, day or month to which a revision belongs, depending on its age."""
    age = now - moment
    if age < WEEK:
        return moment.year, moment.month, moment.day, moment.hour
    if age < YEAR:
        return moment.year, moment.month, moment.day
    return moment.year, moment.month
