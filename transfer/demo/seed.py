"""Generate the demo blog: first all data in memory, then rows, in chunks."""

from collections.abc import Callable
from datetime import date, datetime, time
from random import Random

from accounts.models import User
from blog.models import Post
from core.models import Site
from transfer.demo.comment_rows import sow_comments
from transfer.demo.post_rows import sow_pages, sow_posts
from transfer.demo.posts import guid_of, invent_posts
from transfer.demo.threads import invent_conversation


class SownBefore(Exception):
    """This blog already has the demo of this seed."""


def sow(
    owner: User, *, posts: int, comments: int, seed: str, last_day: date, progress: Callable[[str, int], object]
) -> None:
    """Create posts, a few pages and comments: the same ones for the same numbers, seed and last day.

    `progress(kind, number)` is called after every committed chunk. Each chunk is a transaction that keeps comment
    counts and the search index correct, so an interrupted run leaves a valid blog. Raises SownBefore if this blog has
    the demo of this seed already.
    """
    if Post.objects.filter(guid=guid_of(seed, 0)).exists():
        raise SownBefore
    dice, zone = Random(seed), Site.objects.get().zone
    drafts = invent_posts(dice, posts, last_day=last_day, zone=zone, key=seed)
    lines = invent_conversation(dice, comments, drafts, end=datetime.combine(last_day, time(23, 59, 59), tzinfo=zone))
    sow_posts(drafts, owner, progress)
    sow_pages(owner, dice)
    sow_comments(lines, drafts, owner, seed, progress)
