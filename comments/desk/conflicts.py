"""Concurrent moderation: a comment that was moderated or edited since the page was made is reported, not overridden,
and so is a message of a contact form that was moderated.

A form contains `saw`, one value for each comment or message on the page: its id, its state and a hash of its text.
"""

import hashlib
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.desk.filters import ACTIONS
from comments.models import Comment, Message, ModerationAction
from core.row_ids import row_id, row_ids
from core.text import isolated

# %(who)s is from `moderator_name`, %(when)s from `ago`.
MESSAGES = {
    ModerationAction.What.APPROVE: gettext_lazy("%(who)s approved this %(when)s."),
    ModerationAction.What.HOLD: gettext_lazy("%(who)s unapproved this %(when)s."),
    ModerationAction.What.SPAM: gettext_lazy("%(who)s marked this as spam %(when)s."),
    ModerationAction.What.TRASH: gettext_lazy("%(who)s moved this to the trash %(when)s."),
    ModerationAction.What.RESTORE: gettext_lazy("%(who)s restored this %(when)s."),
    ModerationAction.What.ACCEPT: gettext_lazy("%(who)s marked this as not spam %(when)s."),
    ModerationAction.What.DONE: gettext_lazy("%(who)s marked this as done %(when)s."),
    ModerationAction.What.REOPEN: gettext_lazy("%(who)s marked this as not done %(when)s."),
}
RESULTING_STATE = {"approve": "approved", "unapprove": "pending", "spam": "spam", "trash": "trash"}
MAX_DIFFERENCE = timedelta(seconds=10)  # maximum difference between `state_since` and the action's `created_at`
MAX_SEARCHED = 200  # latest actions searched
MAX_DESCRIBED = 3  # skipped comments described in a message


def shown_version(comment):
    """The `saw` value: "id:state:hash of text, name and website" of a comment; a message has no website."""
    website = [] if isinstance(comment, Message) else [comment.url]
    words = "\x00".join([comment.text, comment.name, *website])
    return f"{comment.pk}:{comment.state}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def changed_since(request, comments):
    """The comments or messages that differ from what the page showed; one without a `saw` value counts as unchanged."""
    saw = {mark.partition(":")[0]: mark for mark in request.POST.getlist("saw")}
    return [
        comment for comment in comments if saw.get(str(comment.pk), shown_version(comment)) != shown_version(comment)
    ]


def ids_with_version(request):
    """The ids of the comments or messages with a `saw` value."""
    return row_ids(mark.partition(":")[0] for mark in request.POST.getlist("saw"))


def skipped_message(changed, user):
    """What is said about skipped comments or messages, with details about the first of them."""
    if isinstance(changed[0], Message):
        said = ngettext(
            "%d message was skipped: somebody has moderated it since you opened this page.",
            "%d messages were skipped: somebody has moderated them since you opened this page.",
            len(changed),
        )
    else:
        said = ngettext(
            "%d comment was skipped: somebody has moderated or edited it since you opened this page.",
            "%d comments were skipped: somebody has moderated or edited them since you opened this page.",
            len(changed),
        )
    each = [f"{isolated(comment.writer)}: {change_message(comment, user)}" for comment in changed[:MAX_DESCRIBED]]
    return " ".join([said % len(changed), *each])


def place_of(comment):
    """The comment's place as "post.parent", to detect in the form for moving that it was moved concurrently."""
    return f"{comment.post_id}.{comment.parent_id or 0}"


def has_same_text(request, comment):
    """Whether text, name and website are as the page showed them, whatever the state."""
    return any(mark.endswith(shown_version(comment).rpartition(":")[2]) for mark in request.POST.getlist("saw"))


def conflict_from_query(request):
    """The context of the notice about a conflict, or None. In the query string, `conflict` is the comment's id and
    `wanted` the intended action."""
    number, action = row_id(request.GET.get("conflict")), request.GET.get("wanted", "")
    if number is None or action not in ACTIONS:
        return None
    comment = Comment.objects.exclude(state=Comment.State.GONE).filter(pk=number).first()
    return comment and conflict_context(comment, request.user, action)


def conflict_context(comment, user, action="", *, moved=False):
    return {
        "comment": comment,
        "said": change_message(comment, user, moved=moved),
        "action": "" if RESULTING_STATE.get(action) == comment.state else action,
        "label": _("%s anyway") % ACTIONS[action] if action else "",
    }


def change_message(comment, user, *, moved=False):
    """A sentence about the last moderation or edit of a comment or message, or with `moved` of its last move: who and
    when."""
    if moved:
        decision = last_move(comment)
        if decision is None:
            return _("Somebody has moved this in the meantime.")
        said = {"who": moderator_name(decision, user), "when": ago(decision.created_at)}
        return _("%(who)s moved this %(when)s.") % said
    decision = last_decision(comment)
    former = None if isinstance(comment, Message) else comment.revisions.select_related("by").first()
    if former and former.created_at > comment.state_since:
        who = user_name(former.by, user) if former.by else _("The commenter")
        return _("%(who)s edited this %(when)s.") % {"who": who, "when": ago(former.created_at)}
    if decision is None:
        return _("This was changed %(when)s.") % {"when": ago(comment.state_since)}
    if decision.undone_at and isinstance(comment, Message):
        return _("The moderation of this message was undone %(when)s.") % {"when": ago(decision.undone_at)}
    if decision.undone_at:
        return _("The moderation of this comment was undone %(when)s.") % {"when": ago(decision.undone_at)}
    return MESSAGES[decision.what] % {"who": moderator_name(decision, user), "when": ago(decision.created_at)}


def last_decision(comment):
    since = comment.state_since - MAX_DIFFERENCE
    found = ModerationAction.objects.filter(created_at__gt=since) | ModerationAction.objects.filter(undone_at__gt=since)
    for decision in found.select_related("by").newest_first()[:MAX_SEARCHED]:
        moved = decision.message_ids if isinstance(comment, Message) else [item[0] for item in decision.items]
        if decision.what in MESSAGES and comment.pk in moved:
            return decision
    return None


def last_move(comment):
    for decision in (
        ModerationAction.objects.filter(what=ModerationAction.What.MOVE)
        .select_related("by")
        .newest_first()[:MAX_SEARCHED]
    ):
        if comment.pk in decision.comment_ids:
            return decision
    return None


def moderator_name(decision, user):
    if decision.by:
        return user_name(decision.by, user)
    makers = {
        ModerationAction.Maker.RULES: _("The rules"),
        ModerationAction.Maker.WRITER: _("The commenter"),
        ModerationAction.Maker.EMAIL_LINK: _("Somebody with the link in an email"),
    }
    return makers.get(decision.maker) or _("Somebody")


def user_name(somebody, user):
    return _("You") if somebody == user else str(somebody.name)


def ago(moment):
    return _("just now") if timezone.now() - moment < timedelta(seconds=20) else naturaltime(moment)
