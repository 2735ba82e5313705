"""Which backups are kept: all of the last day, then daily, weekly and monthly ones."""

from datetime import datetime, timedelta

KEEP_ALL = timedelta(days=1)  # so that one made before and one made after a risky change are both there
KEEP = [(7, "%Y-%m-%d"), (4, "%G-%V"), (12, "%Y-%m")]  # (periods kept, strftime format that names a period)


def select_kept(moments, now) -> set:
    """The moments to keep: the last of each of the newest 7 days, 4 weeks and 12 months that have any, in UTC.

    Periods without a backup do not count, so that a blog that was off for a year keeps its old backups.
    """
    newest_first = sorted(moments, reverse=True)
    kept = {moment for moment in newest_first if moment > now - KEEP_ALL}
    for most, spelled in KEEP:
        last_of: dict[str, datetime] = {}
        for moment in newest_first:
            last_of.setdefault(moment.strftime(spelled), moment)
        kept.update(list(last_of.values())[:most])
    return kept
