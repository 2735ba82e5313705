"""Pages of lists whose length is known before."""

from django.core.paginator import Paginator
from django.utils.functional import cached_property


class CountedPaginator(Paginator):
    """A Paginator that does not ask how many there are: `total` was counted together with the numbers of other tabs."""

    def __init__(self, rows, per_page, total):
        super().__init__(rows, per_page)
        self.total = total

    @cached_property
    def count(self):
        return self.total
