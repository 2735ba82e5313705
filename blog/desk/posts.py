"""The lists of posts and pages, and what is done to one of them from there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from blog.models import Post

PER_PAGE = 30
TABS = {
    "all": gettext_lazy("All"),
    "published": gettext_lazy("Published"),
    "draft": gettext_lazy("Drafts"),
    "scheduled": gettext_lazy("Scheduled"),
    "pending": gettext_lazy("Pending"),
    "trash": gettext_lazy("Trash"),
}


@at_the_desk("blog.write")
@require_safe
def posts(request, kind):
    """Everything that this person may edit, newest first; `?show=draft` is one pile, `?q=` searches the titles."""
    mine = Post.objects.editable_by(request.user).filter(kind=kind)
    counts = mine.count_piles()
    show = request.GET.get("show") if request.GET.get("show") in TABS else "all"
    words = request.GET.get("q", "").strip()[:200]
    found = mine.pile(show)
    if words:
        found = found.titled(words)
    context = {
        "kind": kind,
        "show": show,
        "words": words,
        "tabs": [(name, label, counts[f"{name}_pile"]) for name, label in TABS.items()],
        "page": Paginator(found.for_desk(), PER_PAGE).get_page(request.GET.get("page")),
    }
    for post in context["page"]:
        post.may_edit = request.user.has_perm("blog.edit_post", post)
        post.may_delete = request.user.has_perm("blog.delete_post", post)
    return render(request, "desk/posts.html", context)


@at_the_desk("blog.write")
@require_POST
def trash(request, pk):
    post = to_delete(request, pk)
    if post.status != Post.Status.TRASH:
        post.trash()
    messages.success(request, _("“%s” is in the trash. You can restore it there.") % post)
    return back_to_list(post)


@at_the_desk("blog.write")
@require_POST
def restore(request, pk):
    post = to_delete(request, pk)
    if post.status == Post.Status.TRASH:
        post.restore()
    messages.success(request, _("“%s” is back.") % post)
    return back_to_list(post)


@at_the_desk("blog.write")
def delete(request, pk):
    """Asks first, and says what goes. Only what is in the trash can go."""
    post = to_delete(request, pk)
    if post.status != Post.Status.TRASH:
        return redirect("desk_post", pk=post.pk)
    if request.method != "POST":
        goes = {"revisions": post.revisions.count(), "unsaved": post.autosaves.waiting().exists()}
        return render(request, "desk/delete_post.html", {"post": post} | goes)
    post.delete()
    messages.success(request, _("“%s” is deleted for good.") % post)
    return back_to_list(post, show="trash")


def to_delete(request, pk):
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk)
    if not request.user.has_perm("blog.delete_post", post) and not was_their_draft(request.user, post):
        raise PermissionDenied
    return post


def was_their_draft(user, post):
    """Who may trash a draft may also take it out again or let it go."""
    if post.status != Post.Status.TRASH:
        return False
    before = Post(author=post.author, status=post.trashed_from)
    return user.has_perm("blog.delete_post", before)


def back_to_list(post, **query):
    answer = redirect("desk_pages" if post.kind == Post.Kind.PAGE else "desk_posts")
    if query:
        answer["Location"] += "?show=" + query["show"]
    return answer
