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
from comments.desk.conflicts import changed_since, ids_with_version, skipped_message
from comments.desk.filters import moment, undoable_action
from comments.models import Comment, DiscussionSettings, ModerationAction
from comments.moderation import clusters, rule_preview
from core.row_ids import row_ids
from core.text import isolated

PER_PAGE = 5
ACTIONS = {
    "spam": ModerationAction.What.SPAM,
    "block": ModerationAction.What.SPAM,
    "trash": ModerationAction.What.TRASH,
    "approve": ModerationAction.What.APPROVE,
}


@at_the_desk("comments.moderate")
@require_safe
def cluster_list(request):
    page = Paginator(clusters.list_clusters(), PER_PAGE).get_page(request.GET.get("page"))
    preview_blocks(page.object_list)
    context = {
        "page": page,
        "waves": page.object_list,
        "now": timezone.now(),
        "decision": undoable_action(request.GET.get("decided", "")),
    }
    return render(request, "desk/comments/clusters.html", context)


def preview_blocks(found):
    """Set `rehearsed` of each cluster with a host: the effect of blocking that host on other recent comments."""
    last = rule_preview.last_comments() if any(cluster.host for cluster in found) else []
    for cluster in found:
        if cluster.host:
            own = {comment.pk for comment in cluster.comments}
            reached = [each for each in rule_preview.matched_by_key(cluster.host, last) if each.pk not in own]
            cluster.rehearsed = {"last": len(last), "reached": reached, "bad": rule_preview.count_rejected(reached)}


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """Apply `do` to the selected comments of a cluster that are unchanged since the page was made.

    `comment` has the ids that the page listed, `comments` the others, separated by commas. "block" also adds the
    cluster's host to a list of words."""
    what, until = ACTIONS.get(request.POST.get("do")), moment(request.POST.get("seen", ""))
    numbers = row_ids([*request.POST.getlist("comment"), *",".join(request.POST.getlist("comments")).split(",")])
    if not (what and until):
        return redirect("desk_clusters")
    if not numbers:
        messages.info(request, _("No comment was selected, so nothing was changed."))
        return redirect("desk_clusters")
    with transaction.atomic():
        selected = Comment.objects.exclude(state=Comment.State.GONE).filter(pk__in=numbers)
        late = changed_since(
            request, selected.filter(pk__in=ids_with_version(request)).select_for_update().order_by("pk")
        )
        # Comments that the page did not list have no `saw`, so the time of their last change is compared.
        unread = Q(state_since__gt=until) | Q(edited_at__gt=until)
        comments = clusters.candidates().filter(pk__in=numbers).exclude(unread)
        comments = comments.exclude(pk__in=[comment.pk for comment in late])
        blocked = block(request.POST.get("host", "")) if request.POST["do"] == "block" else None
        decision = ModerationAction.take(what, comments, by=request.user, side_effects=blocked)
    if late:
        messages.info(request, skipped_message(late, request.user))
    elif decision is None:
        messages.info(request, _("Somebody has already moderated this comment; nothing was changed."))
    if blocked and blocked["lines"][0][0] == "moderation_keys":
        said = _("Approved comments link to %s as well, so comments that link to it are now held instead of blocked.")
        messages.info(request, said % isolated(blocked["lines"][0][1]))
    return redirect(f"{reverse('desk_clusters')}{f'?decided={decision.pk}' if decision else ''}")


def block(host):
    """Add a host to the disallowed keys, or to the moderation keys if approved comments link to it.

    Returns the `side_effects` of the ModerationAction, or None if nothing was added."""
    if not host or "\n" in host or len(host) > 253:
        return None
    honest = Comment.objects.approved().matching(f"host:{host}").exists()
    name = "moderation_keys" if honest else "disallowed_keys"
    return {"lines": [[name, host]]} if DiscussionSettings.add_key(name, host) else None
