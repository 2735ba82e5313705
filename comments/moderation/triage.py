"""The order of held comments: questions to the author first, then the others by post, likely spam last.

The review page follows this order, and the dashboard counts by it. Two pages decide about many comments at once:
likely spam, and first comments without signs of spam. All conditions are evaluated by the database, of the OLDEST
held comments: reading the texts of 100,000 would take minutes. The next ones follow as these are decided.
"""

from django.db.models import Case, Count, F, Q, Value, When

from comments.models import Comment
from comments.models.reasons import WEAK
from comments.moderation import questions
from comments.spam import classifier
from core.pagination import COUNTED, count_up_to

ASKS, TALKS, SPAM = 0, 1, 2
OLDEST = 1_000
LIKELY = classifier.SPAM  # the score from which a classifier with enough training examples marks as spam
LEFT_OUT = "left_out"  # key in a comment's facts: left out of a bulk action, to be reviewed by itself

LOOKS_LIKE_SPAM = Q(facts__score__gte=LIKELY) | Q(reasons__0__rule="spam_by_known_traces")
# A question mark after a word in a line that is not quoted, or the opening of a question without a question mark.
QUESTION = Q(text__regex=r"(^|\n)[^>\n][^\n]*([?][\s\"”»)*_]|[?]$|[？؟])") | Q(text__iregex=questions.pattern())
TO_THE_AUTHOR = Q(parent=None) | Q(parent__person__account=F("post__author"))
# Held only because it is the commenter's first comment, or because every comment is held as well.
FIRST_COMMENT = Q(reasons__0__rule__in=sorted(WEAK)) & (
    Q(reasons__0__rule="hold_first_comment", reasons__1__isnull=True)
    | Q(reasons__1__rule="hold_first_comment", reasons__2__isnull=True)
)


def waiting():
    """The oldest held comments that are not postponed, in the order of the review."""
    return in_order(Comment.objects.filter(pk__in=Comment.objects.pending().due().oldest_first().values("pk")[:OLDEST]))


def in_order(comments):
    """The queryset ordered for the review, annotated with `need` (ASKS, TALKS or SPAM) and `below`.

    `below` keeps the comments of one post together, newest post first; questions and likely spam are ordered by time.
    """
    need = Case(
        When(Q(facts__left_out=True), then=Value(TALKS)),
        When(LOOKS_LIKE_SPAM, then=Value(SPAM)),
        When(QUESTION & TO_THE_AUTHOR, then=Value(ASKS)),
        default=Value(TALKS),
    )
    comments = comments.annotate(need=need)
    comments = comments.annotate(below=Case(When(need=TALKS, then=-F("post")), default=Value(0)))
    return comments.order_by("need", "below", "posted_at", "pk")


def before(comment):
    """A Q for the comments before this one, which must be annotated by `in_order`."""
    return beyond(comment, "lt")


def behind(comment):
    return beyond(comment, "gt")


def beyond(comment, how):
    found, same = Q(), Q()
    for name in ("need", "below", "posted_at", "pk"):
        value = getattr(comment, name)
        found |= same & Q(**{f"{name}__{how}": value})
        same &= Q(**{name: value})
    return found


def likely_spam():
    return waiting().filter(need=SPAM).order_by("posted_at", "pk")


def honest_first_comments():
    """First comments without other signs of spam and without links, except those left out of a bulk action before."""
    comments = waiting().filter(FIRST_COMMENT, need__lt=SPAM).exclude(html__contains="<a ")
    return comments.exclude(pk__in=Comment.objects.pending().filter(facts__left_out=True).values("pk"))


def counts():
    """Numbers of held comments: {"number": all, "later": postponed}, both for `shown_count`, and {"spam", "asking"}:
    among the oldest, if `of` says how many these are; it is 0 if they are all."""
    number, later = count_up_to(Comment.objects.pending()), count_up_to(Comment.objects.postponed())
    found = waiting().order_by().values_list("need").annotate(Count("pk")).values_list("need", "pk__count")
    needs = dict(found)
    spam, asking = needs.get(SPAM, 0), needs.get(ASKS, 0)
    of = OLDEST if (spam or asking) and number - later > OLDEST else 0
    return {"number": number, "later": later, "spam": spam, "asking": asking, "of": of}


def count_due():
    """The number of held comments that are not postponed, for `shown_count`."""
    number = count_up_to(Comment.objects.pending())
    return number if number > COUNTED else number - Comment.objects.postponed().count()
