"""Scheduled work: what is deleted each day, and comments whose HTML an older Longrun rendered."""

from datetime import timedelta

from django.utils import timezone

from blog import markup
from comments.models import Comment, DiscussionSettings, ModerationAction, Person
from comments.notifications import subscriptions
from core.jobs import at_start, daily, job
from core.models import Email
from core.rerender import rerender_all

KEPT = timedelta(days=30)  # in the trash and among the spam, as in WordPress
REMEMBERED = timedelta(days=365)  # what the rules decided
AT_ONCE = 2000


@daily
def empty_trash_and_spam():
    """Erase what has lain there long enough, and places that no answer needs any more."""
    Comment.objects.thrown_away_before(timezone.now() - KEPT).erase_by_parts(AT_ONCE)
    Comment.objects.empty_places().erase_by_parts(AT_ONCE)


@daily
def forget_facts():
    """Browser and network help against a wave; after some days they are nobody's business."""
    old = timezone.now() - timedelta(days=DiscussionSettings.now().facts_days)
    Comment.objects.filter(posted_at__lt=old).exclude(facts={}).update(facts={})


@daily
def forget_what_nothing_hangs_on():
    """What the rules decided a year ago; and browsers whose comments are gone, of which nobody has said anything."""
    now = timezone.now()
    ModerationAction.objects.filter(maker=ModerationAction.Maker.RULES, made_at__lt=now - REMEMBERED).delete()
    Person.objects.passed_by(now - KEPT).delete()


@daily
def forget_old_questions():
    """An address that nobody confirmed may be somebody else's: it is not kept longer than its link is good."""
    asked = Email.objects.filter(kind=subscriptions.KIND)
    asked.filter(made_at__lt=timezone.now() - subscriptions.GOOD_FOR - subscriptions.A_DAY).delete()


@job(queue="long")
def rerender_comments():
    rerender_all(old_comments())


@at_start
def look_for_old_comments():
    if old_comments().exists():
        rerender_comments.enqueue()


def old_comments():
    return Comment.objects.filter(html_version__lt=markup.VERSION).order_by("pk")
