"""Pagination of lists whose length is known, and counts that end at a limit."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.formats import number_format
from django.utils.functional import cached_property

COUNTED = 10_000  # a number beside a link counts no further, so that it costs the same in a blog of any size


def count_up_to(rows: QuerySet[Any], most: int = COUNTED) -> int:
    """The number of rows, or `most` + 1 if there are more."""
    return rows.order_by()[: most + 1].count()


def grouped(number: int) -> str:
    """A number as the language of the page writes it: "1,234"."""
    return str(number_format(number, force_grouping=True))


def shown_count(number: int, most: int = COUNTED) -> str:
    """A number of `count_up_to` as text: "42", "10,000+"."""
    return f"{grouped(most)}+" if number > most else grouped(number)


class CountedPaginator(Paginator[Any]):
    """A Paginator without a COUNT query: `total` was counted by the caller, with other counts in one query."""

    def __init__(self, rows: QuerySet[Any] | Sequence[Any], per_page: int, total: int) -> None:
        super().__init__(rows, per_page)
        self.total = total

    @cached_property
    def count(self) -> int:
        return self.total
