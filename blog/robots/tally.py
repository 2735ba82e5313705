"""Counts what known robots request and what that costs, without anything of their addresses.

In memory, and written ten seconds later in one transaction, as page views are: at most one row for each robot and day.
"""

from collections import Counter
from zoneinfo import ZoneInfo

from django.utils import timezone

from blog.models import RobotVisit
from core.site import site
from core.write_behind import WriteBehindCounter

REQUESTS, REFUSED, MICROSECONDS = "requests", "refused", "microseconds"


def note(robot, seconds, *, refused=False):
    """Count one request of this robot, which took so much processor time. Called outside Django, by many threads."""
    counter.add((robot.name, REQUESTS))
    if refused:
        counter.add((robot.name, REFUSED))
    counter.add((robot.name, MICROSECONDS), round(seconds * 1_000_000))


def write(counts):
    """Store {(name, what): number} for today, in the blog's time zone."""
    today = timezone.localdate(timezone=ZoneInfo(site().timezone))
    by_robot = {}
    for (name, what), number in counts.items():
        by_robot.setdefault(name, Counter())[what] += number
    RobotVisit.objects.add(today, by_robot)


counter = WriteBehindCounter(write)
