"""Sow the invented blog: everything is thought out first, then made rows of, chunk by chunk."""

from datetime import datetime, time
from random import Random

from blog.models import Post
from core.models import Site
from transfer.demo.comment_rows import sow_comments
from transfer.demo.post_rows import sow_pages, sow_posts
from transfer.demo.posts import guid_of, invent_posts
from transfer.demo.threads import invent_conversation


class SownBefore(Exception):
    """The rows of this seed are there already."""


def sow(owner, *, posts, comments, seed, last_day, progress):
    """Make so many posts, a few pages, and comments: the same ones for the same numbers, seed and day.

    `progress(kind, number)` hears of every chunk that is safe. Each chunk is a transaction that leaves comment counts
    and search right, so that whatever was made before an interruption may stay. Raises SownBefore when this seed was
    sown in this blog already.
    """
    if Post.objects.filter(guid=guid_of(seed, 0)).exists():
        raise SownBefore
    dice, zone = Random(seed), Site.objects.get().zone
    drafts = invent_posts(dice, posts, last_day=last_day, zone=zone, key=seed)
    lines = invent_conversation(dice, comments, drafts, end=datetime.combine(last_day, time(23, 59, 59), tzinfo=zone))
    sow_posts(drafts, owner, progress)
    sow_pages(owner, dice)
    sow_comments(lines, drafts, owner, seed, progress)
