"""Bulk actions on the selected posts of a list, and their undo."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from blog.desk.conflicts import Seen, page_made_at, skipped_query
from blog.desk.row_messages import STRIP, say
from blog.models import BulkAction, Category, Post, Series, Tag
from core.row_ids import row_id, row_ids
from core.text import fold, tidy_line

MOST = 200


@at_the_desk("blog.write")
@require_POST
def carry_out(request):
    """Apply the action of the pressed button. Posts that the user may not change are skipped, and so are posts that
    somebody has changed since the page was loaded; the response reports the skipped ones."""
    action = request.POST.get("bulk_action", "")
    numbers = row_ids(request.POST.getlist("post")[:MOST])
    if action not in BulkAction.Action.values:
        return redirect(back(request))
    if not numbers:
        return say(request, _("No post was selected, so nothing was changed."), back(request), level=messages.INFO)
    term, wrong = term_for(action, request)
    if wrong:
        return say(request, wrong, back(request), level=messages.ERROR)
    posts, seen = Post.objects.editable_by(request.user).filter(pk__in=numbers), Seen(request.POST)
    bulk = BulkAction.carry_out(action, posts, request.user, **term, is_wanted=seen.is_unchanged)
    if bulk is None and not seen.changed:
        said = _("Nothing was changed: they are in that state already, or you may not change them.")
        return say(request, said, back(request), level=messages.INFO)
    place = back(request, bulk, skipped_query(seen.changed, page_made_at(request.POST)))
    return redirect(f"{place}#{STRIP}" if bulk else place)


def term_for(action, request):
    """({"category": …}, {"series": …} or {"tag": …}, error message or None) for the actions that add a term. A missing
    tag is created."""
    if action == BulkAction.Action.CATEGORY:
        category = Category.objects.filter(pk=row_id(request.POST.get("new_category")) or 0).first()
        return {"category": category}, None if category else _("Choose the category to add.")
    if action == BulkAction.Action.SERIES:
        series = Series.objects.filter(pk=row_id(request.POST.get("new_series")) or 0).first()
        return {"series": series}, None if series else _("Choose the series to which the posts belong.")
    if action == BulkAction.Action.TAG:
        name = tidy_line(request.POST.get("new_tag", ""))
        if not fold(name):
            return {}, _("Enter the tag to add.")
        if len(name) > 200:
            return {}, _("“%s…” is too long: a tag has at most 200 characters.") % name[:40]
        return {"tag": Tag.objects.called([name])[0]}, None
    return {}, None


@at_the_desk("blog.write")
@require_POST
def undo(request, pk):
    """An action is deleted with the category, series or tag that it added."""
    bulk = BulkAction.objects.filter(pk=pk).first()
    if bulk is None:
        said = _("What was added has been deleted since then, so there is nothing to undo.")
        return say(request, said, back(request), level=messages.INFO)
    if bulk.by_id != request.user.pk:
        raise Http404
    count = bulk.undo()
    place = back(request, left=skipped_query(bulk.skipped, bulk.created_at))
    if count:
        said = ngettext("%d post is as it was before.", "%d posts are as they were before.", count) % count
        return say(request, said, place, row=next(iter(bulk.former)) if bulk.count == 1 else None)
    if bulk.skipped:
        return redirect(place)
    said = _("It has been changed since then, so nothing was undone.")
    return say(request, said, place, level=messages.INFO)


def back(request, bulk=None, left="", kind=None):
    """The URL of the list, with its former filters; `left` is the query that names the skipped posts."""
    address = list_of(kind or request.POST.get("kind"))
    query = request.POST.get("back", "")[:2000]
    parts = [part for part in (query, f"done={bulk.pk}" if bulk else "", left) if part and "\n" not in part]
    return f"{address}?{'&'.join(parts)}" if parts else address


def list_of(kind):
    return reverse("desk_pages" if kind == Post.Kind.PAGE else "desk_posts")


def what_was_done(bulk):
    """The message beside Undo."""
    count = bulk.count
    told = {
        BulkAction.Action.TRASH: ngettext("%d is in the trash.", "%d are in the trash.", count),
        BulkAction.Action.RESTORE: ngettext("%d was restored.", "%d were restored.", count),
        BulkAction.Action.PUBLISH: ngettext("%d is published.", "%d are published.", count),
        BulkAction.Action.DRAFT: ngettext("%d is a draft now.", "%d are drafts now.", count),
        BulkAction.Action.CATEGORY: ngettext("%d got the category.", "%d got the category.", count),
        BulkAction.Action.SERIES: ngettext("%d is in the series.", "%d are in the series.", count),
        BulkAction.Action.TAG: ngettext("%d got the tag.", "%d got the tag.", count),
    }
    return told[bulk.action] % count
