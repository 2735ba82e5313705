"""Comments that the classifier marked as spam without a moderator, listed until somebody has looked at them."""

from dataclasses import dataclass

from django.utils import timezone

from comments.models import Comment, DiscussionSettings
from core.text import defang, shorten

SHOWN = 10  # comments listed; the rest are only counted
WORDS = 12  # quoted of each


@dataclass(frozen=True)
class FiledSpam:
    number: int
    comments: list  # the newest

    def __bool__(self):
        return bool(self.number)

    @property
    def newest(self):
        """When the newest of them was marked as spam."""
        return self.comments[0].filed_at

    @property
    def more(self):
        return self.number - len(self.comments)

    @property
    def excerpts(self):
        """For an email: author and first words, defanged so that mail programs turn nothing into a link."""
        return [
            {"writer": defang(comment.writer), "words": shorten(defang(comment.text), WORDS)}
            for comment in self.comments
        ]


def unseen(since=None, until=None) -> FiledSpam:
    """Comments that the classifier marked as spam since `since`, and since a moderator last looked at them.

    With `until`, the result is empty unless one was marked by that moment; later ones are then counted as well."""
    seen = DiscussionSettings.objects.values_list("filed_seen_at", flat=True).first()
    found = Comment.objects.filter(filed_at__isnull=False)  # an index holds these alone
    for moment in filter(None, (seen, since)):
        found = found.filter(filed_at__gt=moment)
    if until and not found.filter(filed_at__lte=until).exists():
        return FiledSpam(0, [])
    newest = list(found.select_related("post").order_by("-filed_at", "-pk")[: SHOWN + 1])
    number = len(newest) if len(newest) <= SHOWN else found.count()
    return FiledSpam(number, newest[:SHOWN])


def mark_all_seen(until=None):
    """Record that a moderator has seen everything marked as spam so far, or until `until`.

    Uses `update()`, because no public page changes and the cache version must not rise."""
    now = timezone.now()
    DiscussionSettings.objects.update(filed_seen_at=min(until or now, now))
