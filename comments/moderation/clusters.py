"""Clusters of similar comments: held comments and spam that share a link's host, a text shape, or a network and hour.

A moderator can decide about a whole cluster with one action, and undo it with one.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from comments.models import Comment
from comments.spam.fingerprints import hosts_of, shape_of

NEWEST = 5000  # the newest comments, which are searched for clusters
RECENT = 300  # the newest comments, with which a new one is compared
LEAST = 3  # comments in a cluster
MOST = 50  # clusters on the page
SHOWN = 3  # comments of a cluster shown while it is collapsed
WHOLE = 500  # comments of a cluster that are listed; of the others, only the ids are sent with the form
FIELDS = ["state", "text", "html", "name", "url", "facts", "posted_at", "state_since"]
HOST, SHAPE, HOUR = "host", "shape", "hour"


@dataclass
class Wave:
    """A cluster of similar comments. `ways` lists what they share as (kind, value): hosts, networks, then shapes."""

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
        """The ids of the comments that are too many to be listed."""
        return [comment.pk for comment in self.comments[WHOLE:]]

    @property
    def kinds(self):
        return {kind for kind, _value in self.ways}

    @property
    def host(self):
        """A host that all of the comments link to, or ""."""
        return next((value for kind, value in self.ways if kind == HOST), "")


def waves():
    """All clusters, at most `MOST`, those with the most held comments first."""
    return among(looked_at())


def among(comments):
    """The clusters among these comments, at most `MOST`. Each comment is in at most one of them."""
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
    """Keep each comment only in its first cluster; drop clusters that are left with fewer than `LEAST` comments."""
    seen = set()
    for wave in found:
        wave.comments = [comment for comment in wave.comments if comment.pk not in seen]
        if wave.count >= LEAST:
            seen |= {comment.pk for comment in wave.comments}
            yield wave


def comes_in_one(comment):
    """Whether the comment forms a cluster with held comments and spam posted since the day before it."""
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
    """What the comment may share with others, as a set of (kind, value)."""
    ways = {(HOST, host) for host in hosts_of(comment)}
    if shape := shape_of(comment.text):
        ways.add((SHAPE, shape))
    if network := comment.facts.get("network"):
        ways.add((HOUR, f"{network} {comment.posted_at:%Y-%m-%dT%H}"))
    return ways
