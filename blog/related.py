"""The previous, the next and the related posts of a post."""

from collections import Counter
from functools import cache, reduce
from operator import or_

from django.db import connection
from django.db.models import DateTimeField, Q, Subquery
from django.utils import timezone

from blog.models import Post
from core.written_queries import Parameter, PreparedQuery

RELATED = 3
TAGS, POOL = 12, 200  # tags considered, and posts read for each, newest first: bounds the cost of large tags
CANDIDATES = 12  # more than are shown, because some may not be public
PRINTED = {"id", "kind", "status", "visibility", "title", "language", "path", "summary", "publish_at", "published_on"}
# In the order of the model's fields, as `from_db` expects.
FIELDS = tuple(field.attname for field in Post._meta.concrete_fields if field.attname in PRINTED)


def adjacent_and_related(post):
    """{"previous", "following", "related"} as everybody may see them, in two queries.

    Previous and next go by date, then by pk. Related posts share the most tags; the newest comes first among equals.
    """
    shared = count_shared_tags(post)
    alike = sorted(shared, key=lambda pk: (-shared[pk], -pk))[:CANDIDATES]
    places = {}  # (date, pk) of each post in lists: its row
    public = []  # the places of those without a password
    now = timezone.now()
    for row in rows_of(post, alike, now):
        known = dict(zip(FIELDS, row, strict=True))
        if is_listed(known, now):
            place = known["publish_at"], known["id"]
            places[place] = row
            if known["visibility"] == Post.Visibility.PUBLIC:
                public.append(place)
    related = sorted((place for place in public if place[1] in shared), reverse=True)
    related.sort(key=lambda place: -shared[place[1]])
    before, after = None, None
    if post.publish_at:
        here = post.publish_at, post.pk
        before = max((place for place in places if place < here), default=None)
        after = min((place for place in places if place > here), default=None)
    made = {place: Post.from_db(None, FIELDS, places[place]) for place in {before, after, *related[:RELATED]} - {None}}
    return {
        "previous": made.get(before),
        "following": made.get(after),
        "related": [made[place] for place in related[:RELATED]],
    }


def is_listed(known, now):
    """As `Post.is_listed`, of the columns of a row."""
    is_published = known["kind"] == Post.Kind.POST and known["status"] == Post.Status.PUBLISHED
    is_due = known["publish_at"] is not None and known["publish_at"] <= now
    return is_published and is_due and known["visibility"] != Post.Visibility.PRIVATE


def count_shared_tags(post):
    """{pk of another post: how many tags it shares with this one}."""
    tags = [tag.pk for tag in post.shown_tags][:TAGS]
    if not tags:
        return Counter()
    found = posts_with_tags(len(tags))(**{f"tag{place}": tag for place, tag in enumerate(tags)})
    shared = Counter(number for (number,) in found)
    del shared[post.pk]
    return shared


@cache
def posts_with_tags(number):
    """The query for the posts of `number` tags; a post is repeated for each tag that it has."""
    filed = Post.tags.through.objects
    newest = [filed.filter(tag=Parameter(f"tag{place}")).order_by("-pk")[:POOL] for place in range(number)]

    def build():
        if connection.features.supports_slicing_ordering_in_compound:
            first, *others = (rows.values_list("post") for rows in newest)
            return first.union(*others, all=True)
        return filed.filter(reduce(or_, [Q(pk__in=rows.values("pk")) for rows in newest])).values_list("post")

    return PreparedQuery(build)


def rows_of(post, alike, now):
    """The rows of the posts with the pks in `alike`, and of the previous and the next post."""
    at = post.publish_at or now  # a post without a date has no neighbours; `adjacent_and_related` ignores them
    numbers = {f"alike{place}": alike[place] if place < len(alike) else 0 for place in range(CANDIDATES)}
    return candidate_posts(post=post.pk, at=at, now=now, until=min(at, now), **numbers)


@PreparedQuery
def candidate_posts():
    at, now, until = (Parameter(name, DateTimeField()) for name in ("at", "now", "until"))
    here, posts = Parameter("post"), Post.objects.posts()
    older = posts.published(until).exclude(publish_at=at, pk__gte=here).newest_first()
    newer = posts.published(now).filter(publish_at__gte=at).exclude(publish_at=at, pk__lte=here)
    wanted = Q(pk=Subquery(older.values("pk")[:1]))
    wanted |= Q(pk=Subquery(newer.order_by("publish_at", "pk").values("pk")[:1]))
    for number in range(CANDIDATES):
        wanted |= Q(pk=Parameter(f"alike{number}"))
    return Post.objects.filter(wanted).values_list(*FIELDS)
