"""Cards of links in the posts of an import. An import asks no page elsewhere; the owner may let that follow."""

import time

from django.db.models import QuerySet

from blog.jobs import fetch_link_cards
from blog.link_cards import addresses_in
from blog.models import Post
from blog.models.reading_settings import reading
from core.jobs import Requeue, is_stopping
from transfer.models import ImportRef, ImportRun

# As blog.link_cards finds them, for both databases; that the text is the address of its link is left to that.
ALONE = r'<p( dir="[a-z]+")?>\s*<a href="https?://[^"\s]+">https?://[^<\s"]+</a>\s*</p>'
PAUSE = 1.0  # seconds between two posts, so that no server elsewhere gets many requests at once


def posts_without_cards(run: ImportRun) -> QuerySet[Post]:
    """Posts of the import that have the URL of a page elsewhere alone on a line; none if cards are switched off."""
    if not reading().link_cards:
        return Post.objects.none()
    brought = ImportRef.objects.filter(run=run, model="post", thing__isnull=False).values("thing")
    posts = Post.objects.exclude(status=Post.Status.TRASH).filter(pk__in=brought)
    return posts.filter(html__contains='><a href="http', html__regex=ALONE).order_by("pk")


def make_cards(run: ImportRun) -> None:
    """Ask the pages to which these posts link, post by post, as a save does. Raises Requeue if the worker is stopping:
    what was asked by then is not asked again."""
    for pk in list(posts_without_cards(run).values_list("pk", flat=True)):
        if is_stopping():
            raise Requeue
        html = Post.objects.filter(pk=pk).values_list("html", flat=True).first()
        if html and addresses_in(html):
            fetch_link_cards.call(pk)
            time.sleep(PAUSE)
