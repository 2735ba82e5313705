"""What the spam filter filed by itself, and nobody has looked at yet: it is named until somebody does."""

from dataclasses import dataclass

from django.utils import timezone

from comments.models import Comment, DiscussionSettings
from core.text import defang, shorten

SHOWN = 10  # are named; of the rest only the number is told
WORDS = 12  # of each


@dataclass(frozen=True)
class Filed:
    number: int
    comments: list  # the newest

    def __bool__(self):
        return bool(self.number)

    @property
    def newest(self):
        """When the newest of them was filed."""
        return self.comments[0].filed_at

    @property
    def more(self):
        return self.number - len(self.comments)

    @property
    def told(self):
        """For a letter: who wrote, and the first words, with nothing that a mail program could make a link of."""
        return [
            {"writer": defang(comment.writer), "words": shorten(defang(comment.text), WORDS)}
            for comment in self.comments
        ]


def unseen(since=None, until=None) -> Filed:
    """What lies in the spam because of what the filter learned: since a moment, and since somebody last looked.

    With `until` it is empty while nothing was filed before that moment, and counts all the same what came after."""
    seen = DiscussionSettings.objects.values_list("filed_seen_at", flat=True).first()
    found = Comment.objects.filter(filed_at__isnull=False)  # an index holds these alone
    for moment in filter(None, (seen, since)):
        found = found.filter(filed_at__gt=moment)
    if until and not found.filter(filed_at__lte=until).exists():
        return Filed(0, [])
    newest = list(found.select_related("post").order_by("-filed_at", "-pk")[: SHOWN + 1])
    number = len(newest) if len(newest) <= SHOWN else found.count()
    return Filed(number, newest[:SHOWN])


def all_seen(until=None):
    """Somebody has looked at everything filed so far, or until a moment. No page of readers changes by that, so none is
    made anew."""
    now = timezone.now()
    DiscussionSettings.objects.update(filed_seen_at=min(until or now, now))
