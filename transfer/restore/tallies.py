"""Page views of a whole source: how often a post was viewed on a day, and from which hosts."""

from blog.models import Referrer, Visit
from transfer.exporting import columns
from transfer.restore.known import Known
from transfer.restore.values import values_of


def restore_tallies(known: Known) -> None:
    """Counts of posts that did not come are left out."""
    if not known.source.is_whole:
        return
    visits = [values_of(Visit, found, columns.VISIT, "visits", needed="day") for found in known.source.rows("visits")]
    rows = [Visit(**facts) for facts in visits if facts.get("post_id") in known.posts]
    Visit.objects.bulk_create(rows, batch_size=500)
    Referrer.objects.bulk_create(
        (Referrer(**values_of(Referrer, found, columns.REFERRER, "referrers", needed="day"))
         for found in known.source.rows("referrers")),
        batch_size=500,
    )  # fmt: skip
    known.counted["page views"] = sum(row.count for row in rows)
