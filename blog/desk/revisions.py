"""The revisions of a post: compare two, name one, restore one."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.models import Post
from blog.text_diff import side_by_side
from core.row_ids import row_id
from core.text import isolated, tidy_line

PER_PAGE = 50
PARTS = {
    "title": gettext_lazy("Title"),
    "source": gettext_lazy("Text"),
    "excerpt": gettext_lazy("Excerpt"),
}


@at_the_desk("blog.write")
@require_safe
def revisions(request, pk):
    post = editable(request, pk)
    kept = post.revisions.select_related("by").defer("source")
    page = Paginator(kept, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/revisions.html", {"post": post, "page": page, "newest": post.newest_revision})


@at_the_desk("blog.write")
def revision(request, pk, number):
    """One revision in full; POST restores it."""
    if request.method == "POST":
        before = editable(request, pk)
        revision = get_object_or_404(before.revisions, pk=number)
        for name, value in revision.texts(before).items():
            setattr(before, name, value)
        before.get_ready()
        with transaction.atomic():
            post = editable(request, pk, lock=True)
            post.reuse(before)
            post.restore_revision(revision, request.user)
        messages.success(request, _("Restored. The previous text is kept as a revision."))
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


@at_the_desk("blog.write")
@require_POST
def name(request, pk, number):
    """Name a revision. Named revisions are kept for good; an empty name removes the name."""
    post = editable(request, pk)
    revision = get_object_or_404(post.revisions, pk=number)
    revision.name = tidy_line(request.POST.get("name", ""))[:200]
    revision.save(update_fields=["name"])
    if revision.name:
        messages.success(request, _("It is named “%s” and kept permanently.") % isolated(revision.name))
    else:
        messages.success(request, _("The name was removed."))
    return redirect("desk_post_revision", pk=post.pk, number=number)


@at_the_desk("blog.write")
@require_safe
def compare(request, pk):
    """Two revisions side by side, the older first; if one is missing, the current text."""
    post = editable(request, pk)
    kept, newest = post.revisions.select_related("by"), post.newest_revision
    chosen = [row_id(request.GET.get(side)) for side in ("from", "to")]
    found = [get_object_or_404(kept, pk=pk) if pk else newest for pk in chosen]
    if None in found:
        return redirect("desk_post_revisions", pk=post.pk)
    before, after = sorted(found, key=lambda revision: revision.pk)
    context = {
        "post": post,
        "newest": newest,
        "before": before,
        "after": after,
        "differences": differences(before, after),
    }
    return render(request, "desk/compare.html", context)


def differences(before, after):
    """[(label, rows of `side_by_side`), …] for every part of the text that differs."""
    pairs = ((label, getattr(before, part), getattr(after, part)) for part, label in PARTS.items())
    return [(label, side_by_side(old, new)) for label, old, new in pairs if old != new]


def editable(request, pk, *, lock=False):
    posts = Post.objects.editable_by(request.user)
    post = get_object_or_404(posts.select_for_update() if lock else posts, pk=pk)
    if not request.user.has_perm("blog.edit_post", post):
        raise PermissionDenied
    return post
