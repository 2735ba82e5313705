"""The piles of the desk, what may be done on each, and the way back from a deed to where it was done."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from comments.models import Comment, Decision

PILES = {
    "pending": gettext_lazy("Pending"),
    "approved": gettext_lazy("Approved"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
    "mine": gettext_lazy("Mine"),
    "reported": gettext_lazy("Reported"),
}
DEEDS = {
    "approve": gettext_lazy("Approve"),
    "unapprove": gettext_lazy("Unapprove"),
    "spam": gettext_lazy("Spam"),
    "trash": gettext_lazy("Trash"),
    "restore": gettext_lazy("Restore"),
    "keep": gettext_lazy("Keep"),
}
# What may be done to what lies on a pile; the first is what is wanted most.
ON_PILE = {
    "pending": ["approve", "spam", "trash"],
    "approved": ["trash", "spam", "unapprove"],
    "spam": ["restore", "approve", "trash"],
    "trash": ["restore", "spam"],
    "mine": ["trash", "restore"],
    "reported": ["keep", "trash", "spam"],
}
# As in WordPress; the others are for moving about (see static/js/desk/queue.js).
KEYS = {"approve": "a", "unapprove": "u", "spam": "s", "trash": "d"}
ROOMS = {"decisions": "desk_decisions", "groups": "desk_groups"}
BIGGEST = 2**63 - 1


def lying_on(pile, user):
    if pile == "mine":
        return Comment.objects.written_by(user)
    if pile == "reported":
        return Comment.objects.reported()
    return Comment.objects.filter(state=pile)


def counted(user, words):
    comments = Comment.objects.matching(words)
    return comments.counts() | {"mine": comments.written_by(user).count(), "reported": comments.reported().count()}


def decision_named(text):
    """The decision that has just been made and not been undone, or None."""
    if not (text.isascii() and text.isdigit() and int(text) <= BIGGEST):
        return None
    return Decision.objects.standing().filter(pk=text).first()


def pile_in(request):
    pile = request.POST.get("pile") or request.GET.get("pile") or ""
    return pile if pile in PILES else "pending"


def address_of(pile, **query):
    path = reverse("desk_comments") if pile == "pending" else reverse("desk_comments_in", args=[pile])
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{path}?{query}" if query else path


def back(request, decision=None, *, after=None, at=None):
    """Where somebody came from: `then` says whether from the stack, from the list of decisions or from a pile."""
    then, decided = request.POST.get("then", ""), decision.pk if decision else None
    if then == "stack":
        return stack_at(after=after, at=at, decided=decided)
    if then in ROOMS:
        return reverse(ROOMS[then])
    return address_of(pile_in(request), q=request.POST.get("q", ""), decided=decided)


def stack_at(**query):
    query = urlencode({name: value for name, value in query.items() if value})
    return f"{reverse('desk_stack')}{f'?{query}' if query else ''}"
