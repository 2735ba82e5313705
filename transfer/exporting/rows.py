"""The rows that an export writes, in the order in which it writes them, a part at a time."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Prefetch, QuerySet

from accounts.models import User
from blog.models import Category, Media, Post, Referrer, Revision, Series, Tag, Visit
from comments.models import Comment, CommentRevision

AT_A_TIME = 100

State = Comment.State


def authors() -> QuerySet[User]:
    """Everybody who wrote a post, by name."""
    people = get_user_model().objects
    return people.filter(pk__in=Post.objects.values("author")).order_by("pk")


def categories() -> list[Category]:
    """All categories, parents before their children."""
    return sorted(Category.objects.select_related("parent"), key=lambda each: (each.route.count("/"), each.key))


def tags() -> QuerySet[Tag]:
    return Tag.objects.order_by("key")


def series() -> QuerySet[Series]:
    return Series.objects.order_by("key")


def media() -> Iterator[Media]:
    return Media.objects.order_by("pk").iterator(chunk_size=AT_A_TIME)


def tallies(model: type[Visit] | type[Referrer]) -> Iterator[Any]:
    """The counts of each day, the oldest first."""
    return model._default_manager.order_by("day", model.key).iterator()


def posts_with_comments(*, states: tuple[str, ...], revisions: bool = False) -> Iterator[tuple[Post, list[Comment]]]:
    """Every post and page with its comments in these states, oldest first; a part of them is in memory at a time.

    `revisions`: posts and comments have their former texts as the list `earlier`.
    """
    last = 0
    terms = (Prefetch("categories", Category.objects.order_by("key")), Prefetch("tags", Tag.objects.order_by("key")))
    posts = (
        Post.objects.select_related("author", "parent", "featured", "series").prefetch_related(*terms).order_by("pk")
    )
    if revisions:
        posts = posts.prefetch_related(Prefetch("revisions", Revision.objects.order_by("pk"), to_attr="earlier"))
    while part := list(posts.filter(pk__gt=last)[:AT_A_TIME]):
        last = part[-1].pk
        below = defaultdict(list)
        rows = Comment.objects.filter(post__in=part, state__in=states).select_related("person__account")
        if revisions:
            rows = rows.prefetch_related(
                Prefetch("revisions", CommentRevision.objects.order_by("pk"), to_attr="earlier")
            )
        for comment in rows.order_by("posted_at", "pk"):
            below[comment.post_id].append(comment)
        for post in part:
            yield post, below[post.pk]
