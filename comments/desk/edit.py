"""Editing and moving a comment at the desk. Both can be undone."""

from django.contrib import messages
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from blog.desk.access import at_the_desk
from blog.models import Post
from comments.desk.conflicts import changed_since, conflict_context, place_of
from comments.desk.filters import list_url, return_url
from comments.desk.forms import EditForm, MoveForm
from comments.models import Comment
from core import anchored_messages

RECENT = 30


@at_the_desk("comments.moderate")
def edit(request, pk):
    """Edit text, name, email and website; earlier revisions are listed below the form."""
    comment = get_comment(pk)
    form, late = EditForm(request.POST or None, comment=comment), None
    if request.method == "POST" and form.is_valid():
        comment.prepare(form.cleaned_data["text"])
        with transaction.atomic():
            late = next(iter(changed_since(request, comment.itself.select_for_update())), None)
            decision = None if late else comment.revise(request.user, **form.cleaned_data)
        if not late:
            return redirect_back(request, comment, decision)
    comment = late or comment
    context = {"comment": comment, "form": form, "revisions": comment.revisions.select_related("by")}
    context |= {"conflict": conflict_context(late, request.user) if late else None} | return_context(request)
    return render(request, "desk/comments/edit.html", context, status=409 if late else 422 if form.errors else 200)


@at_the_desk("comments.moderate")
def move(request, pk):
    """Move the comment with all its replies to another post or below another comment."""
    comment = get_comment(pk)
    form, late, moved = MoveForm(request.POST or None, comment=comment, user=request.user), None, False
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data
        with transaction.atomic():
            comment = comment.itself.select_for_update(of=("self",)).select_related("post", "parent").get()
            moved = request.POST.get("place", place_of(comment)) != place_of(comment)
            late = next(iter(changed_since(request, [comment])), comment if moved else None)
            decision = None if late else comment.move_to(place["post"], place["parent"], request.user)
        if not late:
            return redirect_back(request, comment, decision)
    recent = Post.objects.visible_to(request.user).published().newest_first().only("title", "summary", "path")[:RECENT]
    context = {"comment": comment, "form": form, "recent": recent, "place": place_of(comment)} | return_context(request)
    context |= {"conflict": conflict_context(late, request.user, moved=moved) if late else None}
    return render(request, "desk/comments/move.html", context, status=409 if late else 422 if form.errors else 200)


def get_comment(pk):
    return get_object_or_404(Comment.objects.untrashed().select_related("post", "parent"), pk=pk)


def return_context(request):
    """The context for the way back: to the review, or to the page of the list that the moderator came from."""
    sent = request.POST if request.method == "POST" else request.GET
    place = {name: sent[name][:200] for name in ("status", "page", "q") if sent.get(name)}
    return {"then": sent.get("then", ""), "place_in_list": place if "status" in place else {}}


def redirect_back(request, comment, decision):
    if request.POST.get("then") == "review":
        place = return_url(request, decision, at=comment.pk)
    elif "status" in request.POST:
        place = return_url(request, decision, at=comment.pk, after=comment.pk)
    else:
        place = list_url(comment.state, decided=decision.pk if decision else None)
    if decision is None:
        anchored_messages.add(request, messages.INFO, _("Nothing was changed."), place)
    return redirect(place)
