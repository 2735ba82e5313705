"""The trash of the library: files lie there for thirty days, and a press brings them back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from blog.desk.guard import at_the_desk
from blog.models import Media

PER_PAGE = 50


@at_the_desk("blog.upload")
@require_safe
def trashed_files(request):
    files = Media.objects.trashed().order_by("-trashed_at", "-pk")
    page = Paginator(files, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/media_trash.html", {"page": page})


@at_the_desk("blog.upload")
@require_POST
def trash_file(request, pk):
    media = get_object_or_404(Media.objects.kept(), pk=pk)
    media.trash()
    messages.success(request, _("“%s” is in the trash. You can restore it there.") % media)
    return redirect("desk_media")


@at_the_desk("blog.upload")
@require_POST
def restore_file(request, pk):
    media = get_object_or_404(Media.objects.trashed(), pk=pk)
    media.restore()
    messages.success(request, _("“%s” is back.") % media)
    return redirect("desk_file", pk=pk)
