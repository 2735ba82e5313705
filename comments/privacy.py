"""Personal data requests: export, erase or anonymize somebody's comments."""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from blog import search
from comments.models import (
    Comment,
    CommentRevision,
    DigestLine,
    Message,
    ModerationAction,
    Report,
    StoppedAddress,
    Subscription,
)
from comments.notifications import contact_messages, owner, replies
from core import cache_version
from core.models import Email
from core.site import absolute_url

ERASE, ANONYMISE = "erase", "anonymise"
# The tables with texts, names and addresses of comments, to be purged with their indexes after a deletion.
PURGED_MODELS = (
    Comment,
    CommentRevision,
    Message,
    Report,
    Subscription,
    StoppedAddress,
    DigestLine,
    ModerationAction,
    Email,
)

EraseHandler = Callable[[Iterable[str]], None]
ERASURE_HANDLERS: list[EraseHandler] = []


def when_erased(function: EraseHandler) -> EraseHandler:
    """Decorator: call `function(addresses)` when the data of these email addresses are erased or anonymized."""
    ERASURE_HANDLERS.append(function)
    return function


def forget_addresses(*addresses):
    """Erase what is stored under these email addresses outside of comments and subscriptions."""
    for function in ERASURE_HANDLERS:
        function(addresses)


def forget(comments, how, *, by=None, maker=ModerationAction.Maker.MODERATOR):
    """Erase or anonymize (`how`) the comments of a queryset and delete the emails that quote them; returns how many."""
    numbers = list(comments.order_by().values_list("pk", flat=True))
    if not numbers:
        return 0
    comments = Comment.objects.filter(pk__in=numbers)
    owner.forget(numbers)
    replies.forget(numbers)
    count = comments.erase() if how == ERASE else comments.anonymise()
    search.purge.enqueue([*(model._meta.db_table for model in PURGED_MODELS), *search.TABLES])
    reasons = [] if how == ERASE else [{"why": _("The names were removed; the texts stay.")}]
    # This cannot be undone: the row only records that it was done, and for how many comments.
    ModerationAction.objects.create(
        by=by, maker=maker, what=ModerationAction.What.ERASE, reasons=reasons, side_effects={"count": count}
    )
    return count


def forget_messages(found, *, by=None, maker=None):
    """Delete the messages of a queryset and the emails that quote them; returns how many. They are no part of a
    conversation, so that nothing of them is kept without the name. With a `maker` the history tells of it."""
    numbers = list(found.order_by().values_list("pk", flat=True))
    if numbers:
        contact_messages.forget(numbers)
        Message.objects.filter(pk__in=numbers).delete()
        search.purge.enqueue([Message._meta.db_table, Email._meta.db_table])
        cache_version.invalidate(cache_version.DESK)  # the mirror has them as well
        if maker:
            erased = {"count": len(numbers), "messages": []}
            ModerationAction.objects.create(by=by, maker=maker, what=ModerationAction.What.ERASE, side_effects=erased)
    return len(numbers)


def facts_of(row):
    return {"browser": row.facts.get("agent", ""), "network": row.facts.get("network", "")}


def exported_messages(found, *, facts=True):
    """Everything stored about these messages, for their sender, as a list of dicts. Like `exported`, it does not tell
    what was filed as spam."""
    return [
        {
            "number": message.pk,
            "page": absolute_url(message.post.get_absolute_url()) if message.post else None,
            "sent_at": message.posted_at.isoformat(),
            "name": message.name,
            "email": message.email,
            "text": message.text,
        }
        | (facts_of(message) if facts else {})
        for message in found.select_related("post").order_by("posted_at", "pk")
    ]


def exported(comments, *, facts=True):
    """Everything stored about these comments, for their author, as a list of dicts.

    `facts`: include user agent and network."""
    comments = comments.select_related("post").prefetch_related("revisions").order_by("posted_at", "pk")
    return [
        {
            "number": comment.pk,
            "address": absolute_url(comment.get_absolute_url()),
            "post": absolute_url(comment.post.get_absolute_url()),
            "in_reply_to": comment.parent_id,
            # To its author, spam looks like a held comment, as it does on the page.
            "state": "pending" if comment.state == Comment.State.SPAM else comment.state,
            "posted_at": comment.posted_at.isoformat(),
            "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
            "name": comment.name,
            "email": comment.email,
            "website": comment.url,
            "avatar": comment.avatar,
            "text": comment.text,
            "former_texts": [
                {"text": former.text, "until": former.created_at.isoformat()} for former in comment.revisions.all()
            ],
        }
        | (facts_of(comment) if facts else {})
        for comment in comments.iterator(chunk_size=500)
    ]
