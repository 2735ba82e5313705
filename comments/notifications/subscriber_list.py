"""The subscribers as CSV: our own format, which the import of subscribers reads again.

    address,new posts,how,conversations,since,stopped,why

One line for each address: first the confirmed ones, then those that have stopped, so that no other system writes to
them. `new posts` is 1 or 0, `how` is "now" or "daily", `conversations` the number of followed posts. Dates are ISO 8601
in UTC.
"""

import csv
from collections.abc import Iterator
from typing import Any

from django.db.models import Count, Max, Min, Q, QuerySet

from comments.models import StoppedAddress, Subscription

COLUMNS = ["address", "new posts", "how", "conversations", "since", "stopped", "why"]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would evaluate a cell that begins so (CSV injection)


class Line:
    """A file whose `write` returns the line, for csv.writer."""

    def write(self, line: str) -> str:
        return line


def all_subscribers() -> "QuerySet[Any, dict[str, Any]]":
    """The confirmed addresses, each once, with the number of their subscriptions by kind."""
    rows = Subscription.objects.confirmed().values("address").order_by("address")
    posts, threads = Q(what=Subscription.What.POSTS), Q(post__isnull=False)
    return rows.annotate(
        posts=Count("pk", filter=posts),
        threads=Count("pk", filter=threads),
        since=Min("confirmed_at"),
        how=Max("how", filter=posts),
    )


def csv_lines() -> Iterator[str]:
    """The lines of the file, the header first."""
    writer = csv.writer(Line())
    yield writer.writerow(COLUMNS)
    for row in all_subscribers().iterator():
        facts = [row["posts"], row["how"] or "", row["threads"], row["since"].isoformat(timespec="seconds")]
        yield writer.writerow([safe_cell(row["address"]), *facts, "", ""])
    for stop in StoppedAddress.objects.exclude(address=None).order_by("address").iterator():
        stopped = stop.stopped_at.isoformat(timespec="seconds")
        yield writer.writerow([safe_cell(stop.address or ""), 0, "", "", "", stopped, stop.why])


def safe_cell(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
