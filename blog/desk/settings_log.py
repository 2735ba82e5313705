"""The log of changes to settings, roles and rules: by whom, and when."""

from django.core.paginator import Paginator
from django.shortcuts import render
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from core.models import SettingsChange

PER_PAGE = 50


@at_the_desk("blog.change_settings")
@require_safe
def changes(request):
    page = Paginator(SettingsChange.objects.all(), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "desk/changes.html", {"page": page})
