"""The morning stack: one comment a screen, oldest first, and four buttons."""

from django.db.models import Q
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.desk.guard import at_the_desk
from comments.desk.forms import ReplyForm
from comments.desk.piles import decision_named
from comments.desk.sitting import decided_in_this_sitting
from comments.models import Comment, Discussion


@at_the_desk("comments.moderate")
@require_safe
def stack(request):
    """`?at=` shows one comment, `?after=` the one that follows it; where neither waits, the oldest."""
    waiting = Comment.objects.pending()
    comments = waiting.oldest_first().select_related("post", "person", "parent")
    comments = comments.defer("post__source", "post__html", "post__teaser_html", "post__plain", "parent__html")
    comment = next_one(comments, request) or comments.first()
    context = {
        "comment": comment,
        "left": waiting.count(),
        "decided": decided_in_this_sitting(request),
        "decision": decision_named(request.GET.get("decided", "")),
        "discussion": Discussion.now(),
    }
    if comment:
        context["place"] = waiting.filter(before(comment)).count() + 1
        context["previous"] = waiting.filter(before(comment)).order_by("-posted_at", "-pk").values_list("pk").first()
        context["next"] = waiting.filter(behind(comment)).order_by("posted_at", "pk").values_list("pk").first()
        if "reply" in request.GET:
            context["form"] = ReplyForm(comment=comment, user=request.user)
    return render(request, "desk/comments/stack.html", context)


def next_one(comments, request):
    if at := number_in(request, "at"):
        return comments.filter(pk=at).first() or following(comments, at)
    return following(comments, number_in(request, "after"))


def following(comments, pk):
    last = pk and Comment.objects.filter(pk=pk).only("posted_at").first()
    return comments.filter(behind(last)).first() if last else None


def before(comment):
    return Q(posted_at__lt=comment.posted_at) | Q(posted_at=comment.posted_at, pk__lt=comment.pk)


def behind(comment):
    return Q(posted_at__gt=comment.posted_at) | Q(posted_at=comment.posted_at, pk__gt=comment.pk)


def number_in(request, name):
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
