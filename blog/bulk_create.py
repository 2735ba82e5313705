"""Saving many posts at once, as an import does: the same rows as `Post.save`, `file` and `keep_revision` make one by
one, in a few queries."""

from collections import defaultdict
from itertools import chain

from blog import responsive_images, search
from blog.models import Media, Post, Revision, SearchEntry
from blog.models.media import MediaUse
from core import cache_version


def create_posts(posts, *, by, categories=(), tags=(), revisions=True):
    """Save new posts, rendered beforehand by `Post.get_ready`, whose slug, path and dates are set.

    `categories` and `tags` are lists of primary keys for each post. `by` is recorded as the editor of the revisions,
    which a restore that brings its own leaves out. A post with a primary key keeps it. Call it in a transaction.
    Announces nothing.
    """
    files = files_in(posts)
    for post in posts:
        post.render(files[id(post)])
        post.was_public = post.was_public or post.is_public
    numbered, others = [post for post in posts if post.pk], [post for post in posts if not post.pk]
    Post.objects.bulk_create(numbered)
    Post.objects.bulk_create(others)
    put_terms(posts, categories, tags)
    if revisions:
        create_revisions(posts, by)
    MediaUse.objects.bulk_create(
        [MediaUse(media=media, post=post) for post in posts for media in files[id(post)].values()]
    )
    put_in_search(posts)
    counts = cache_version.counts_of(
        {post.published_on for post in posts}, category=set(chain(*categories)), tag=set(chain(*tags))
    )
    cache_version.invalidate(cache_version.POSTS, *counts)


def files_in(posts):
    """{id(post): {name: Media}} of the files that the new posts' HTML shows and may show."""
    names, by_user = {}, defaultdict(list)
    for post in posts:
        done = post.prepare()
        names[id(post)] = responsive_images.names_in(done.html) if done else set()
        by_user[(post.acting or post.author).pk].append(post)
    found = {id(post): {} for post in posts}
    for group in by_user.values():
        wanted = {name for post in group for name in names[id(post)]}
        usable = Media.objects.usable_in(group[0]).filter(name__in=wanted) if wanted else ()
        files = {media.name: media for media in usable}
        for post in group:
            found[id(post)] = {name: files[name] for name in names[id(post)] if name in files}
    return found


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
