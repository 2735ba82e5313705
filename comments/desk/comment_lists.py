"""The moderator's lists of comments by state, with search, and actions on one, on the selected or on all matches."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk, keep_typed
from comments.desk import review_session
from comments.desk.conflicts import (
    changed_since,
    conflict_context,
    conflict_from_query,
    has_same_text,
    ids_with_version,
    skipped_message,
)
from comments.desk.filters import (
    ACTIONS,
    ACTIONS_BY_STATUS,
    KEYS,
    STATUSES,
    comments_with_status,
    list_url,
    notice_position,
    return_url,
    review_url,
    selected_ids,
    status_counts,
    status_of,
    undoable_action,
    undone_reply_text,
)
from comments.desk.forms import ReplyForm
from comments.desk.presence import others_reviewing
from comments.models import Comment, DiscussionSettings, ModerationAction
from core import anchored_messages
from core.pagination import CountedPaginator
from core.row_ids import row_ids

PER_PAGE = 30


@at_the_desk("comments.moderate")
@require_safe
def comment_list(request, status="pending"):
    """One list, newest comments first; held comments oldest first."""
    words = request.GET.get("q", "").strip()
    counts = status_counts(request.user, words, status)
    comments = comments_with_status(status, request.user).matching(words)
    comments = comments.oldest_first() if status == Comment.State.PENDING else comments.newest_first()
    comments = comments.select_related("post", "person", "parent")
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    if status == "reported":
        comments = comments.annotate(flags=Count("reports", filter=Q(reports__resolved_at=None)))
    page = CountedPaginator(comments, PER_PAGE, counts[status]).get_page(request.GET.get("page"))
    decision, late = undoable_action(request.GET.get("decided", "")), conflict_from_query(request)
    strip = notice_position(request, page, newest_first=status != Comment.State.PENDING)
    places = {f"comment-{comment.pk}" for comment in page}
    if strip is not None and places and (decision or late):
        places.add("decided")
    said = anchored_messages.messages_by_fragment(request)
    for comment in page:
        comment.said = said.get(f"comment-{comment.pk}")
    context = {
        "message_anchors": places,
        "said_at_strip": said.get("decided"),
        "conflict_at": late["comment"].pk if late and f"comment-{late['comment'].pk}" in places else None,
        "status": status,
        "q": words,
        "statuses": [(name, label, counts[name], list_url(name, q=words)) for name, label in STATUSES.items()],
        "page": page,
        "ticked": selected_ids(request, page),
        "strip": strip,
        "count": counts[status],
        "actions": [(action, ACTIONS[action], KEYS.get(action, "")) for action in ACTIONS_BY_STATUS[status]],
        "decision": decision,
        "conflict": late,
        "others": others_reviewing(request.user),
        "discussion": DiscussionSettings.now(),
        "now": timezone.now(),
    }
    return render(request, "desk/comments/comment_list.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """Apply an action. `one` is a button beside a comment ("approve 12"); `all` a button for the selected comments
    (`comment`), or, with `everything`, for all that match, except those that entered the list since the page was
    made."""
    action, _space, number = request.POST.get("one", "").partition(" ")
    chosen = [number] if action else request.POST.getlist("comment")
    action = action or request.POST.get("all", "")
    if action not in ACTIONS:
        return redirect(return_url(request))
    numbers = row_ids(chosen)
    everything = "one" not in request.POST and "everything" in request.POST
    with transaction.atomic():
        comments = all_that_match(request) if everything else Comment.objects.filter(pk__in=numbers)
        there = Comment.objects.exclude(state=Comment.State.GONE)
        looked_at = there.filter(pk__in=ids_with_version(request)) if everything else comments
        changed = changed_since(request, looked_at.select_for_update().order_by("pk"))
        decision = take_action(action, comments.exclude(pk__in=[each.pk for each in changed]), request.user)
    late = {"conflict": changed[0].pk, "wanted": action} if changed and len(numbers) == 1 and not everything else {}
    place = return_url(request, decision, after=numbers[0] if numbers else None, **late)
    if not numbers and not everything:
        messages.info(request, _("No comment was selected, so nothing was changed."))
    elif changed and (everything or len(numbers) > 1):
        messages.info(request, skipped_message(changed, request.user))
    elif decision is None and not changed:
        place = (
            place if request.POST.get("then") or not numbers else return_url(request, after=numbers[0], at=numbers[0])
        )
        said = _("Somebody has already moderated this comment; nothing was changed.")
        anchored_messages.add(request, messages.INFO, said, place)
    review_session.count(request, decision.count if decision else 0)
    return redirect(place)


def take_action(action, comments, user):
    actions = {
        "approve": comments.approve,
        "unapprove": comments.hold,
        "spam": comments.mark_spam,
        "trash": comments.trash,
        "restore": comments.restore,
        "keep": comments.keep,
        "later": comments.postpone,
    }
    return actions[action](user)


def all_that_match(request):
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return Comment.objects.none()
    if timezone.is_naive(seen):
        return Comment.objects.none()
    matching = comments_with_status(status_of(request), request.user).matching(request.POST.get("q", ""))
    return Comment.objects.filter(pk__in=matching.filter(state_since__lte=seen).order_by().values("pk"))


@at_the_desk("comments.moderate")
@require_POST
def undo(request, pk):
    """Undo a moderation action, where nothing has changed since."""
    decision = get_object_or_404(ModerationAction, pk=pk)
    number = decision.undo()
    number -= bool(number and decision.items and decision.trust_given)  # count comments only, not the commenter
    answer = undone_reply(decision, request.user)
    place = (
        undone_reply_url(request, answer) if answer else return_url(request, at=next(iter(decision.comment_ids), None))
    )
    if request.POST.get("then") == "history" and not answer:
        place += f"#decision-{pk}"
    if number and decision.items:
        said = ngettext("%d comment was restored.", "%d comments were restored.", number) % number
        anchored_messages.add(request, messages.SUCCESS, said, place)
    elif number:
        anchored_messages.add(request, messages.SUCCESS, _("The change was undone."), place)
    elif not answer:
        said = _("It has been changed since then, so nothing was undone.")
        anchored_messages.add(request, messages.INFO, said, place)
    review_session.count(request, -number)
    if answer:
        messages.success(request, _("Your reply was taken back; its text is in the box again."))
    return redirect(place)


def undone_reply(decision, user):
    """The reply that the undone action had posted, if this user wrote it, else None."""
    written = Comment.objects.trashed().written_by(user).filter(pk__in=decision.side_effects.get("replies", []))
    return written.filter(parent__isnull=False).select_related("parent").first() if decision.undone_at else None


def undone_reply_url(request, answer):
    """The URL of the form that shows the text of the undone reply again."""
    if request.POST.get("then") == "review" and answer.parent.state == Comment.State.PENDING:
        return review_url(at=answer.parent_id, reply=1, again=answer.pk)
    query = urlencode({"again": answer.pk, "status": status_of(request), "then": request.POST.get("then", "")})
    return f"{reverse('desk_comment_reply', args=[answer.parent_id])}?{query}"


@at_the_desk("comments.moderate")
def reply(request, pk):
    """Reply to a comment from the desk; replying to a held comment approves it."""
    comment = Comment.objects.exclude(state=Comment.State.GONE).select_related("post", "parent").filter(pk=pk).first()
    if comment is None and request.method == "POST":
        return keep_typed(request, gone=True)
    if comment is None or request.method != "POST" and comment.state == Comment.State.TRASH:
        raise Http404
    # In the lists, one form has a reply field for each comment.
    prefix = f"to-{pk}" if f"to-{pk}-text" in request.POST else None
    again = {"text": undone_reply_text(request, comment)}
    form = ReplyForm(request.POST or None, comment=comment, user=request.user, prefix=prefix, initial=again)
    late = None
    if request.method == "POST" and form.is_valid():
        form.prepare()
        with transaction.atomic():
            decision = None if (late := changed_meanwhile(request, pk)) else form.save()
        if not late:
            review_session.count(request, decision.count if decision else 0)
            place = return_url(request, decision, after=pk)
            anchored_messages.add(request, messages.SUCCESS, _("Your reply was posted."), place)
            return redirect(place)
    context = {
        "comment": late or comment,
        "conflict": conflict_context(late, request.user) if late else None,
        "form": form,
        "status": status_of(request),
        "then": request.POST.get("then") or request.GET.get("then", ""),
    }
    status = 409 if late else 422 if form.is_bound else 200
    return render(request, "desk/comments/reply.html", context, status=status)


def changed_meanwhile(request, pk):
    """The comment if it was edited or moderated since the page was made, else None. Approval alone is no conflict."""
    locked = Comment.objects.select_related("post", "parent").select_for_update(of=("self",)).filter(pk=pk)
    changed = changed_since(request, locked)
    return next((each for each in changed if not (each.is_approved and has_same_text(request, each))), None)
