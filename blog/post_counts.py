"""How many public posts each month, category and tag has: counted once, and then what a change names again."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Count, DateTimeField
from django.utils import timezone

from blog.models import Category, Post, Tag
from core import cache_version
from core.version_parts import counted_in
from core.written_queries import Parameter, PreparedQuery


@dataclass(frozen=True)
class PostCounts:
    """The numbers of posts by month, as year × 100 + month, and by the pks of categories and tags; none is 0. `until`:
    when the next scheduled post becomes public and is to be counted."""

    until: datetime | None
    months: dict[int, int]
    categories: dict[int, int]
    tags: dict[int, int]


def post_counts():
    return cached_counts.get(None, count_all, count_again)


cached_counts: cache_version.Results[PostCounts] = cache_version.Results(cache_version.POSTS)


def count_all():
    until = Post.objects.next_change()  # read first: what becomes public meanwhile is counted again
    return PostCounts(until, count_months(), Category.objects.counts(), Tag.objects.counts())


def count_again(counts, raised):
    """The counts, of which a change has raised these parts."""
    until = Post.objects.next_change()  # read first, as in `count_all`
    # A post became public by its date alone, and another change came before the first reader (blog.layout).
    is_due = counts.until and counts.until <= timezone.now()
    if is_due or cache_version.COUNTS in raised:
        return count_all()
    changed = counted_in(raised)
    return replace(
        counts,
        until=until,
        months=updated(counts.months, changed["month"], count_in_months),
        categories=updated(counts.categories, changed["category"], Category.objects.counts),
        tags=updated(counts.tags, changed["tag"], Tag.objects.counts),
    )


def updated(numbers, keys, count):
    if not keys:
        return numbers
    return {key: number for key, number in numbers.items() if key not in set(keys)} | count(keys)


def count_months():
    counts = Counter()
    for day, count in posts_by_day(now=timezone.now()):
        year, month = (day.year, day.month) if isinstance(day, date) else map(int, day.split("-")[:2])
        counts[year * 100 + month] += count
    return dict(counts)


@PreparedQuery
def posts_by_day():
    """Summed by day, which needs only an index. Prepared: Django takes as long to convert the days as the database to
    count."""
    posts = Post.objects.posts().published(Parameter("now", DateTimeField())).exclude(published_on=None)
    return posts.order_by().values_list("published_on").annotate(Count("pk"))


def count_in_months(months):
    found = {}
    for month in months:
        first = date(month // 100, month % 100, 1)
        after = (first + timedelta(days=31)).replace(day=1)
        if number := Post.objects.listed().filter(published_on__gte=first, published_on__lt=after).count():
            found[month] = number
    return found
