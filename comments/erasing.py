"""What somebody asks to be forgotten, or to be told: their comments as data, erased, or without their name."""

from django.utils.translation import gettext as _

from comments import letters, telling
from comments.models import Comment, Decision
from ground.site import absolute

ERASE, ANONYMISE = "erase", "anonymise"


def forget(comments, how, *, by=None, maker=Decision.Maker.MODERATOR):
    """Erase or anonymise all comments of the queryset, and the letters that told of them; how many."""
    numbers = list(comments.order_by().values_list("pk", flat=True))
    if not numbers:
        return 0
    comments = Comment.objects.filter(pk__in=numbers)
    letters.forget(numbers)
    telling.forget(numbers)
    count = comments.erase() if how == ERASE else comments.anonymise()
    reasons = [] if how == ERASE else [{"why": _("The names were forgotten, the texts stay.")}]
    # What is forgotten cannot be brought back: the row says that it was done, and how often.
    Decision.objects.create(by=by, maker=maker, what=Decision.What.ERASE, reasons=reasons, besides={"count": count})
    return count


def exported(comments):
    """All that is stored about these comments, for whoever wrote them."""
    comments = comments.select_related("post").prefetch_related("former_texts").order_by("posted_at", "pk")
    return [
        {
            "number": comment.pk,
            "address": absolute(comment.get_absolute_url()),
            "post": absolute(comment.post.get_absolute_url()),
            "answers": comment.parent_id,
            # Held and spam look alike to their writer, here as on the page.
            "state": "pending" if comment.state == Comment.State.SPAM else comment.state,
            "posted_at": comment.posted_at.isoformat(),
            "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
            "name": comment.name,
            "email": comment.email,
            "website": comment.url,
            "avatar": comment.avatar,
            "text": comment.text,
            "former_texts": [
                {"text": former.text, "until": former.made_at.isoformat()} for former in comment.former_texts.all()
            ],
            "browser": comment.facts.get("agent", ""),
            "network": comment.facts.get("network", ""),
        }
        for comment in comments.iterator(chunk_size=500)
    ]
