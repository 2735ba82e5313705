"""What stands around a post: the one before, the one after, and those that are most like it."""

from collections import Counter
from functools import reduce
from operator import or_

from django.db.models import Q, Subquery

from blog.models import Post

RELATED = 3
TAGS, POOL = 12, 200  # of so many tags the posts that were filed last: a tag of thousands costs no more than one of ten
CANDIDATES = 12  # more than are shown: some may be hidden


def around(post):
    """{"previous", "next", "related"} as everybody may see them, in two queries.

    Neighbours are those by date, ties by number. Related are posts that share the most tags, newest first among equals.
    """
    shared = tags_shared(post)
    alike = sorted(shared, key=lambda pk: (-shared[pk], -pk))[:CANDIDATES]
    rows = Post.objects.filter(neighbours(post) | Q(pk__in=alike))
    rows = rows.only("kind", "status", "title", "summary", "path", "publish_at", "published_on", "visibility")
    posts = sorted((other for other in rows if other.is_listed), key=place)
    related = [other for other in posts if other.pk in shared and other.visibility == Post.Visibility.PUBLIC]
    related.sort(key=lambda other: (shared[other.pk], *place(other)), reverse=True)
    found = {"previous": None, "next": None, "related": related[:RELATED]}
    if post.publish_at:
        found["previous"] = next((other for other in reversed(posts) if place(other) < place(post)), None)
        found["next"] = next((other for other in posts if place(other) > place(post)), None)
    return found


def place(post):
    return post.publish_at, post.pk


def tags_shared(post):
    """{number of another post: how many of its tags are among this one's}."""
    filed = Post.tags.through.objects
    newest = [filed.filter(tag=tag).order_by("-pk").values("pk")[:POOL] for tag in list(post.tags.all())[:TAGS]]
    if not newest:
        return Counter()
    shared = Counter(filed.filter(reduce(or_, (Q(pk__in=rows) for rows in newest))).values_list("post", flat=True))
    del shared[post.pk]
    return shared


def neighbours(post):
    """Which posts stand right before and behind a post by its date, as a condition."""
    if not post.publish_at:
        return Q(pk__in=[])
    at = {"publish_at": post.publish_at}
    older = Post.objects.posts().published(until=post.publish_at).exclude(**at, pk__gte=post.pk).newest_first()
    newer = Post.objects.listed().filter(publish_at__gte=post.publish_at).exclude(**at, pk__lte=post.pk)
    return Q(pk=Subquery(older.values("pk")[:1])) | Q(pk=Subquery(newer.order_by("publish_at", "pk").values("pk")[:1]))
