"""Pagination of lists whose length is known."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class CountedPaginator(Paginator[Any]):
    """A Paginator without a COUNT query: `total` was counted by the caller, with other counts in one query."""

    def __init__(self, rows: QuerySet[Any] | Sequence[Any], per_page: int, total: int) -> None:
        super().__init__(rows, per_page)
        self.total = total

    @cached_property
    def count(self) -> int:
        return self.total
