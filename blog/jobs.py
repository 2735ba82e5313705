"""Background jobs of the blog: announce new posts, merge old statistics, delete what has expired, render old HTML."""

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from blog import link_cards, link_checker, markup, search
from blog.media import tracks
from blog.models import Autosave, LinkCard, Media, NotFound, Post, Referrer, Revision, RobotVisit, SearchEntry, Visit
from blog.models.reading_settings import reading
from core.jobs import at_start, daily, is_queued, job, minutely
from core.media_storage import media_storage
from core.rerender import rerender_all

MOST_CARDS = 20  # links of a post that are asked
MOST_TRACKS = 100  # of which a start looks whether they have all their files
ANNOUNCEMENT_HANDLERS: list[Callable[..., None]] = []  # functions that queue notifications, in the same transaction


def when_announced(function):
    """Register `function(list of pks)`, which is called once for all newly announced posts."""
    ANNOUNCEMENT_HANDLERS.append(function)
    return function


@minutely
def announce():
    """Announce each public post once; posts that became public while the worker was stopped are included.

    Publishing needs no job: a scheduled post is visible as soon as its time has come. Safe to run twice.
    """
    if not Post.objects.to_announce().exists():  # reading takes no write lock
        return
    with transaction.atomic():
        due = Post.objects.to_announce().select_for_update().order_by("publish_at", "pk")
        due = list(due.values_list("pk", flat=True))
        Post.objects.filter(pk__in=due).update(announced_at=timezone.now(), was_public=True)
        for tell in ANNOUNCEMENT_HANDLERS:
            tell(due)


@daily
def aggregate_old_views():
    for tally in (Visit, Referrer):
        tally.objects.aggregate_old(timezone.localdate())


@daily
def prune_robot_visits():
    RobotVisit.objects.prune_old(timezone.localdate())


@daily
def prune_not_found_log():
    NotFound.objects.prune_old()


@daily
def prune_revisions():
    """Delete revisions that `blog.revision_retention` does not keep. Safe to run twice."""
    Revision.objects.prune(timezone.now())


@job(queue="long")
def check_links():
    """Check the links of published posts to other websites, if the owner wants it. Safe to stop and to run twice."""
    if reading().check_links:
        link_checker.check_all()


@daily
def queue_link_check():
    if reading().check_links and not is_queued(check_links):
        check_links.enqueue()


@daily
def delete_expired_trash():
    """Delete what has been in the trash for thirty days, each in its own transaction and only if it is still there.
    Safe to run twice."""
    now = timezone.now()
    for things in (Post.objects.expired_in_trash(now), Media.objects.expired_in_trash(now)):
        for pk in things.values_list("pk", flat=True):
            with transaction.atomic():
                if thing := things.select_for_update(of=("self",)).filter(pk=pk).first():
                    thing.delete()
    Autosave.objects.prune_done(now)


@job(queue="long")
def rerender():
    rerender_all(old_posts())


@job
def update_posts_of_media(pk, before):
    """Update the posts that show a replaced file with its new URL and size. Safe to run twice."""
    for media in Media.objects.filter(pk=pk):
        media.follow(before)


@job
def fetch_link_cards(pk):
    """Ask the pages to which a post links by a URL alone on its line, and render the post again if one has a title.
    Safe to run twice."""
    post = Post.objects.exclude(status=Post.Status.TRASH).filter(pk=pk).first()
    if post is None or not reading().link_cards:
        return
    cards = [LinkCard.objects.asked(address) for address in link_cards.addresses_in(post.html)[:MOST_CARDS]]
    if any(card.title for card in cards):
        Post.objects.get(pk=pk).rerender()


@job(queue="long")
def cut_tracks():
    """Cut the home zone, as it is now, out of every track, and render the posts that show one. Safe to run twice."""
    for media in Media.objects.filter(format="gpx").order_by("pk"):
        tracks.cut_again(media)
        media.queue_post_updates()


@at_start
def look_for_whole_tracks():
    """Tracks that an older version stored, or a restore, have no files for readers yet."""
    storage = media_storage()
    found = Media.objects.filter(format="gpx").order_by("-pk")[:MOST_TRACKS]
    if any(not storage.exists(f"{media.folder}/{media.full_for_readers}") for media in found):
        cut_tracks.enqueue()


@job(queue="long")
def move_posts():
    """Move posts to the paths of the current permalink structure. Safe to run twice."""
    Post.objects.update_paths()


@job(queue="long")
def rebuild_search_index():
    """Rebuild the search index after a change of the language, because the stemmer differs."""
    search.rebuild()


@job(queue="long")
def reindex_old_entries():
    """Index again what an older version indexed. Safe to stop and to run twice."""
    search.reindex_old()


@at_start
def queue_rerender():
    if old_posts().exists() and not is_queued(rerender):
        rerender.enqueue()


@at_start
def queue_reindex():
    old = SearchEntry.objects.filter(index_version__lt=search.INDEX_VERSION)
    if old.exists() and not is_queued(reindex_old_entries):
        reindex_old_entries.enqueue()


@job(queue="long")
def render_waiting():
    """Render the texts that were saved while too many others were being rendered. Safe to run twice."""
    rerender_all(Post.objects.waiting_for_html())


@minutely
def look_for_waiting_texts():
    if Post.objects.waiting_for_html().exists() and not is_queued(render_waiting):
        render_waiting.enqueue()


def old_posts():
    return Post.objects.filter(html_version__lt=markup.VERSION).order_by("pk")
