"""What the comments do by themselves each day."""

from datetime import timedelta

from django.utils import timezone

from comments.models import Comment, Discussion
from ground.jobs import daily

KEPT = timedelta(days=30)  # in the trash and among the spam, as in WordPress
AT_ONCE = 2000


@daily
def empty_trash_and_spam():
    """Erase what has lain there long enough, and places that no answer needs any more."""
    Comment.objects.thrown_away_before(timezone.now() - KEPT).erase_by_parts(AT_ONCE)
    Comment.objects.empty_places().erase_by_parts(AT_ONCE)


@daily
def forget_facts():
    """Browser and network help against a wave; after some days they are nobody's business."""
    old = timezone.now() - timedelta(days=Discussion.now().facts_days)
    Comment.objects.filter(posted_at__lt=old).exclude(facts={}).update(facts={})
