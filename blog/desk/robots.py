"""The robots that came in thirty days, and which kinds of them the blog admits."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk import stats
from blog.desk.access import at_the_desk
from blog.models import ReadingSettings, RobotVisit
from blog.robots import known
from core.models import SettingsChange
from core.models.settings_change import changed_values

PER_PAGE = 50


class RobotsForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["allow_search", "allow_ai_search", "allow_ai_training", "allow_archives", "allow_marketing"]
        help_texts = {
            "allow_search": gettext_lazy("They bring readers. Without them the blog vanishes from search results."),
            "allow_ai_search": gettext_lazy("They fetch a page because somebody asks about it, and link to it."),
            "allow_ai_training": gettext_lazy("They collect texts to train models, and bring no readers."),
            "allow_archives": gettext_lazy("The Internet Archive, libraries and research."),
            "allow_marketing": gettext_lazy("They sell what they find, such as links between websites."),
        }


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def robots(request):
    """The switches, and what each robot requested; `?robot=` shows the days of one."""
    form = RobotsForm(request.POST or None, instance=ReadingSettings.objects.first() or ReadingSettings())
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.BLOG, changed_values(form))
        messages.success(request, _("Settings saved."))
        return redirect("desk_robots")
    first = timezone.localdate() - timedelta(days=stats.DAYS - 1)
    visits = RobotVisit.objects.since(first)
    one = request.GET.get("robot", "")[:100]
    counts = (visits.filter(name=one) if one else visits).by_day()
    page = Paginator(visits.by_robot(), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = [as_row(row, form.instance.refused_robots) for row in page.object_list]
    context = {
        "form": form,
        "page": page,
        "one": one,
        "chart": stats.chart([(first + timedelta(days=number)) for number in range(stats.DAYS)], counts),
    }
    return render(request, "desk/robots.html", context, status=422 if form.errors else 200)


def as_row(row, refused):
    """A row of the table. A robot that the package no longer lists has no kind."""
    robot = known.by_name().get(row["name"])
    milliseconds = row["cost"] / 1000
    average = milliseconds / max(1, row["count"])
    return row | {
        "kind": robot.kind.label if robot else "",
        "url": robot.url if robot and robot.url.startswith(("http://", "https://")) else "",
        "is_refused": bool(robot and robot.kind in refused),
        "seconds": f"{milliseconds / 1000:,.1f}",
        "average": f"{average:,.1f}" if average >= 0.1 else f"{average:.2g}",
    }
