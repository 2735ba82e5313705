"""Waves at the desk: "37 look alike", one press for all of them, one undo."""

from datetime import datetime

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from comments import waves
from comments.desk.piles import decision_named
from comments.models import Comment, Decision, Discussion

DEEDS = {
    "spam": Decision.What.SPAM,
    "block": Decision.What.SPAM,
    "trash": Decision.What.TRASH,
    "approve": Decision.What.APPROVE,
}


@at_the_desk("comments.moderate")
@require_safe
def groups(request):
    context = {
        "waves": waves.waves(),
        "now": timezone.now(),
        "decision": decision_named(request.GET.get("decided", "")),
    }
    return render(request, "desk/comments/groups.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """`do` for all that look alike in `by` and `value` and were there when the page was made; "block" puts their host
    on a list as well."""
    what, by, value = DEEDS.get(request.POST.get("do")), request.POST.get("by", ""), request.POST.get("value", "")
    until = moment(request.POST.get("seen", ""))
    if not (what and by and value and until):
        return redirect("desk_groups")
    comments = Comment.objects.filter(pk__in=waves.members(by, value, until))
    blocked = block(request.POST.get("host", "")) if request.POST["do"] == "block" else None
    decision = Decision.take(what, comments, by=request.user, besides=blocked)
    if decision is None:
        messages.info(request, _("Somebody has decided already; nothing was changed."))
    if blocked and blocked["words"][0][0] == "moderation_keys":
        said = _("Approved comments lead to %s as well, so from now on it holds comments instead of blocking them.")
        messages.info(request, said % blocked["words"][0][1])
    return redirect(f"{reverse('desk_groups')}{f'?decided={decision.pk}' if decision else ''}")


def block(host):
    """Put a host on the list for the trash, or for a look where honest people link to it; what a Decision keeps."""
    if not host or "\n" in host or len(host) > 253:
        return None
    honest = Comment.objects.approved().matching(f"host:{host}").exists()
    name = "moderation_keys" if honest else "disallowed_keys"
    return {"words": [[name, host]]} if Discussion.enlist(name, host) else None


def moment(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return None if timezone.is_naive(found) else found
