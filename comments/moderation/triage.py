"""What waits, by what it needs: questions to the author first, then the rest by post, last what is almost surely spam.

The review follows this order, the desk's first page counts by it, and two pages take many at once: likely spam as
lines, and first comments that look honest as whole texts. Everything here is a condition for the database.
"""

from django.db.models import Case, Count, F, Q, Value, When

from comments.models import Comment
from comments.models.reasons import WEAK
from comments.moderation import questions
from comments.spam import classifier

ASKS, TALKS, SPAM = 0, 1, 2
LIKELY = classifier.SPAM  # spam score; what the filter files once it is taught
LEFT_OUT = "left_out"  # in a comment's facts: somebody saw it among many, and it wants a look of its own

LOOKS_LIKE_SPAM = Q(facts__score__gte=LIKELY) | Q(reasons__0__rule="spam_by_known_traces")
# A question mark at the end of a word, in a line that is no quotation; or how a question begins, without its mark.
QUESTION = Q(text__regex=r"(^|\n)[^>\n][^\n]*([?][\s\"”»)*_]|[?]$|[？؟])") | Q(text__iregex=questions.pattern())
TO_THE_AUTHOR = Q(parent=None) | Q(parent__person__account=F("post__author"))
# Nothing but that its writer is new speaks against it, and it leads nowhere.
FIRST = Q(reasons__0__rule__in=sorted(WEAK)) & (
    Q(reasons__0__rule="hold_first_comment", reasons__1__isnull=True)
    | Q(reasons__1__rule="hold_first_comment", reasons__2__isnull=True)
)


def waiting():
    """What waits and has not been put off, in the order of the review."""
    return in_order(Comment.objects.pending().due())


def in_order(comments):
    """Annotated with `need`, and with `below`, which keeps those of one post together; questions stay as they came."""
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
    """A condition for what comes before this one, which `in_order` annotated."""
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
    """First comments against which nothing speaks, without a link, and which nobody left out before."""
    comments = waiting().filter(FIRST, need__lt=SPAM).exclude(html__contains="<a ")
    return comments.exclude(pk__in=Comment.objects.pending().filter(facts__left_out=True).values("pk"))


def counts():
    """For one line: {"number": all that wait, "spam", "asking", "later": those put off}."""
    pending = Comment.objects.pending()
    found = (
        waiting()
        .order_by()
        .aggregate(due=Count("pk"), spam=Count("pk", filter=Q(need=SPAM)), asking=Count("pk", filter=Q(need=ASKS)))
    )
    number = pending.count()
    return found | {"number": number, "later": number - found["due"]}
