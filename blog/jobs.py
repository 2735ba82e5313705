"""What the blog does by itself: tells the world of new posts, sums up old views, and makes old HTML anew."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from blog import markup, search
from blog.models import Autosave, Media, NotFound, Post, Referrer, Revision, SearchEntry, Visit
from core.jobs import at_start, daily, job, minutely
from core.rerender import rerender_all

TELLERS: list[Callable[..., None]] = []  # whoever writes down, in the same transaction, that somebody is to be told


def when_announced(function):
    """Have `function(numbers of posts)` called once for all posts that are new to the world."""
    TELLERS.append(function)
    return function


@minutely
def announce():
    """Tells the world, once, of every public post that it has not been told of; nothing is missed after a pause.

    Becoming public needs no job: whoever asks after the moment sees the post. Bears being run twice.
    """
    if not Post.objects.to_announce().exists():  # a look takes no write lock
        return
    with transaction.atomic():
        due = Post.objects.to_announce().select_for_update().order_by("publish_at", "pk")
        due = list(due.values_list("pk", flat=True))
        Post.objects.filter(pk__in=due).update(announced_at=timezone.now(), was_public=True)
        for tell in TELLERS:
            tell(due)


@daily
def sum_up_old_views():
    for tally in (Visit, Referrer):
        tally.objects.sum_up(timezone.localdate())


@daily
def forget_missed_addresses():
    NotFound.objects.forget_old()


@daily
def thin_out_revisions():
    """The older the fewer. Bears being run twice."""
    Revision.objects.thin_out(timezone.now())


@daily
def empty_the_trash():
    """What lies there for thirty days goes for good, each by itself if it still lies there. Bears being run twice."""
    now = timezone.now()
    for things in (Post.objects.outstayed(now), Media.objects.outstayed(now)):
        for pk in things.values_list("pk", flat=True):
            with transaction.atomic():
                if thing := things.select_for_update(of=("self",)).filter(pk=pk).first():
                    thing.delete()
    Autosave.objects.forget_done(now)


@job(queue="long")
def rerender():
    rerender_all(old_posts())


@job
def show_media_again(pk, before):
    """The posts that show a file which was replaced: they say its size, and where it is. Bears being run twice."""
    for media in Media.objects.filter(pk=pk):
        media.follow(before)


@job(queue="long")
def move_posts():
    """To where the present structure of permalinks has them. Bears being run twice."""
    Post.objects.refile()


@job(queue="long")
def file_words_anew():
    """The search knows other stems in another language."""
    search.rebuild()


@job(queue="long")
def file_old_words_anew():
    """What an older Longrun filed for the search. Bears being stopped and run twice."""
    search.file_old()


@at_start
def look_for_old_html():
    if old_posts().exists():
        rerender.enqueue()


@at_start
def look_for_old_words():
    if SearchEntry.objects.filter(index_version__lt=search.INDEX_VERSION).exists():
        file_old_words_anew.enqueue()


def old_posts():
    return Post.objects.filter(html_version__lt=markup.VERSION).order_by("pk")
