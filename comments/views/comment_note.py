"""The one note beside a comment, for whoever wrote it: who sees it, of what they will be told, how long they may edit.

What a redirect says of the comment (`core.anchored_messages`) stands in it too, so that nobody has to look elsewhere.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from comments.models import Comment, Subscription
from comments.notifications import subscriptions
from core.email_addresses import is_deliverable


def write(request, replies, said):
    """Give these replies their notes; `said` is {id of an element: messages}. What stands beside none is left in it."""
    own = [reply for reply in everyone(replies) if reply.awaiting or reply.minutes_left or place_of(reply) in said]
    wishes = wishes_of(request, [reply.id for reply in own if reply.awaiting])
    for reply in own:
        messages = said.pop(place_of(reply), [])
        notice, reply.tell_url = wishes.get(reply.id, ("", ""))
        sentences = [
            _("Your comment is awaiting moderation.") if reply.awaiting else "",
            _("Only you see it until then.") if reply.awaiting else "",
            *([str(message) for message in messages] or [notice]),
            may_edit(reply.minutes_left),
        ]
        reply.note = " ".join(sentence for sentence in sentences if sentence)


def place_of(reply):
    return f"comment-{reply.id}"


def everyone(replies):
    waiting = list(replies)
    while waiting:
        reply = waiting.pop()
        waiting += reply.children
        if not reply.removed:
            yield reply


def may_edit(minutes):
    if not minutes:
        return ""
    said = ngettext("You can edit or delete it for %d minute.", "You can edit or delete it for %d minutes.", minutes)
    return said % minutes


def wishes_of(request, numbers):
    """{number of a comment that waits: (what its writer will be told, where they may ask for it)}."""
    if not numbers or not subscriptions.offers()["published"]:
        return {}
    addresses = Comment.objects.filter(pk__in=numbers).exclude(email="").values_list("pk", "email")
    asked = set(Subscription.objects.filter(comment__in=numbers).values_list("comment", flat=True))
    return {
        pk: (subscriptions.notice(request, email), "") if pk in asked else ("", reverse("comment_tell", args=[pk]))
        for pk, email in addresses
        if is_deliverable(email)
    }
