"""Saving many posts at once, as an import does: the same rows as `Post.save`, `file` and `keep_revision` make one by
one, in a few queries."""

from blog import responsive_images, search
from blog.models import Post, Revision, SearchEntry
from blog.models.media import MediaUse
from core import cache_version


def create_posts(posts, *, by, categories=(), tags=()):
    """Save new posts, rendered beforehand by `Post.get_ready`, whose slug, path and dates are set.

    `categories` and `tags` are lists of primary keys for each post. `by` is recorded as the editor of the revisions. A
    post with a primary key keeps it. Call it in a transaction. Announces nothing.
    """
    for post in posts:
        post.render()
        post.was_public = post.was_public or post.is_public
    numbered, others = [post for post in posts if post.pk], [post for post in posts if not post.pk]
    Post.objects.bulk_create(numbered)
    Post.objects.bulk_create(others)
    put_terms(posts, categories, tags)
    create_revisions(posts, by)
    for post in posts:
        if responsive_images.names_in(post.html):  # a new post has no uses to delete
            MediaUse.objects.record(post)
    put_in_search(posts)
    cache_version.invalidate()


def create_revisions(posts, by):
    """The first revision of each of these posts."""
    Revision.objects.bulk_create(
        Revision(
            post=post,
            by=by,
            kind=Revision.Kind.PUBLISHED if post.publish_at else Revision.Kind.SAVED,
            title=post.title,
            source=post.source,
            source_format=post.source_format,
            excerpt=post.excerpt,
        )
        for post in posts
    )


def put_terms(posts, categories, tags):
    for through, name, lists in (
        (Post.categories.through, "category_id", categories),
        (Post.tags.through, "tag_id", tags),
    ):
        through.objects.bulk_create(
            through(post_id=post.pk, **{name: term})
            for post, terms in zip(posts, lists, strict=False)
            for term in terms
        )


def put_in_search(posts):
    """Add the posts outside the trash to the search index, with the tokens that `get_ready` made."""
    entries = SearchEntry.objects.bulk_create(
        SearchEntry(kind="post", thing=post.pk, post=post, title=post.title, at=post.publish_at)
        for post in posts
        if post.status != Post.Status.TRASH
    )
    search.put_many([(entry, entry.post.plain) for entry in entries], {post.pk: post.tokens for post in posts})
