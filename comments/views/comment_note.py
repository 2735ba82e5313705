"""The note beside a comment for its author: who sees it, which notification they will get, how long they may edit it.

It includes the messages that a redirect added for this comment (`core.anchored_messages`).
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment, Subscription
from comments.notifications import subscriptions
from core.email_addresses import is_deliverable


def add_notes(request, replies, said):
    """Set the `note` of these replies. `said` is {element id: messages}; those shown in a note are removed from it."""
    own = [reply for reply in all_replies(replies) if reply.awaiting or reply.minutes_left or place_of(reply) in said]
    wishes = notification_requests(request, [reply.id for reply in own if reply.awaiting])
    for reply in own:
        messages = said.pop(place_of(reply), [])
        notice, reply.tell_url = wishes.get(reply.id, ("", ""))
        sentences = [
            _("Your comment is awaiting moderation.") if reply.awaiting else "",
            _("Only you see it until then.") if reply.awaiting else "",
            *([str(message) for message in messages] or [notice]),
            edit_notice(reply.minutes_left),
        ]
        reply.note = " ".join(sentence for sentence in sentences if sentence)


def place_of(reply):
    return f"comment-{reply.id}"


def all_replies(replies):
    waiting = list(replies)
    while waiting:
        reply = waiting.pop()
        waiting += reply.children
        if not reply.removed:
            yield reply


def edit_notice(minutes):
    if not minutes:
        return ""
    said = ngettext("You can edit or delete it for %d minute.", "You can edit or delete it for %d minutes.", minutes)
    return said % minutes


def notification_requests(request, numbers):
    """{id of a held comment: (sentence about the requested notification, URL to request it)}; one of both is ""."""
    if not numbers or not subscriptions.offers()["published"]:
        return {}
    addresses = Comment.objects.filter(pk__in=numbers).exclude(email="").values_list("pk", "email")
    asked = set(Subscription.objects.filter(comment__in=numbers).values_list("comment", flat=True))
    return {
        pk: (subscriptions.notice(request, email), "") if pk in asked else ("", reverse("comment_notify", args=[pk]))
        for pk, email in addresses
        if is_deliverable(email)
    }
