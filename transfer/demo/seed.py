"""Generate the demo blog: first all data in memory, then rows, in chunks."""

from collections.abc import Callable
from datetime import date, datetime, time
from random import Random

from accounts.models import User
from blog.models import Post
from core.models import Site
from transfer.demo.comment_rows import create_comments
from transfer.demo.post_rows import create_pages, create_posts
from transfer.demo.posts import generate_posts, guid_of
from transfer.demo.threads import generate_comments


class AlreadySeeded(Exception):
    """This blog already has the demo of this seed."""


def seed_blog(
    owner: User, *, posts: int, comments: int, seed: str, last_day: date, progress: Callable[[str, int], object]
) -> None:
    """Create posts, a few pages and comments: the same ones for the same numbers, seed and last day.

    `progress(kind, number)` is called after every committed chunk. Each chunk is a transaction that keeps comment
    counts and the search index correct, so an interrupted run leaves a valid blog. Raises AlreadySeeded if this blog
    has the demo of this seed already.
    """
    if Post.objects.filter(guid=guid_of(seed, 0)).exists():
        raise AlreadySeeded
    random, zone = Random(seed), Site.objects.get().zone
    demo_posts = generate_posts(random, posts, last_day=last_day, zone=zone, key=seed)
    lines = generate_comments(
        random, comments, demo_posts, end=datetime.combine(last_day, time(23, 59, 59), tzinfo=zone)
    )
    create_posts(demo_posts, owner, progress)
    create_pages(owner, random)
    create_comments(lines, demo_posts, owner, seed, progress)
