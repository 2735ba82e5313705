"""The pages behind the links in letters, for whoever holds the link: no login is asked.

Looking (GET, HEAD) changes nothing, for mail programs and scanners open every link; a button (POST) does. A link is
signed, good for two weeks and for one comment while that waits.
"""

import hashlib
from datetime import timedelta

from django.core import signing
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comments.models import Comment, Decision, Discussion

GOOD_FOR = timedelta(days=14)
HOLD_ALL = "hold 4"  # hours

signer = signing.TimestampSigner(salt="comments.letters")
switches = signing.TimestampSigner(salt="comments.switch")
DEEDS = {"approve": Decision.What.APPROVE, "spam": Decision.What.SPAM, "trash": Decision.What.TRASH}


class TooOld(Exception):
    """The link was ours, and is no more; `number` is the comment it led to."""

    def __init__(self, number=None):
        super().__init__(number)
        self.number = number


def path_for(comment):
    return reverse("comment_decide", args=[signer.sign(comment.pk)])


def path_of_the_switch():
    return reverse("comment_switch", args=[switches.sign("switch")])


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, token):
    """The answer with its buttons, or what was decided meanwhile."""
    try:
        number = number_in(token)
    except TooOld as link:
        return too_old(request, link.number)
    comment = (
        Comment.objects.exclude(state=Comment.State.GONE).select_related("post", "parent").filter(pk=number).first()
    )
    if comment is None:
        return render(request, "comments/decide_gone.html", {"page_title": _("This comment is gone")}, status=410)
    context = {"comment": comment, "page_title": _("A comment waits")}
    if request.method == "POST":
        context |= obey(comment, request.POST.get("do", ""), request.POST.get("seen", ""))
    context |= {
        "waits": comment.state == Comment.State.PENDING,
        "seen": as_seen(comment),
        "discussion": Discussion.objects.first() or Discussion(),
    }
    return render(request, "comments/decide.html", context)


def obey(comment, word, seen):
    """Do what a button says, about the comment as it was shown; what the page should add."""
    if word == "hold":
        Discussion.obey(HOLD_ALL)
    elif (what := DEEDS.get(word)) and comment.state == Comment.State.PENDING:
        if seen and seen != as_seen(comment):
            return {"edited": True}
        waiting = Comment.objects.filter(pk=comment.pk).pending()
        return {"decided": bool(comment.decided(Decision.take(what, waiting, by=None, maker=Decision.Maker.LETTER)))}
    return {}


def as_seen(comment):
    """A mark of what the page shows: its writer may edit it between the look and the button."""
    shown = "\x00".join([comment.text, comment.name, comment.url])
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request, token):
    """The red switch, from a letter about many comments."""
    try:
        switches.unsign(token, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        return too_old(request)
    except signing.BadSignature as error:
        raise Http404(_("This link is not good any more.")) from error
    if request.method == "POST":
        Discussion.obey(request.POST.get("do", ""))
    row = Discussion.objects.first() or Discussion()
    return render(request, "comments/switch.html", {"discussion": row, "page_title": _("The red switch")})


def too_old(request, number=None):
    """Its link has had its time: the desk still has everything, behind a login."""
    context = {"number": number, "page_title": _("This link is too old"), "days": GOOD_FOR.days}
    return render(request, "comments/decide_too_old.html", context, status=410)


def number_in(token):
    try:
        return int(signer.unsign(token, max_age=GOOD_FOR))
    except signing.SignatureExpired:
        raise TooOld(int(signer.unsign(token)))
    except (signing.BadSignature, ValueError) as error:
        raise Http404(_("This link is not good any more.")) from error
