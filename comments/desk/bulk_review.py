"""Two pages for bulk moderation: likely spam, one line each, and first comments without signs of spam, as full texts.

Comments that the moderator leaves out are marked (`triage.LEFT_OUT`) and stay held, to be reviewed one by one.
"""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.urls import reverse

from blog.desk.access import at_the_desk
from comments.desk.conflicts import changed_since, skipped_message
from comments.desk.filters import undoable_action
from comments.models import Comment
from comments.moderation import triage
from core.row_ids import row_ids

LINES = 100
TEXTS = 10
POST_FIELDS = [f"post__{name}" for name in ("source", "html", "teaser_html", "plain")]


@at_the_desk("comments.moderate")
def likely_spam(request):
    """Likely spam, one line each, all selected. POST marks the selected ones as spam or trashes them."""
    if request.method == "POST":
        selected = set(row_ids(request.POST.getlist("comment")))
        action = "trash" if request.POST.get("do") == "trash" else "mark_spam"
        return apply_to_chosen(request, "desk_likely_spam", action, selected)
    comments = triage.likely_spam().defer(*POST_FIELDS).select_related("post")
    return render(request, "desk/comments/likely_spam.html", page_of(request, comments, LINES))


@at_the_desk("comments.moderate")
def first_comments(request):
    """Ten full texts, none selected. POST approves those that are not selected."""
    if request.method == "POST":
        odd = set(row_ids(request.POST.getlist("comment")))
        return apply_to_chosen(
            request, "desk_first_comments", "approve", set(row_ids(request.POST.getlist("shown"))) - odd
        )
    comments = triage.honest_first_comments().defer(*POST_FIELDS).select_related("post", "person", "parent")
    return render(request, "desk/comments/first_comments.html", page_of(request, comments, TEXTS))


def page_of(request, comments, size):
    some = list(comments[: size + 1])
    return {
        "comments": some[:size],
        "more": comments.count() - size if len(some) > size else 0,
        "decision": undoable_action(request.GET.get("decided", "")),
    }


def apply_to_chosen(request, here, action, chosen):
    """Apply `action` to the chosen comments that are unchanged since the page was made; mark the others as left out."""
    shown = set(row_ids(request.POST.getlist("shown")))
    with transaction.atomic():
        there = Comment.objects.exclude(state=Comment.State.GONE)
        comments = there.filter(pk__in=shown).select_for_update().order_by("pk")
        late = changed_since(request, comments)
        changed = {comment.pk for comment in late}
        for comment in comments:
            if comment.state == Comment.State.PENDING and comment.pk not in chosen | changed:
                comment.facts[triage.LEFT_OUT] = True
                comment.save(update_fields=["facts"])
        decision = getattr(Comment.objects.pending().filter(pk__in=(chosen & shown) - changed), action)(request.user)
    if late:
        messages.info(request, skipped_message(late, request.user))
    return redirect(f"{reverse(here)}{f'?decided={decision.pk}' if decision else ''}")
