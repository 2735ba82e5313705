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
MIN_COMMENTS = 3  # comments in a cluster
MAX_CLUSTERS = 50  # clusters on the page
SHOWN = 3  # comments of a cluster shown while it is collapsed
MAX_LISTED = 500  # comments of a cluster that are listed; of the others, only the ids are sent with the form
FIELDS = ["state", "text", "html", "name", "url", "facts", "posted_at", "state_since"]
HOST, SHAPE, HOUR = "host", "shape", "hour"


@dataclass
class Cluster:
    """A cluster of similar comments. `traits` lists what they share as (kind, value): hosts, networks, then shapes."""

    comments: list
    traits: list

    @property
    def by(self):
        return self.traits[0][0]

    @property
    def value(self):
        return self.traits[0][1]

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
    def collapsed(self):
        return self.comments[SHOWN:MAX_LISTED]

    @property
    def rest(self):
        """The ids of the comments that are too many to be listed."""
        return [comment.pk for comment in self.comments[MAX_LISTED:]]

    @property
    def kinds(self):
        return {kind for kind, _value in self.traits}

    @property
    def host(self):
        """A host that all of the comments link to, or ""."""
        return next((value for kind, value in self.traits if kind == HOST), "")


def list_clusters():
    """All clusters, at most `MAX_CLUSTERS`, those with the most held comments first."""
    return find_clusters(newest_candidates())


def find_clusters(comments):
    """The clusters among these comments, at most `MAX_CLUSTERS`. Each comment is in at most one of them."""
    found = defaultdict(list)
    for comment in comments:
        for way in traits_of(comment):
            found[way].append(comment)
    same = {}
    for way, comments in sorted(found.items(), key=lambda each: (HOST, HOUR, SHAPE).index(each[0][0])):
        if len(comments) >= MIN_COMMENTS:
            same.setdefault(frozenset(comment.pk for comment in comments), Cluster(comments, [])).traits.append(way)
    return sorted(without_overlaps(sorted(same.values(), key=rank)), key=rank)[:MAX_CLUSTERS]


def rank(cluster):
    return -cluster.waiting, -cluster.count, cluster.traits


def without_overlaps(found):
    """Keep each comment only in its first cluster; drop clusters that are left with fewer than `MIN_COMMENTS`."""
    seen = set()
    for cluster in found:
        cluster.comments = [comment for comment in cluster.comments if comment.pk not in seen]
        if cluster.count >= MIN_COMMENTS:
            seen |= {comment.pk for comment in cluster.comments}
            yield cluster


def belongs_to_cluster(comment):
    """Whether the comment forms a cluster with held comments and spam posted since the day before it."""
    traits = traits_of(comment)
    day = Comment.objects.filter(posted_at__gt=comment.posted_at - timedelta(days=1)).exclude(pk=comment.pk)
    recent = day.filter(state__in=[Comment.State.PENDING, Comment.State.SPAM]).order_by("-pk").only(*FIELDS)[:RECENT]
    others = [traits_of(other) for other in recent]
    return any(sum(way in each for each in others) >= MIN_COMMENTS - 1 for way in traits)


def candidates():
    return Comment.objects.filter(Q(state=Comment.State.PENDING) | Q(state=Comment.State.SPAM))


def newest_candidates():
    return candidates().order_by("-pk").only(*FIELDS)[:NEWEST]


def traits_of(comment):
    """What the comment may share with others, as a set of (kind, value)."""
    traits = {(HOST, host) for host in hosts_of(comment)}
    if shape := shape_of(comment.text):
        traits.add((SHAPE, shape))
    if network := comment.facts.get("network"):
        traits.add((HOUR, f"{network} {comment.posted_at:%Y-%m-%dT%H}"))
    return traits
