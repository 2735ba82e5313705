"""Pagination of lists whose length is known."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class CountedPaginator(Paginator):
    """A Paginator without a COUNT query: `total` was counted by the caller, with other counts in one query."""

    def __init__(self, rows, per_page, total):
        super().__init__(rows, per_page)
        self.total = total

    @cached_property
    def count(self):
        return self.total
