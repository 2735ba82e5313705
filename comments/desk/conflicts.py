"""Concurrent moderation: a comment that was moderated or edited since the page was made is reported, not overridden.

A form contains `saw`, one value for each comment on the page: its id, its state and a hash of its text.
"""

import hashlib
from datetime import timedelta

from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from comments.desk.filters import DEEDS
from comments.models import Comment, ModerationAction
from core.row_ids import row_id, row_ids
from core.text import isolated

# %(who)s is from `maker_of`, %(when)s from `ago`.
SAID = {
    ModerationAction.What.APPROVE: gettext_lazy("%(who)s approved this %(when)s."),
    ModerationAction.What.HOLD: gettext_lazy("%(who)s unapproved this %(when)s."),
    ModerationAction.What.SPAM: gettext_lazy("%(who)s marked this as spam %(when)s."),
    ModerationAction.What.TRASH: gettext_lazy("%(who)s moved this to the trash %(when)s."),
    ModerationAction.What.RESTORE: gettext_lazy("%(who)s restored this %(when)s."),
}
LEADS_TO = {"approve": "approved", "unapprove": "pending", "spam": "spam", "trash": "trash"}
AROUND = timedelta(seconds=10)  # maximum difference between `state_since` and the action's `made_at`
LOOKED_AT = 200  # latest actions searched
NAMED = 3  # skipped comments described in a message


def mark_of(comment):
    """The `saw` value of a comment: "id:state:hash of text, name and website"."""
    words = "\x00".join([comment.text, comment.name, comment.url])
    return f"{comment.pk}:{comment.state}:{hashlib.sha256(words.encode()).hexdigest()[:16]}"


def changed_since(request, comments):
    """The comments that differ from what the page showed; those without a `saw` value count as unchanged."""
    saw = {mark.partition(":")[0]: mark for mark in request.POST.getlist("saw")}
    return [comment for comment in comments if saw.get(str(comment.pk), mark_of(comment)) != mark_of(comment)]


def numbers_seen(request):
    """The ids of the comments with a `saw` value."""
    return row_ids(mark.partition(":")[0] for mark in request.POST.getlist("saw"))


def left_alone(changed, user):
    """The message about skipped comments, with details about the first of them."""
    said = ngettext(
        "%d comment was skipped: somebody has moderated or edited it since you opened this page.",
        "%d comments were skipped: somebody has moderated or edited them since you opened this page.",
        len(changed),
    )
    each = [f"{isolated(comment.writer)}: {said_about(comment, user)}" for comment in changed[:NAMED]]
    return " ".join([said % len(changed), *each])


def place_of(comment):
    """The comment's place as "post.parent", to detect in the form for moving that it was moved concurrently."""
    return f"{comment.post_id}.{comment.parent_id or 0}"


def says_the_same(request, comment):
    """Whether text, name and website are as the page showed them, whatever the state."""
    return any(mark.endswith(mark_of(comment).rpartition(":")[2]) for mark in request.POST.getlist("saw"))


def conflict_named(request):
    """The context of the notice about a conflict, or None. In the query string, `conflict` is the comment's id and
    `wanted` the intended action."""
    number, deed = row_id(request.GET.get("conflict")), request.GET.get("wanted", "")
    if number is None or deed not in DEEDS:
        return None
    comment = Comment.objects.exclude(state=Comment.State.GONE).filter(pk=number).first()
    return comment and conflict(comment, request.user, deed)


def conflict(comment, user, deed="", *, moved=False):
    return {
        "comment": comment,
        "said": said_about(comment, user, moved=moved),
        "deed": "" if LEADS_TO.get(deed) == comment.state else deed,
        "label": _("%s anyway") % DEEDS[deed] if deed else "",
    }


def said_about(comment, user, *, moved=False):
    """A sentence about the last moderation or edit of the comment, or with `moved` its last move: who and when."""
    if moved:
        decision = last_move(comment)
        if decision is None:
            return _("Somebody has moved this in the meantime.")
        said = {"who": maker_of(decision, user), "when": ago(decision.made_at)}
        return _("%(who)s moved this %(when)s.") % said
    decision, former = last_decision(comment), comment.former_texts.select_related("by").first()
    if former and former.made_at > comment.state_since:
        who = name_of(former.by, user) if former.by else _("The commenter")
        return _("%(who)s edited this %(when)s.") % {"who": who, "when": ago(former.made_at)}
    if decision is None:
        return _("This was changed %(when)s.") % {"when": ago(comment.state_since)}
    if decision.undone_at:
        return _("The moderation of this comment was undone %(when)s.") % {"when": ago(decision.undone_at)}
    return SAID[decision.what] % {"who": maker_of(decision, user), "when": ago(decision.made_at)}


def last_decision(comment):
    since = comment.state_since - AROUND
    found = ModerationAction.objects.filter(made_at__gt=since) | ModerationAction.objects.filter(undone_at__gt=since)
    for decision in found.select_related("by").newest_first()[:LOOKED_AT]:
        if decision.what in SAID and any(item[0] == comment.pk for item in decision.items):
            return decision
    return None


def last_move(comment):
    for decision in (
        ModerationAction.objects.filter(what=ModerationAction.What.MOVE).select_related("by").newest_first()[:LOOKED_AT]
    ):
        if comment.pk in decision.comment_ids:
            return decision
    return None


def maker_of(decision, user):
    if decision.by:
        return name_of(decision.by, user)
    makers = {
        ModerationAction.Maker.RULES: _("The rules"),
        ModerationAction.Maker.WRITER: _("The commenter"),
        ModerationAction.Maker.LETTER: _("Somebody with the link in an email"),
    }
    return makers.get(decision.maker) or _("Somebody")


def name_of(somebody, user):
    return _("You") if somebody == user else str(somebody.name)


def ago(moment):
    return _("just now") if timezone.now() - moment < timedelta(seconds=20) else naturaltime(moment)
