"""Which revisions of a post are kept: a pure rule, the older the fewer."""

from datetime import timedelta

MOST = 200
DAY, WEEK, YEAR = timedelta(days=1), timedelta(days=7), timedelta(days=365)


def kept(revisions, now):
    """The keys of the revisions to keep, of (key, moment, group, is_pinned) with comparable keys that rise with time.

    Pinned ones and the newest of each group always; of the others all of 24 hours, the last of each hour for a week,
    of each day for a year, then of each month, as the clock of their moments says; of each group by itself. At most
    `MOST` of one post, the oldest that are not pinned go first. However often it is asked between, the answer is the
    same in the end: what is the last of its month was the last of its day and of its hour.
    """
    newest_first = sorted(revisions, reverse=True)
    always, others, seen = set(), [], set()
    for key, moment, group, is_pinned in newest_first:
        shelf = (group, *shelf_of(moment, now))
        is_newest = (group,) not in seen
        if is_pinned or is_newest:
            always.add(key)
        elif shelf not in seen or now - moment < DAY:
            others.append(key)
        # A pinned one does not stand for its hour: what was saved before it stays as well.
        seen |= {(group,)} if is_pinned else {(group,), shelf}
    return always | set(others[: max(0, MOST - len(always))])


def shelf_of(moment, now):
    """The hour, the day or the month that one revision stands for."""
    age = now - moment
    if age < WEEK:
        return moment.year, moment.month, moment.day, moment.hour
    if age < YEAR:
        return moment.year, moment.month, moment.day
    return moment.year, moment.month
