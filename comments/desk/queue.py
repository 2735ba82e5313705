"""The moderator's list: four piles, and what is done to one answer or to many, with an undo on the next page."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from comments.desk.forms import ReplyForm
from comments.models import Comment, Decision

PER_PAGE = 30
PILES = {
    "pending": gettext_lazy("Pending"),
    "approved": gettext_lazy("Approved"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
}
DEEDS = {
    "approve": gettext_lazy("Approve"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
    "restore": gettext_lazy("Restore"),
}
# What may be done to what lies on a pile; the first is what is wanted most.
ON_PILE = {
    "pending": ["approve", "spam", "trash"],
    "approved": ["trash", "spam"],
    "spam": ["restore", "approve", "trash"],
    "trash": ["restore", "spam"],
}
BIGGEST = 2**63 - 1


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
    counts = Comment.objects.all().counts()
    comments = Comment.objects.filter(state=pile).select_related("post", "person", "parent")
    comments = comments.oldest_first() if pile == "pending" else comments.newest_first()
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    context = {
        "pile": pile,
        "piles": [(name, label, counts[name], address_of(name)) for name, label in PILES.items()],
        "page": Counted(comments, PER_PAGE, counts[pile]).get_page(request.GET.get("page")),
        "deeds": [(deed, DEEDS[deed]) for deed in ON_PILE[pile]],
        "decision": decision_named(request.GET.get("decided", "")),
    }
    return render(request, "desk/comments/queue.html", context)


@at_the_desk("comments.moderate")
@require_POST
def decide(request):
    """`one` is a button beside a comment ("approve 12"); `all` is a button for the ticked ones (`comment`)."""
    deed, _space, number = request.POST.get("one", "").partition(" ")
    chosen = [number] if deed else request.POST.getlist("comment")
    deed = deed or request.POST.get("all", "")
    if deed not in DEEDS:
        return redirect(back(request))
    numbers = [int(text) for text in chosen if text.isascii() and text.isdigit() and int(text) <= BIGGEST]
    comments = Comment.objects.filter(pk__in=numbers)
    deeds = {
        "approve": comments.approve,
        "spam": comments.mark_spam,
        "trash": comments.trash,
        "restore": comments.restore,
    }
    decision = deeds[deed](request.user)
    if not numbers:
        messages.info(request, _("No comment was ticked, so nothing was changed."))
    elif decision is None:
        messages.info(request, _("Somebody has decided already; nothing was changed."))
    return redirect(back(request, decision))


@at_the_desk("comments.moderate")
@require_POST
def undo(request, pk):
    """Put back what a decision moved, if nobody has moved it since."""
    number = get_object_or_404(Decision, pk=pk).undo()
    messages.success(request, ngettext("%d comment is back.", "%d comments are back.", number) % number)
    return redirect(back(request))


@at_the_desk("comments.moderate")
def reply(request, pk):
    """Answer a comment from the desk; one that waits is approved by being answered."""
    comment = get_object_or_404(Comment.objects.untrashed().select_related("post", "parent"), pk=pk)
    form = ReplyForm(request.POST or None, comment=comment, user=request.user)
    if request.method == "POST" and form.is_valid():
        return redirect(back(request, form.save()))
    status = 422 if form.is_bound else 200
    context = {"comment": comment, "form": form, "pile": pile_in(request)}
    return render(request, "desk/comments/reply.html", context, status=status)


def decision_named(text):
    """The decision that has just been made and not been undone, or None."""
    if not (text.isascii() and text.isdigit() and int(text) <= BIGGEST):
        return None
    return Decision.objects.filter(pk=text, undone_at=None).first()


def pile_in(request):
    pile = request.POST.get("pile") or request.GET.get("pile") or ""
    return pile if pile in PILES else "pending"


def address_of(pile):
    return reverse("desk_comments") if pile == "pending" else reverse("desk_comments_in", args=[pile])


def back(request, decision=None):
    return address_of(pile_in(request)) + (f"?decided={decision.pk}" if decision else "")
