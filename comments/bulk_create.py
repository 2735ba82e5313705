"""Saving many comments at once, as an import does: with the same rows as `Comment.save` makes one by one."""

from collections import defaultdict

from blog import search
from blog.models import SearchEntry
from comments.models import Comment
from comments.models.queryset import recount
from core import cache_version, confusables


def create_comments(comments):
    """Save new comments, rendered beforehand, parents before replies. Call it in a transaction.

    `comment.parent` may be another comment of the list. They get no fingerprint, no email is written, nobody's trust
    changes, the filter learns nothing.
    """
    for level in by_depth(comments):
        for comment in level:
            comment.name_key = confusables.skeleton(comment.name)
            if comment.parent is not None:
                comment.parent_id = comment.parent.pk
                comment.thread_id = comment.parent.thread_id or comment.parent.pk
        Comment.objects.bulk_create([comment for comment in level if comment.pk])
        Comment.objects.bulk_create([comment for comment in level if not comment.pk])
    posts = recount({comment.post_id for comment in comments})
    put_in_search(comments)
    cache_version.invalidate(*cache_version.comments_of(posts))


def put_in_search(comments):
    """Add the approved comments to the search index."""
    entries = SearchEntry.objects.bulk_create(
        SearchEntry(
            kind="comment",
            thing=comment.pk,
            post_id=comment.post_id,
            text=comment.text,
            url=comment.get_absolute_url(),
            at=comment.posted_at,
        )
        for comment in comments
        if comment.is_approved
    )
    search.put_many([(entry, entry.text) for entry in entries])


def by_depth(comments):
    """The comments in lists: first those whose parent is not among them, then the replies to these, and so on."""
    inside = {id(comment) for comment in comments}
    depths, levels = {}, defaultdict(list)
    for comment in comments:
        chain = []
        at = comment
        while at is not None and id(at) in inside and id(at) not in depths:
            chain.append(at)
            at = at.parent
        depth = depths[id(at)] + 1 if at is not None and id(at) in depths else 0
        for each in reversed(chain):
            depths[id(each)] = depth
            depth += 1
    for comment in comments:
        levels[depths[id(comment)]].append(comment)
    return [levels[depth] for depth in sorted(levels)]
