"""A comment that says something else, or stands somewhere else. Both can be undone."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from blog.desk.guard import at_the_desk
from blog.models import Post
from comments.desk.forms import EditForm, MoveForm
from comments.desk.piles import address_of, back
from comments.models import Comment

RECENT = 30


@at_the_desk("comments.moderate")
def edit(request, pk):
    """Its text, name, e-mail and website; what it said before stays below the form."""
    comment = found(pk)
    form = EditForm(request.POST or None, comment=comment)
    if request.method == "POST" and form.is_valid():
        return after(request, comment, comment.revise(request.user, **form.cleaned_data))
    context = {"comment": comment, "form": form, "former_texts": comment.former_texts.select_related("by")}
    return render(request, "desk/comments/edit.html", context | where_from(request), status=422 if form.errors else 200)


@at_the_desk("comments.moderate")
def move(request, pk):
    """To another post or below another comment, with all its answers."""
    comment = found(pk)
    form = MoveForm(request.POST or None, comment=comment, user=request.user)
    if request.method == "POST" and form.is_valid():
        place = form.cleaned_data
        return after(request, comment, comment.move_to(place["post"], place["parent"], request.user))
    recent = Post.objects.visible_to(request.user).published().newest_first().only("title", "summary", "path")[:RECENT]
    context = {"comment": comment, "form": form, "recent": recent}
    return render(request, "desk/comments/move.html", context | where_from(request), status=422 if form.errors else 200)


def found(pk):
    return get_object_or_404(Comment.objects.untrashed().select_related("post", "parent"), pk=pk)


def where_from(request):
    return {"then": request.POST.get("then") or request.GET.get("then", "")}


def after(request, comment, decision):
    if decision is None:
        messages.info(request, _("Nothing was changed."))
    if request.POST.get("then") == "stack":
        return redirect(back(request, decision, at=comment.pk))
    return redirect(address_of(comment.state, decided=decision.pk if decision else None))
