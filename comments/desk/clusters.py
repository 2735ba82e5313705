"""The page of clusters: similar comments, with one action and one undo for all that are selected."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from comments.desk.conflicts import changed_since, left_alone, numbers_seen
from comments.desk.filters import decision_named, moment
from comments.models import Comment, DiscussionSettings, ModerationAction
from comments.moderation import clusters, rehearsal
from core.row_ids import row_ids
from core.text import isolated

PER_PAGE = 5
DEEDS = {
    "spam": ModerationAction.What.SPAM,
    "block": ModerationAction.What.SPAM,
    "trash": ModerationAction.What.TRASH,
    "approve": ModerationAction.What.APPROVE,
}


@at_the_desk("comments.moderate")
@require_safe
def groups(request):
    page = Paginator(clusters.waves(), PER_PAGE).get_page(request.GET.get("page"))
    rehearse_the_blocks(page.object_list)
    context = {
        "page": page,
        "waves": page.object_list,
        "now": timezone.now(),
        "decision": decision_named(request.GET.get("decided", "")),
    }
    return render(request, "desk/comments/groups.html", context)


def rehearse_the_blocks(found):
    """Set `rehearsed` of each cluster with a host: the effect of blocking that host on other recent comments."""
    last = rehearsal.last_comments() if any(wave.host for wave in found) else []
    for wave in found:
        if wave.host:
            own = {comment.pk for comment in wave.comments}
            reached = [each for each in rehearsal.reached_by_a_line(wave.host, last) if each.pk not in own]
            wave.rehearsed = {"last": len(last), "reached": reached, "bad": rehearsal.thrown_away(reached)}


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """Apply `do` to the selected comments of a cluster that are unchanged since the page was made.

    `comment` has the ids that the page listed, `comments` the others, separated by commas. "block" also adds the
    cluster's host to a list of words."""
    what, until = DEEDS.get(request.POST.get("do")), moment(request.POST.get("seen", ""))
    numbers = row_ids([*request.POST.getlist("comment"), *",".join(request.POST.getlist("comments")).split(",")])
    if not (what and until):
        return redirect("desk_groups")
    if not numbers:
        messages.info(request, _("No comment was selected, so nothing was changed."))
        return redirect("desk_groups")
    with transaction.atomic():
        ticked = Comment.objects.exclude(state=Comment.State.GONE).filter(pk__in=numbers)
        late = changed_since(request, ticked.filter(pk__in=numbers_seen(request)).select_for_update().order_by("pk"))
        # Comments that the page did not list have no `saw`, so the time of their last change is compared.
        unread = Q(state_since__gt=until) | Q(edited_at__gt=until)
        comments = clusters.may_be_in_one().filter(pk__in=numbers).exclude(unread)
        comments = comments.exclude(pk__in=[comment.pk for comment in late])
        blocked = block(request.POST.get("host", "")) if request.POST["do"] == "block" else None
        decision = ModerationAction.take(what, comments, by=request.user, besides=blocked)
    if late:
        messages.info(request, left_alone(late, request.user))
    elif decision is None:
        messages.info(request, _("Somebody has already moderated this comment; nothing was changed."))
    if blocked and blocked["words"][0][0] == "moderation_keys":
        said = _("Approved comments link to %s as well, so comments that link to it are now held instead of blocked.")
        messages.info(request, said % isolated(blocked["words"][0][1]))
    return redirect(f"{reverse('desk_groups')}{f'?decided={decision.pk}' if decision else ''}")


def block(host):
    """Add a host to the disallowed keys, or to the moderation keys if approved comments link to it.

    Returns the `besides` of the ModerationAction, or None if nothing was added."""
    if not host or "\n" in host or len(host) > 253:
        return None
    honest = Comment.objects.approved().matching(f"host:{host}").exists()
    name = "moderation_keys" if honest else "disallowed_keys"
    return {"words": [[name, host]]} if DiscussionSettings.enlist(name, host) else None
