"""The history of moderation actions, newest first, each with its undo."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from comments.models import Comment, ModerationAction
from core import anchored_messages

PER_PAGE = 30
FILTERS = {"": gettext_lazy("All"), "me": gettext_lazy("Mine"), "rules": gettext_lazy("The rules’")}


@at_the_desk("comments.moderate")
@require_safe
def action_list(request):
    whose = request.GET.get("by", "")
    found = ModerationAction.objects.newest_first().select_related("by")
    if whose == "me":
        found = found.filter(by=request.user)
    elif whose == "rules":
        found = found.filter(maker=ModerationAction.Maker.RULES)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    # For a bulk action, only its first comment is shown.
    firsts = {decision.pk: decision.comment_ids[0] for decision in page if decision.comment_ids}
    comments = Comment.objects.select_related("post").defer("post__source", "post__html", "post__plain")
    comments = comments.in_bulk(set(firsts.values()))
    said = anchored_messages.messages_by_fragment(request)
    for decision in page:
        decision.said = said.get(f"decision-{decision.pk}")
    context = {
        "message_anchors": {f"decision-{decision.pk}" for decision in page},
        "by": whose if whose in FILTERS else "",
        "rows": [(decision, comments.get(firsts.get(decision.pk))) for decision in page],
        "page": page,
        "whose": [(name, label, name == whose) for name, label in FILTERS.items()],
    }
    return render(request, "desk/comments/history.html", context)
