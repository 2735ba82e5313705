"""Letters to the owner about answers that wait, and the page to which they lead.

The link shows the answer (GET) and decides about it (POST): mail programs that follow links change nothing. It is
signed, lives two weeks, and is good for one answer while that waits. A letter holds no link of the writer's making.
"""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core import signing
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from comments.models import Comment, Decision, Discussion
from ground import mail
from ground.models import Letter
from ground.site import absolute, site

KIND = "comment held"
GOOD_FOR = timedelta(days=14)
AN_HOUR = 3  # letters; a flood of answers must not become a flood of mail

signer = signing.TimestampSigner(salt="comments.letters")
switches = signing.TimestampSigner(salt="comments.switch")
DEEDS = {"approve": Decision.What.APPROVE, "spam": Decision.What.SPAM, "trash": Decision.What.TRASH}


def write_about(comment):
    """Tell the owners of an answer that waits, in the transaction that stores it."""
    if comment.state != Comment.State.PENDING or not Discussion.now().mail_held:
        return
    for owner in get_user_model().objects.filter(role="owner", is_active=True).exclude(email=None):
        written = Letter.objects.filter(kind=KIND, to=owner.email, made_at__gt=timezone.now() - timedelta(hours=1))
        if written.count() < AN_HOUR:
            mail.write(
                to=owner.email,
                subject=_("[%(site)s] Please moderate: “%(post)s”") % {"site": site().title, "post": comment.post},
                text=letter_text(comment, last=written.count() == AN_HOUR - 1),
                kind=KIND,
                key=f"comment {comment.pk} held, to {owner.pk}",
            )


def forget(numbers):
    """Take the letters that quote these comments out of the ledger."""
    for number in numbers:
        Letter.objects.filter(kind=KIND, key__startswith=f"comment {number} held,").delete()


def letter_text(comment, *, last):
    context = {
        "comment": comment,
        "lines": comment.text.splitlines(),
        "post_url": absolute(comment.post.get_absolute_url()),
        "decide_url": absolute(reverse("comment_decide", args=[signer.sign(comment.pk)])),
        "queue_url": absolute(reverse("desk_stack")),
        "switch_url": absolute(reverse("comment_switch", args=[switches.sign("switch")])),
        "waiting": Comment.objects.pending().count(),
        "last": last,
    }
    return render_to_string("comments/mail/held.txt", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, token):
    """What a letter's link opens: the answer with three buttons, or what was decided meanwhile."""
    comment = get_object_or_404(Comment.objects.select_related("post"), pk=number_in(token))
    deed = DEEDS.get(request.POST.get("do"))
    if request.method == "POST" and deed and comment.state == Comment.State.PENDING:
        comment.decided(Decision.take(deed, Comment.objects.filter(pk=comment.pk).pending(), by=None, maker="letter"))
    context = {"comment": comment, "waits": comment.state == Comment.State.PENDING, "page_title": _("A comment waits")}
    return render(request, "comments/decide.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def switch(request, token):
    """What the other link opens: the red switch, without a login. Looking at it throws nothing."""
    try:
        switches.unsign(token, max_age=GOOD_FOR)
    except signing.BadSignature as error:
        raise Http404(_("This link is not good any more.")) from error
    if request.method == "POST":
        Discussion.obey(request.POST.get("do", ""))
    row = Discussion.objects.first() or Discussion()
    return render(request, "comments/switch.html", {"discussion": row, "page_title": _("The red switch")})


def number_in(token):
    try:
        return int(signer.unsign(token, max_age=GOOD_FOR))
    except (signing.BadSignature, ValueError) as error:
        raise Http404(_("This link is not good any more.")) from error
