"""The history of moderation actions, newest first, each with its undo."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from comments.models import Comment, Message, ModerationAction
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
    quoted = first_texts(page)
    said = anchored_messages.messages_by_fragment(request)
    for decision in page:
        decision.said = said.get(f"decision-{decision.pk}")
    context = {
        "message_anchors": {f"decision-{decision.pk}" for decision in page},
        "by": whose if whose in FILTERS else "",
        "rows": [(decision, quoted.get(decision.pk)) for decision in page],
        "page": page,
        "whose": [(name, label, name == whose) for name, label in FILTERS.items()],
    }
    return render(request, "desk/comments/history.html", context)


def first_texts(page):
    """{id of a ModerationAction: its comment or message, the first of many}"""
    comments = {decision.pk: decision.comment_ids[0] for decision in page if decision.comment_ids}
    messages = {decision.pk: decision.message_ids[0] for decision in page if decision.message_ids}
    written = Comment.objects.select_related("post").defer("post__source", "post__html", "post__plain")
    written, sent = written.in_bulk(set(comments.values())), Message.objects.in_bulk(set(messages.values()))
    return {pk: written.get(number) for pk, number in comments.items()} | {
        pk: sent.get(number) for pk, number in messages.items()
    }
