"""Write the rows of a source into an empty blog, in one transaction: all of it comes, or nothing.

Numbers stay (`?p=`, `#comment-ID`), HTML is rendered here and never taken over, nothing is announced or mailed.
Accounts come without a password; the owner of the blog takes the place of the one who owned it.
"""

from collections import Counter

from django.contrib.auth import get_user_model
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from blog.models import Category, CssRevision, Media, Post, Redirect, Referrer, Revision, Series, Tag, Visit
from blog.models.post import FIRST_PAGE, FIRST_POST
from comments.models import Comment, CommentRevision, Message, ModerationAction, Person, Report, Subscription
from core import cache_version
from core.media_storage import media_storage
from core.sequences import reserve_ids
from transfer.restore import decisions, files, people, posts, settings_rows, tallies, terms
from transfer.restore.known import Known
from transfer.restore.parts import Refused
from transfer.restore.sources import Source

NUMBERED = (User, Category, Tag, Series, Media, Person, Post, Revision, Comment, CommentRevision, Message, CssRevision,
            ModerationAction, Report)  # fmt: skip


def restore_blog(source: Source, owner: User) -> Counter[str]:
    """Bring everything of the source; returns how many of each kind. Raises Refused, OSError; then nothing came."""
    check_is_fresh()
    known = Known(source, owner)
    try:
        with transaction.atomic():
            delete_first_content()
            settings_rows.restore_site(known)
            people.restore_people(known)
            settings_rows.restore_css_revisions(known)
            terms.restore_terms(known)
            terms.restore_home_zone(known)
            files.restore_media(known)
            terms.restore_podcasts(known)
            people.restore_commenters(known)
            files.restore_link_cards(known)
            posts.restore_posts(known)
            terms.restore_redirects(known)
            people.restore_subscriptions(known)
            people.restore_messages(known)
            decisions.restore_decisions(known)
            decisions.restore_reports(known)
            tallies.restore_tallies(known)
            settings_rows.restore_references(known)
            for model in NUMBERED:
                newest = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
                reserve_ids(model, max(newest or 0, known.highest[model]), connection=connection)
            cache_version.invalidate(cache_version.EVERYTHING)
    except DatabaseError as error:
        remove_files(known)
        raise Refused(_("The rows contradict each other: %s") % str(error).splitlines()[0]) from error
    except BaseException:
        remove_files(known)
        raise
    return known.counted


def check_is_fresh() -> None:
    """Raises Refused unless the blog has nothing but its first content, as it came."""
    first = Post.objects.filter(guid__in=[FIRST_POST, FIRST_PAGE])
    answered = Comment.objects.exclude(person=None, email="", post__in=first)
    is_edited = any(post.revisions.count() > 1 for post in first)
    others = Post.objects.exclude(pk__in=first), Media.objects, Subscription.objects, Message.objects, answered
    if is_edited or any(rows.exists() for rows in others) or get_user_model().objects.count() > 1:
        raise Refused(_("This blog is not empty. Restore into a new one, which has its first content alone."))


def delete_first_content() -> None:
    for post in Post.objects.all():
        post.delete()
    Category.objects.all().delete()
    Tag.objects.all().delete()
    Series.objects.all().delete()
    Redirect.objects.all().delete()
    for model in (ModerationAction, Report, CssRevision, Visit, Referrer):  # of the first content
        model._default_manager.all().delete()


def remove_files(known: Known) -> None:
    """Delete the files of a restore that failed: the rows are gone with the transaction."""
    for folder in known.folders:
        media_storage().delete_folder(folder)
