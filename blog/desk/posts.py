"""The lists of posts and pages, and what is done to one of them from there."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.bulk import what_was_done
from blog.desk.guard import at_the_desk
from blog.desk.sieve import PILES, Sieve, number
from blog.models import Bulk, Post

PER_PAGE = 30


class Counted(Paginator):
    """A paginator that has been told how many there are."""

    def __init__(self, things, per_page, count):
        super().__init__(things, per_page)
        self.told = count

    @cached_property
    def count(self):
        return self.told


@at_the_desk("blog.write")
@require_safe
def posts(request, kind):
    """Everything that this person may edit, narrowed and sorted as the address says."""
    sieve = Sieve(request.GET, kind, request.user)
    counts = sieve.counts()
    done = Bulk.objects.filter(pk=number(request.GET.get("done")) or 0, by=request.user, undone_at=None).first()
    context = {
        "kind": kind,
        "sieve": sieve,
        "show": sieve.show,
        "tabs": [(name, label, counts[name]) for name, label in PILES.items()],
        "page": Counted(sieve.ordered(), PER_PAGE, counts[sieve.show]).get_page(request.GET.get("page")),
        "deeds": deeds(sieve, request.user),
        "done": done,
        "told": what_was_done(done) if done else "",
    }
    for post in context["page"]:
        post.may_edit = request.user.has_perm("blog.edit_post", post)
        post.may_delete = request.user.has_perm("blog.delete_post", post)
    return render(request, "desk/posts.html", context)


def deeds(sieve, user):
    """What can be done to the ticked ones of this pile, as (name, label)."""
    deed = Bulk.Deed
    if sieve.show == "trash":
        return [(deed.RESTORE.value, deed.RESTORE.label)]
    offered = []
    if user.has_perm("blog.publish_post"):
        offered = [each for each in (deed.PUBLISH, deed.DRAFT) if each.value != PILE_OF.get(sieve.show)]
    return [(each.value, each.label) for each in (*offered, deed.TRASH)]


PILE_OF = {"published": "publish", "draft": "draft"}


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
