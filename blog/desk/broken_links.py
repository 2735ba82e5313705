"""The links in published posts that no longer work: the list, and whether they are checked at all."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Prefetch
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.jobs import check_links
from blog.models import LinkCheck, Post, ReadingSettings
from core.jobs import is_queued
from core.models import SettingsChange
from core.models.settings_change import changed_values
from core.row_ids import row_id
from core.text import isolated

PER_PAGE = 50
POSTS_SHOWN = 5


class LinkCheckForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["check_links"]
        help_texts = {
            "check_links": gettext_lazy(
                "Once a week Longrun requests each page that your published posts link to. The websites see the "
                "address of your blog, nothing about your readers."
            )
        }


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def broken_links(request):
    """The list; POST turns the checks on or off, or checks, dismisses or brings back one link."""
    form = LinkCheckForm(instance=ReadingSettings.objects.first() or ReadingSettings())
    if request.method == "POST":
        action = ACTIONS.get(request.POST.get("action"), save_settings)
        action(request)
        return redirect("desk_broken_links")
    links = LinkCheck.objects
    titled = Prefetch("posts", Post.objects.order_by("-pk").only("title", "summary", "kind", "language"))
    page = Paginator(links.broken().prefetch_related(titled), PER_PAGE).get_page(request.GET.get("page"))
    for row in page.object_list:
        row.shown_posts = row.posts.all()[:POSTS_SHOWN]
        row.other_posts = max(0, len(row.posts.all()) - POSTS_SHOWN)
    counts = links.aggregate(all=Count("pk"), checked=Count("checked_at"))
    context = {"form": form, "page": page, "counts": counts, "dismissed": links.dismissed()[:PER_PAGE]}
    return render(request, "desk/broken_links.html", context)


def save_settings(request):
    form = LinkCheckForm(request.POST, instance=ReadingSettings.objects.first() or ReadingSettings())
    if form.is_valid():
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.BLOG, changed_values(form))
            if form.instance.check_links and not is_queued(check_links):
                check_links.enqueue()
        messages.success(request, _("Settings saved."))


def dismiss(request):
    changed(request, True, _("This link is no longer checked: %s"))


def bring_back(request):
    changed(request, False, _("This link is checked again: %s"))


def changed(request, dismissed, said):
    row = LinkCheck.objects.filter(pk=row_id(request.POST.get("link")) or 0).first()
    if row:
        row.dismissed, row.failures, row.failing_since, row.checked_at = dismissed, 0, None, None
        row.save(update_fields=["dismissed", "failures", "failing_since", "checked_at"])
        messages.success(request, said % isolated(row.url))


ACTIONS = {"dismiss": dismiss, "bring back": bring_back}
