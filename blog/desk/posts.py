"""The lists of posts and pages, and their actions on a single post."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.desk.bulk_actions import back, list_of, what_was_done
from blog.desk.conflicts import Seen, page_made_at, skipped_posts, skipped_query
from blog.desk.filters import STATUS_FILTERS, PostFilter
from blog.desk.row_messages import places, say
from blog.models import BulkAction, Post
from blog.models.bulk_action import mark_of
from core.pagination import CountedPaginator
from core.row_ids import row_id
from core.text import isolated

PER_PAGE = 30
FORMER_SHOWN = 20


@at_the_desk("blog.write")
@require_safe
def posts(request, kind):
    """The posts that this user may edit, filtered and sorted as the URL says."""
    filters = PostFilter(request.GET, kind, request.user)
    counts = filters.counts()
    done = row_id(request.GET.get("done"))
    done = done and BulkAction.objects.filter(pk=done, by=request.user, undone_at=None).first()
    page = CountedPaginator(filters.ordered(), PER_PAGE, counts[filters.show]).get_page(request.GET.get("page"))
    context = {
        "kind": kind,
        "filters": filters,
        "show": filters.show,
        "tabs": [(name, label, counts[name]) for name, label in STATUS_FILTERS.items()],
        "page": page,
        "back": filters.query(page=page.number if page.number > 1 else ""),
        "actions": offered_actions(filters, request.user),
        "done": done,
        "strip_message": what_was_done(done) if done else "",
        "to_edit": restored_by(done) if done else None,
        "skipped_posts": skipped_posts(request.GET, request.user),
        "seen": int(timezone.now().timestamp()),
        "former": with_former_page(request.user, kind) if not (filters.is_filtered or done) else (),
    }
    for post in context["page"]:
        post.mark = mark_of(post)
        post.may_edit = request.user.has_perm("blog.edit_post", post)
        post.may_delete = request.user.has_perm("blog.delete_post", post)
    if context["to_edit"]:
        context["edit_url"] = reverse("desk_post", args=[context["to_edit"].pk])
    context |= places(request, page, is_done=bool(done))
    return render(request, "desk/posts.html", context)


def restored_by(bulk):
    """The post that the action restored from the trash, if it was exactly one."""
    if bulk.count > 1 or bulk.action != BulkAction.Action.RESTORE:
        return None
    posts = Post.objects.editable_by(bulk.by).exclude(status=Post.Status.TRASH).filter(pk=next(iter(bulk.former)))
    return posts.first()


def with_former_page(user, kind):
    """Posts that still show HTML of an earlier version. Shown above the unfiltered list only."""
    return Post.objects.editable_by(user).filter(kind=kind).with_former_page()[:FORMER_SHOWN]


def offered_actions(filters, user):
    """The bulk actions that this list offers, as (name, label)."""
    action = BulkAction.Action
    if filters.show == "trash":
        return [(action.RESTORE.value, action.RESTORE.label)]
    offered = []
    if user.has_perm("blog.publish_post"):
        offered = [each for each in (action.PUBLISH, action.DRAFT) if each.value != REDUNDANT_ACTION.get(filters.show)]
    return [(each.value, each.label) for each in (*offered, action.TRASH)]


REDUNDANT_ACTION = {"published": "publish", "draft": "draft"}


@at_the_desk("blog.write")
@require_POST
def trash(request, pk):
    post, seen = to_delete(request, pk), Seen(request.POST)
    bulk = BulkAction.carry_out(BulkAction.Action.TRASH, only(post), request.user, is_wanted=seen.is_unchanged)
    if seen.changed:
        return redirect(back(request, left=skipped_query(seen.changed, page_made_at(request.POST)), kind=post.kind))
    said = _("“%s” is in the trash. You can restore it there.") % isolated(post)
    return say(request, said, back(request, bulk, kind=post.kind), after=row_above(request))


@at_the_desk("blog.write")
@require_POST
def restore(request, pk):
    post = to_delete(request, pk)
    bulk = BulkAction.carry_out(BulkAction.Action.RESTORE, only(post), request.user)
    said = _("“%s” was restored.") % isolated(post)
    return say(request, said, back(request, bulk, kind=post.kind), after=row_above(request))


@at_the_desk("blog.write")
def delete(request, pk):
    """Ask first, with what will be deleted. Only posts in the trash can be deleted."""
    post = to_delete(request, pk)
    if post.status != Post.Status.TRASH:
        return redirect("desk_post", pk=post.pk)
    if request.method != "POST":
        goes = {"revisions": post.revisions.count(), "unsaved": post.autosaves.waiting().exists()}
        goes |= {"after": row_above(request), "back": request.GET.get("back", "")[:2000] or "show=trash"}
        return render(request, "desk/delete_post.html", {"post": post} | goes)
    post.delete()
    said = _("“%s” was permanently deleted.") % isolated(post)
    place = back(request, kind=post.kind) if request.POST.get("back") else f"{list_of(post.kind)}?show=trash"
    return say(request, said, place, after=row_above(request))


def only(post):
    """An action on one post is a bulk action with one post, so that it is recorded and can be undone."""
    return Post.objects.filter(pk=post.pk)


def to_delete(request, pk):
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk)
    if not request.user.has_perm("blog.delete_post", post) and not was_their_draft(request.user, post):
        raise PermissionDenied
    return post


def was_their_draft(user, post):
    """Who may trash a draft may also restore or delete it."""
    if post.status != Post.Status.TRASH:
        return False
    before = Post(author=post.author, status=post.trashed_from)
    return user.has_perm("blog.delete_post", before)


def row_above(request):
    """The pk of the row above the one whose button was pressed, where the message will be shown."""
    return row_id(request.POST.get("after") or request.GET.get("after"))
