"""Counts end at a limit, so that a number beside a link costs the same in a blog of any size."""

import pytest

from blog.models import Tag
from core.pagination import count_up_to, shown_count


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0"), (42, "42"), (1000, "1,000"), (1001, "1,000+"), (5000, "1,000+")]
)
def test_more_than_the_limit_is_shown_as_such(number, shown):
    assert shown_count(number, 1000) == shown


@pytest.mark.parametrize(("number", "counted"), [(0, 0), (2, 2), (3, 3), (4, 4), (7, 4)])
def test_it_counts_no_further_than_it_shows(db, number, counted):
    for each in range(number):
        Tag.objects.create(name=f"tag {each}")
    assert count_up_to(Tag.objects.all(), 3) == counted
