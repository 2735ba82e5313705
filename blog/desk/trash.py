"""The trash of the library: files lie there for thirty days, and a press brings them back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.desk.media import file_for
from blog.models import Media
from core.text import isolated

PER_PAGE = 50


@at_the_desk("blog.upload")
@require_safe
def trashed_files(request):
    files = Media.objects.visible_to(request.user).trashed().order_by("-trashed_at", "-pk")
    page = Paginator(files, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/media_trash.html", {"page": page})


@at_the_desk("blog.upload")
@require_POST
def trash_file(request, pk):
    media = file_for(request.user, pk, to_change=True)
    if media.trashed_at:
        raise Http404
    media.trash()
    messages.success(request, _("“%s” is in the trash. You can restore it there.") % isolated(media))
    return redirect("desk_media")


@at_the_desk("blog.upload")
@require_POST
def restore_file(request, pk):
    media = file_for(request.user, pk, to_change=True)
    if not media.trashed_at:
        raise Http404
    media.restore()
    messages.success(request, _("“%s” is back.") % isolated(media))
    return redirect("desk_file", pk=pk)
