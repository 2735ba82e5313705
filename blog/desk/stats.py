"""Statistics of the last thirty days: a bar chart, its numbers, the most viewed posts, and the referring hosts."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from blog.models import Post, Referrer, Visit

DAYS = 30
MOST = 5
HEIGHT, STEP, WIDTH = 80, 20, 14  # of the chart, of a day, of its bar


@dataclass(frozen=True)
class Bar:
    day: date
    count: int
    x: int
    height: int

    @property
    def y(self):
        return HEIGHT - self.height


def views(user):
    """The template context: of all posts for users who may edit all, otherwise of their own. At most four queries."""
    first = timezone.localdate() - timedelta(days=DAYS - 1)
    visits = Visit.objects.since(first)
    everything = user.has_perm("blog.edit_others")
    if not everything:
        visits = visits.filter(post__in=Post.objects.editable_by(user))
    counts = visits.by_day()
    days = [(first + timedelta(days=number)) for number in range(DAYS)]
    return chart(days, counts) | {
        "posts": with_titles(visits.most(MOST)),
        "hosts": Referrer.objects.since(first).most(MOST) if everything else [],
    }


def chart(days, counts):
    """The context of a chart of these days, by {day: count}."""
    return {
        "bars": bars([(day, counts.get(day, 0)) for day in days]),
        "total": sum(counts.values()),
        "width": DAYS * STEP,
        "height": HEIGHT,
        "bar": WIDTH,
    }


def bars(days):
    """The chart's bars. A day with any view has a visible bar."""
    most = max(count for _day, count in days) or 1
    return [
        Bar(day, count, number * STEP, max(2, round(count * HEIGHT / most)) if count else 0)
        for number, (day, count) in enumerate(days)
    ]


def with_titles(counted):
    posts = Post.objects.only("title", "summary", "path").in_bulk([pk for pk, _count in counted])
    return [(posts[pk], count) for pk, count in counted if pk in posts]
