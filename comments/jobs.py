"""Scheduled tasks: daily deletion, and rerendering of comments whose HTML is from an older renderer."""

from datetime import timedelta

from django.utils import timezone

from blog import markup
from comments import privacy
from comments.models import Comment, DiscussionSettings, Message, ModerationAction, Person
from comments.notifications import subscriptions
from core.jobs import at_start, daily, is_queued, job
from core.models import Email
from core.rerender import rerender_all

KEPT = timedelta(days=30)  # in trash and spam, as WordPress keeps its trash
REMEMBERED = timedelta(days=365)  # moderation actions of the rules
AT_ONCE = 2000


@daily
def empty_trash_and_spam():
    """Erase comments and messages that were in trash or spam for `KEPT`, and erased comments whose replies are gone."""
    Comment.objects.rejected_before(timezone.now() - KEPT).erase_by_parts(AT_ONCE)
    Comment.objects.empty_places().erase_by_parts(AT_ONCE)
    privacy.forget_messages(Message.objects.rejected_before(timezone.now() - KEPT))


@daily
def delete_old_facts():
    """Delete user agent and network of older comments and messages: they serve to detect recent spam and are personal
    data."""
    old = timezone.now() - timedelta(days=DiscussionSettings.now().facts_days)
    Comment.objects.filter(posted_at__lt=old).exclude(facts={}).update(facts={})
    Message.objects.filter(posted_at__lt=old).exclude(facts={}).update(facts={})


@daily
def delete_orphans():
    """Delete the rules' moderation actions after a year, and browsers without comments and trust settings."""
    now = timezone.now()
    ModerationAction.objects.filter(maker=ModerationAction.Maker.RULES, created_at__lt=now - REMEMBERED).delete()
    Person.objects.passed_by(now - KEPT).delete()


@daily
def forget_old_questions():
    """Delete confirmation emails after their links have expired: an unconfirmed address may be somebody else's."""
    asked = Email.objects.filter(kind=subscriptions.KIND)
    asked.filter(created_at__lt=timezone.now() - subscriptions.MAX_AGE - subscriptions.A_DAY).delete()


@job(queue="long")
def rerender_comments():
    rerender_all(old_comments())


@at_start
def look_for_old_comments():
    if old_comments().exists() and not is_queued(rerender_comments):
        rerender_comments.enqueue()


def old_comments():
    return Comment.objects.filter(html_version__lt=markup.VERSION).order_by("pk")
