"""What comes in waves: answers that wait or are spam and have a link's host, a shape of text, or a network and an hour
in common. "37 look alike" is one press for the owner, and one undo.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from comments.models import Comment
from comments.spam.fingerprints import hosts_of, shape_of

NEWEST = 5000  # comments that are looked at
RECENT = 300  # comments with which a new one is compared
LEAST = 3  # make a wave
MOST = 50  # waves
SHOWN = 3  # comments of a wave, before it is opened
WHOLE = 500  # comments of a wave that are listed; the numbers of the others go along if somebody says so
FIELDS = ["state", "text", "html", "name", "url", "facts", "posted_at", "state_since"]
HOST, SHAPE, HOUR = "host", "shape", "hour"


@dataclass
class Wave:
    """Comments with something in common: `ways` are all the things (kind, value), the plainest first."""

    comments: list
    ways: list

    @property
    def by(self):
        return self.ways[0][0]

    @property
    def value(self):
        return self.ways[0][1]

    @property
    def count(self):
        return len(self.comments)

    @property
    def waiting(self):
        return sum(comment.state == Comment.State.PENDING for comment in self.comments)

    @property
    def shown(self):
        return self.comments[:SHOWN]

    @property
    def folded(self):
        return self.comments[SHOWN:WHOLE]

    @property
    def rest(self):
        """The numbers of those that no page lists."""
        return [comment.pk for comment in self.comments[WHOLE:]]

    @property
    def kinds(self):
        return {kind for kind, _value in self.ways}

    @property
    def host(self):
        """A host to which all of them lead, or ""."""
        return next((value for kind, value in self.ways if kind == HOST), "")


def waves():
    """All waves there are, those with the most that waits first, those where nothing waits last."""
    return among(looked_at())


def among(comments):
    """The waves among these comments; none has a comment in common with another."""
    found = defaultdict(list)
    for comment in comments:
        for way in ways_of(comment):
            found[way].append(comment)
    same = {}
    for way, comments in sorted(found.items(), key=lambda each: (HOST, HOUR, SHAPE).index(each[0][0])):
        if len(comments) >= LEAST:
            same.setdefault(frozenset(comment.pk for comment in comments), Wave(comments, [])).ways.append(way)
    return sorted(apart(sorted(same.values(), key=rank)), key=rank)[:MOST]


def rank(wave):
    return -wave.waiting, -wave.count, wave.ways


def apart(found):
    """Each comment in the first of its waves alone; what is left of a wave must still be one."""
    seen = set()
    for wave in found:
        wave.comments = [comment for comment in wave.comments if comment.pk not in seen]
        if wave.count >= LEAST:
            seen |= {comment.pk for comment in wave.comments}
            yield wave


def comes_in_one(comment):
    """Whether it makes a wave with what came in the day before it."""
    ways = ways_of(comment)
    day = Comment.objects.filter(posted_at__gt=comment.posted_at - timedelta(days=1)).exclude(pk=comment.pk)
    recent = day.filter(state__in=[Comment.State.PENDING, Comment.State.SPAM]).order_by("-pk").only(*FIELDS)[:RECENT]
    others = [ways_of(other) for other in recent]
    return any(sum(way in each for each in others) >= LEAST - 1 for way in ways)


def may_be_in_one():
    return Comment.objects.filter(Q(state=Comment.State.PENDING) | Q(state=Comment.State.SPAM))


def looked_at():
    return may_be_in_one().order_by("-pk").only(*FIELDS)[:NEWEST]


def ways_of(comment):
    """What it may have in common with others."""
    ways = {(HOST, host) for host in hosts_of(comment)}
    if shape := shape_of(comment.text):
        ways.add((SHAPE, shape))
    if network := comment.facts.get("network"):
        ways.add((HOUR, f"{network} {comment.posted_at:%Y-%m-%dT%H}"))
    return ways
