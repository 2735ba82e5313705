"""The trash of the media library: files can be restored for thirty days."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.desk.media import PER_PAGE as IN_LIBRARY
from blog.desk.media import file_for, said_of_trashed
from blog.desk.row_messages import page_of, place_in, places, say
from blog.models import Media
from core.row_ids import row_id
from core.text import isolated

PER_PAGE = 50


@at_the_desk("blog.upload")
@require_safe
def trashed_files(request):
    page = Paginator(trashed_by_date(request.user), PER_PAGE).get_page(request.GET.get("page"))
    back_again = Media.objects.visible_to(request.user).kept().filter(pk=row_id(request.GET.get("done"))).first()
    context = {"page": page, "to_edit": back_again} | places(request, page, is_done=bool(back_again))
    if back_again:
        context |= {
            "edit_url": reverse("desk_file", args=[back_again.pk]),
            "strip_message": said_of_restored(back_again),
        }
    return render(request, "desk/media_trash.html", context)


def trashed_by_date(user):
    return Media.objects.visible_to(user).trashed().order_by("-trashed_at", "-pk")


def place_in_trash(user, media):
    """The place of this file in the list of the trash."""
    newer = Q(trashed_at__gt=media.trashed_at) | Q(trashed_at=media.trashed_at, pk__gt=media.pk)
    return place_in(trashed_by_date(user).filter(newer), PER_PAGE)


@at_the_desk("blog.upload")
@require_POST
def trash_file(request, pk):
    media = file_for(request.user, pk, to_change=True)
    if media.trashed_at:
        raise Http404
    media.trash()
    said = said_of_trashed(media)
    place = place_in(above_in_library(request.user, media), IN_LIBRARY)
    return say(request, said, reverse("desk_media"), **place, done=media.pk)


@at_the_desk("blog.upload")
@require_POST
def restore_file(request, pk):
    media = file_for(request.user, pk, to_change=True)
    if not media.trashed_at:
        raise Http404
    said, where = said_of_restored(media), request.POST.get("to")
    place = place_in_trash(request.user, media) if where == "trash" else {}
    media.restore()
    if where == "trash":
        return say(request, said, reverse("desk_media_trash"), **place, done=media.pk)
    if where == "library":
        page = page_of(above_in_library(request.user, media), IN_LIBRARY)
        return say(request, said, reverse("desk_media"), row=media.pk, page=page)
    messages.success(request, said)
    return redirect("desk_file", pk=pk)


def said_of_restored(media):
    return _("“%s” was restored.") % isolated(media)


def above_in_library(user, media):
    return Media.objects.visible_to(user).kept().filter(pk__gt=media.pk)


@at_the_desk("blog.upload")
@require_http_methods(["GET", "HEAD", "POST"])
def delete_file(request, pk):
    """Ask first, and name the posts that show the file. Only files in the trash can be deleted."""
    media = file_for(request.user, pk, to_change=True)
    if not media.trashed_at:
        return redirect("desk_file", pk=pk)
    if request.method != "POST":
        return render(request, "desk/delete_file.html", {"media": media, "posts": media.posts_for(request.user)})
    place = place_in_trash(request.user, media)
    media.delete()
    said = _("“%s” was permanently deleted.") % isolated(media.title)
    return say(request, said, reverse("desk_media_trash"), **place)
