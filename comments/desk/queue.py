"""The moderator's lists: piles of answers, a search, and what is done to one, to the ticked or to all that match."""

from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from comments.desk import sitting
from comments.desk.forms import ReplyForm
from comments.desk.piles import (
    BIGGEST,
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
)
from comments.models import Comment, Decision, Discussion

PER_PAGE = 30


class Counted(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, things, per_page, count):
        super().__init__(things, per_page)
        self.told = count

    @cached_property
    def count(self):
        return self.told


@at_the_desk("comments.moderate")
@require_safe
def queue(request, pile="pending"):
    """One pile, newest first; of those that wait the oldest first."""
    words = request.GET.get("q", "").strip()
    counts = counted(request.user, words)
    comments = lying_on(pile, request.user).matching(words)
    comments = comments.oldest_first() if pile == "pending" else comments.newest_first()
    comments = comments.select_related("post", "person", "parent")
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    if pile == "reported":
        comments = comments.annotate(flags=Count("reports", filter=Q(reports__settled_at=None)))
    context = {
        "pile": pile,
        "q": words,
        "piles": [(name, label, counts[name], address_of(name, q=words)) for name, label in PILES.items()],
        "page": Counted(comments, PER_PAGE, counts[pile]).get_page(request.GET.get("page")),
        "count": counts[pile],
        "deeds": [(deed, DEEDS[deed], KEYS.get(deed, "")) for deed in ON_PILE[pile]],
        "decision": decision_named(request.GET.get("decided", "")),
        "discussion": Discussion.now(),
        "now": timezone.now(),
    }
    return render(request, "desk/comments/queue.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """`one` is a button beside a comment ("approve 12"); `all` is a button for the ticked ones (`comment`), or, with
    `everything`, for all that match: what came onto the pile since the page was made is left alone."""
    deed, _space, number = request.POST.get("one", "").partition(" ")
    chosen = [number] if deed else request.POST.getlist("comment")
    deed = deed or request.POST.get("all", "")
    if deed not in DEEDS:
        return redirect(back(request))
    numbers = [int(text) for text in chosen if text.isascii() and text.isdigit() and int(text) <= BIGGEST]
    everything = "one" not in request.POST and "everything" in request.POST
    comments = all_that_match(request) if everything else Comment.objects.filter(pk__in=numbers)
    deeds = {
        "approve": comments.approve,
        "unapprove": comments.hold,
        "spam": comments.mark_spam,
        "trash": comments.trash,
        "restore": comments.restore,
        "keep": comments.keep,
    }
    decision = deeds[deed](request.user)
    if not numbers and not everything:
        messages.info(request, _("No comment was ticked, so nothing was changed."))
    elif decision is None:
        messages.info(request, _("Somebody has decided already; nothing was changed."))
    sitting.count(request, decision.count if decision else 0)
    return redirect(back(request, decision, after=numbers[0] if numbers else None))


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
    """Put back what a decision changed, if nobody has changed it since."""
    decision = get_object_or_404(Decision, pk=pk)
    number = decision.undo()
    if number and decision.items:
        messages.success(request, ngettext("%d comment is back.", "%d comments are back.", number) % number)
    elif number:
        messages.success(request, _("It is as it was before."))
    else:
        messages.info(request, _("It was changed again since, so nothing was put back."))
    sitting.count(request, -number)
    return redirect(back(request, at=next(iter(decision.comment_ids), None)))


@at_the_desk("comments.moderate")
def reply(request, pk):
    """Answer a comment from the desk; one that waits is approved by being answered."""
    comment = get_object_or_404(Comment.objects.untrashed().select_related("post", "parent"), pk=pk)
    # The lists have an answer of each comment in one form.
    prefix = f"to-{pk}" if f"to-{pk}-text" in request.POST else None
    form = ReplyForm(request.POST or None, comment=comment, user=request.user, prefix=prefix)
    if request.method == "POST" and form.is_valid():
        decision = form.save()
        sitting.count(request, decision.count if decision else 0)
        messages.success(request, _("Your answer stands below the comment."))
        return redirect(back(request, decision, after=pk))
    status = 422 if form.is_bound else 200
    context = {"comment": comment, "form": form, "pile": pile_in(request), "then": request.POST.get("then", "")}
    return render(request, "desk/comments/reply.html", context, status=status)
