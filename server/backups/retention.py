"""Which backups stay: all of a day, then one a day, one a week, one a month."""

from datetime import datetime, timedelta

KEEP_ALL = timedelta(days=1)  # two made before and after something risky are both there for a day
KEEP = [(7, "%Y-%m-%d"), (4, "%G-%V"), (12, "%Y-%m")]


def select_kept(moments, now) -> set:
    """Of these moments those that stay: the last of each of the newest 7 days, 4 weeks and 12 months that have any.

    Days without a backup do not count, so that a blog which slept for a year keeps what it has. Days are UTC's.
    """
    newest_first = sorted(moments, reverse=True)
    kept = {moment for moment in newest_first if moment > now - KEEP_ALL}
    for most, spelled in KEEP:
        last_of: dict[str, datetime] = {}
        for moment in newest_first:
            last_of.setdefault(moment.strftime(spelled), moment)
        kept.update(list(last_of.values())[:most])
    return kept
