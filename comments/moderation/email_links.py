"""The pages behind the moderation links in emails. The signed link is the permission: no login is needed.

GET and HEAD change nothing, because mail programs and scanners open every link; only a POST does. A link is valid for
two weeks, and for one comment as long as it is held. After a decision, a link of a digest leads to the next held
comment of the same email. What was decided here can be undone here.
"""

import hashlib
from datetime import timedelta

from django.core import signing
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comments.models import Comment, DigestLine, DiscussionSettings, ModerationAction
from core.site import in_desk_language

MAX_AGE = timedelta(days=14)
HOLD_ALL = "hold 4"  # hours

signer = signing.TimestampSigner(salt="comments.notifications.owner")
switches = signing.TimestampSigner(salt="comments.switch")
undos = signing.TimestampSigner(salt="comments.notifications.owner.undo")
ACTIONS = {
    "approve": ModerationAction.What.APPROVE,
    "spam": ModerationAction.What.SPAM,
    "trash": ModerationAction.What.TRASH,
}


class LinkExpired(Exception):
    """The link's signature is valid, but it has expired; `number` is the id of its comment."""

    def __init__(self, number=None):
        super().__init__(number)
        self.number = number


def moderation_path(number, line=None):
    """The path of the page for one comment; `line` is the id of its DigestLine if the email is a digest."""
    return reverse("comment_decide", args=[signer.sign(f"{number}-{line}" if line else number)])


def hold_all_path():
    return reverse("emergency_switch", args=[switches.sign("switch")])


@never_cache
@in_desk_language
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, token):
    """Show the comment with buttons to approve it, mark it as spam or trash it; or what was decided since."""
    try:
        number, line = read_token(token)
    except LinkExpired as link:
        return expired_page(request, link.number)
    if request.method == "POST" and request.POST.get("do") == "undo":
        return undo(request, token, line)
    comment = (
        Comment.objects.exclude(state=Comment.State.GONE).select_related("post", "parent").filter(pk=number).first()
    )
    if comment is None:
        return render(request, "comments/decide_gone.html", {"page_title": _("This comment is gone")}, status=410)
    undone = request.method != "POST" and "undone" in request.GET
    context = {"comment": comment, "page_title": _("Moderate a comment"), "undone": undone}
    if request.method == "POST":
        context |= apply_form(comment, request.POST)
    waiting = DigestLine.objects.still_waiting_with(line) if line else []
    following = [each for each in waiting if each[0] != number]
    after = next((each for each in following if each[1] > line), None) or next(iter(following), None)
    if context.get("decided") and after:
        undo_token = undos.sign(context["decided"].pk)
        return HttpResponseRedirect(f"{moderation_path(*after)}?{urlencode({'did': undo_token})}", status=303)
    did = context.get("decided") or action_from_token(request.GET.get("did", ""))
    context |= {
        "did": did,
        "undo": undos.sign(did.pk) if did else "",
        "left": len(following),
        "next": moderation_path(*after) if after else "",
        "waits": comment.state == Comment.State.PENDING,
        "seen": content_hash(comment),
        "discussion": DiscussionSettings.objects.first() or DiscussionSettings(),
    }
    return render(request, "comments/decide.html", context)


def apply_form(comment, form):
    """Do what the button says, unless the comment was edited since it was shown; returns additions to the context."""
    word, seen = form.get("do", ""), form.get("seen", "")
    if word == "hold":
        DiscussionSettings.apply_command(HOLD_ALL, saw=form.get("saw"))
    elif (what := ACTIONS.get(word)) and comment.state == Comment.State.PENDING:
        if seen and seen != content_hash(comment):
            return {"edited": True}
        waiting = Comment.objects.filter(pk=comment.pk).pending()
        return {
            "decided": comment.decided(
                ModerationAction.take(what, waiting, by=None, maker=ModerationAction.Maker.EMAIL_LINK)
            )
        }
    return {}


def undo(request, token, line):
    """Undo an action taken through an email link, and show that comment again."""
    decision = action_from_token(request.POST.get("did", ""))
    if decision is None or not decision.undo():
        return HttpResponseRedirect(reverse("comment_decide", args=[token]), status=303)
    number = decision.comment_ids[0]
    line = DigestLine.objects.beside(line, number) if line else None
    return HttpResponseRedirect(f"{moderation_path(number, line)}?undone=1", status=303)


def action_from_token(token):
    """The moderation action behind a signed undo token, or None if it is invalid, expired or already undone."""
    try:
        number = undos.unsign(token, max_age=MAX_AGE)
    except signing.BadSignature:
        return None
    return ModerationAction.objects.standing().filter(pk=number, maker=ModerationAction.Maker.EMAIL_LINK).first()


def content_hash(comment):
    """A hash of what the page shows, to detect that the author edited the comment before the button was pressed."""
    shown = "\x00".join([comment.text, comment.name, comment.url])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


@never_cache
@in_desk_language
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request, token):
    """Hold or close all comments, from a link in an email about many comments."""
    try:
        switches.unsign(token, max_age=MAX_AGE)
    except signing.SignatureExpired:
        return expired_page(request)
    except signing.BadSignature as error:
        raise Http404(_("This link no longer works.")) from error
    late = False
    if request.method == "POST":
        saw = request.POST.get("saw")
        applied = DiscussionSettings.apply_command(request.POST.get("do", ""), saw=saw)
        late = not applied and saw not in (None, DiscussionSettings.objects.get().switch_mark)
    row = DiscussionSettings.objects.first() or DiscussionSettings()
    context = {"discussion": row, "late": late, "page_title": _("Hold or close comments")}
    return render(request, "comments/switch.html", context)


def expired_page(request, number=None):
    """The page for an expired link; it leads to the desk, which requires a login."""
    context = {"number": number, "page_title": _("This link has expired"), "days": MAX_AGE.days}
    return render(request, "comments/decide_expired.html", context, status=410)


def read_token(token):
    """(comment id, DigestLine id or None) of a link. Raises LinkExpired if it has expired, Http404 if it is invalid."""
    try:
        number, _dash, line = signer.unsign(token, max_age=MAX_AGE).partition("-")
        return int(number), int(line) if line else None
    except signing.SignatureExpired:
        raise LinkExpired(int(signer.unsign(token).partition("-")[0]))
    except (signing.BadSignature, ValueError) as error:
        raise Http404(_("This link no longer works.")) from error
