"""The numbers about comments in the owner's weekly report."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from comments.models import Comment, ModerationAction


@dataclass(frozen=True)
class Week:
    """Comments posted in one week by their present state, without those of staff."""

    comments: int  # all but spam
    by_themselves: int  # published without a moderator
    by_hand: int  # approved by a moderator
    by_others: bool  # whether another moderator than the recipient approved any in this time
    spam: int
    waiting: int  # held at this moment, of any age
    oldest: datetime | None

    @property
    def days_waited(self):
        """The age of the oldest held comment in calendar days: 0 is today, 1 yesterday."""
        return (timezone.localdate() - timezone.localdate(self.oldest)).days


def week(since, until, owner) -> Week:
    ours = Q(person__account__isnull=False) & ~Q(person__account__role="reader")
    came = Comment.objects.filter(posted_at__gte=since, posted_at__lt=until).exclude(state=Comment.State.GONE)
    approved, spam = Q(state=Comment.State.APPROVED), Q(state=Comment.State.SPAM)
    numbers = came.exclude(ours).aggregate(
        comments=Count("pk", filter=~spam),
        by_themselves=Count("pk", filter=approved & Q(former_state="")),
        by_hand=Count("pk", filter=approved & ~Q(former_state="")),
        spam=Count("pk", filter=spam),
    )
    others = ModerationAction.objects.filter(
        created_at__gte=since, what=ModerationAction.What.APPROVE, by__isnull=False
    )
    pending = Comment.objects.pending()
    oldest = pending.oldest_first().values_list("posted_at", flat=True).first()
    return Week(
        **numbers, by_others=others.exclude(by=owner).exists(), waiting=pending.count() if oldest else 0, oldest=oldest
    )
