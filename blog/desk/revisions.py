"""Every text that a post has had, and the way back to it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog.desk.guard import at_the_desk
from blog.models import Post

PER_PAGE = 50


@at_the_desk("blog.write")
@require_safe
def revisions(request, pk):
    post = editable(request, pk)
    kept = post.revisions.select_related("by").defer("source")
    page = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/revisions.html", {"post": post, "page": page, "newest": post.newest_revision})


@at_the_desk("blog.write")
def revision(request, pk, number):
    """One of them in full; POST makes it the text of the post again."""
    if request.method == "POST":
        with transaction.atomic():
            post = editable(request, pk, lock=True)
            post.bring_back(get_object_or_404(post.revisions, pk=number), request.user)
        messages.success(request, _("Restored. What stood here before is kept among the revisions."))
        return redirect("desk_post", pk=post.pk)
    post = editable(request, pk)
    return render(
        request,
        "desk/revision.html",
        {
            "post": post,
            "revision": get_object_or_404(post.revisions.select_related("by"), pk=number),
            "newest": post.newest_revision,
        },
    )


def editable(request, pk, *, lock=False):
    posts = Post.objects.editable_by(request.user)
    post = get_object_or_404(posts.select_for_update() if lock else posts, pk=pk)
    if not request.user.has_perm("blog.edit_post", post):
        raise PermissionDenied
    return post
