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
from comments.desk.conflicts import changed_since, conflict, conflict_named, left_alone, numbers_seen, says_the_same
from comments.desk.filters import (
    DEEDS,
    KEYS,
    ON_PILE,
    PILES,
    address_of,
    back,
    counted,
    decision_named,
    lying_on,
    pile_in,
    stack_at,
    strip_before,
    text_again,
    ticked_in,
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
def queue(request, pile="pending"):
    """One list, newest comments first; held comments oldest first."""
    words = request.GET.get("q", "").strip()
    counts = counted(request.user, words)
    comments = lying_on(pile, request.user).matching(words)
    comments = comments.oldest_first() if pile == "pending" else comments.newest_first()
    comments = comments.select_related("post", "person", "parent")
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    if pile == "reported":
        comments = comments.annotate(flags=Count("reports", filter=Q(reports__settled_at=None)))
    page = CountedPaginator(comments, PER_PAGE, counts[pile]).get_page(request.GET.get("page"))
    decision, late = decision_named(request.GET.get("decided", "")), conflict_named(request)
    strip = strip_before(request, page, newest_first=pile != "pending")
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
        "pile": pile,
        "q": words,
        "piles": [(name, label, counts[name], address_of(name, q=words)) for name, label in PILES.items()],
        "page": page,
        "ticked": ticked_in(request, page),
        "strip": strip,
        "count": counts[pile],
        "deeds": [(deed, DEEDS[deed], KEYS.get(deed, "")) for deed in ON_PILE[pile]],
        "decision": decision,
        "conflict": late,
        "others": others_reviewing(request.user),
        "discussion": DiscussionSettings.now(),
        "now": timezone.now(),
    }
    return render(request, "desk/comments/queue.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """Apply an action. `one` is a button beside a comment ("approve 12"); `all` a button for the selected comments
    (`comment`), or, with `everything`, for all that match, except those that entered the list since the page was
    made."""
    deed, _space, number = request.POST.get("one", "").partition(" ")
    chosen = [number] if deed else request.POST.getlist("comment")
    deed = deed or request.POST.get("all", "")
    if deed not in DEEDS:
        return redirect(back(request))
    numbers = row_ids(chosen)
    everything = "one" not in request.POST and "everything" in request.POST
    with transaction.atomic():
        comments = all_that_match(request) if everything else Comment.objects.filter(pk__in=numbers)
        there = Comment.objects.exclude(state=Comment.State.GONE)
        looked_at = there.filter(pk__in=numbers_seen(request)) if everything else comments
        changed = changed_since(request, looked_at.select_for_update().order_by("pk"))
        decision = taken(deed, comments.exclude(pk__in=[each.pk for each in changed]), request.user)
    late = {"conflict": changed[0].pk, "wanted": deed} if changed and len(numbers) == 1 and not everything else {}
    place = back(request, decision, after=numbers[0] if numbers else None, **late)
    if not numbers and not everything:
        messages.info(request, _("No comment was selected, so nothing was changed."))
    elif changed and (everything or len(numbers) > 1):
        messages.info(request, left_alone(changed, request.user))
    elif decision is None and not changed:
        place = place if request.POST.get("then") or not numbers else back(request, after=numbers[0], at=numbers[0])
        said = _("Somebody has already moderated this comment; nothing was changed.")
        anchored_messages.add(request, messages.INFO, said, place)
    review_session.count(request, decision.count if decision else 0)
    return redirect(place)


def taken(deed, comments, user):
    deeds = {
        "approve": comments.approve,
        "unapprove": comments.hold,
        "spam": comments.mark_spam,
        "trash": comments.trash,
        "restore": comments.restore,
        "keep": comments.keep,
        "later": comments.put_off,
    }
    return deeds[deed](user)


def all_that_match(request):
    try:
        seen = datetime.fromisoformat(request.POST.get("seen", ""))
    except ValueError:
        return Comment.objects.none()
    if timezone.is_naive(seen):
        return Comment.objects.none()
    matching = lying_on(pile_in(request), request.user).matching(request.POST.get("q", ""))
    return Comment.objects.filter(pk__in=matching.filter(state_since__lte=seen).order_by().values("pk"))


@at_the_desk("comments.moderate")
@require_POST
def undo(request, pk):
    """Undo a moderation action, where nothing has changed since."""
    decision = get_object_or_404(ModerationAction, pk=pk)
    number = decision.undo()
    number -= bool(number and decision.items and decision.trust_given)  # count comments only, not the commenter
    answer = answer_taken_back(decision, request.user)
    place = back_to_the_answer(request, answer) if answer else back(request, at=next(iter(decision.comment_ids), None))
    if request.POST.get("then") == "decisions" and not answer:
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


def answer_taken_back(decision, user):
    """The reply that the undone action had posted, if this user wrote it, else None."""
    written = Comment.objects.trashed().written_by(user).filter(pk__in=decision.besides.get("answers", []))
    return written.filter(parent__isnull=False).select_related("parent").first() if decision.undone_at else None


def back_to_the_answer(request, answer):
    """The URL of the form that shows the text of the undone reply again."""
    if request.POST.get("then") == "stack" and answer.parent.state == Comment.State.PENDING:
        return stack_at(at=answer.parent_id, reply=1, again=answer.pk)
    query = urlencode({"again": answer.pk, "pile": pile_in(request), "then": request.POST.get("then", "")})
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
    again = {"text": text_again(request, comment)}
    form = ReplyForm(request.POST or None, comment=comment, user=request.user, prefix=prefix, initial=again)
    late = None
    if request.method == "POST" and form.is_valid():
        form.prepare()
        with transaction.atomic():
            decision = None if (late := came_too_late(request, pk)) else form.save()
        if not late:
            review_session.count(request, decision.count if decision else 0)
            place = back(request, decision, after=pk)
            anchored_messages.add(request, messages.SUCCESS, _("Your reply was posted."), place)
            return redirect(place)
    context = {
        "comment": late or comment,
        "conflict": conflict(late, request.user) if late else None,
        "form": form,
        "pile": pile_in(request),
        "then": request.POST.get("then") or request.GET.get("then", ""),
    }
    status = 409 if late else 422 if form.is_bound else 200
    return render(request, "desk/comments/reply.html", context, status=status)


def came_too_late(request, pk):
    """The comment if it was edited or moderated since the page was made, else None. Approval alone is no conflict."""
    locked = Comment.objects.select_related("post", "parent").select_for_update(of=("self",)).filter(pk=pk)
    changed = changed_since(request, locked)
    return next((each for each in changed if not (each.is_approved and says_the_same(request, each))), None)
