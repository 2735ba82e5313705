"""The circle around the owner's home that is cut out of every track."""

from copy import copy

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.access import at_the_desk
from blog.jobs import cut_tracks
from blog.models import HomeZone
from blog.models.home_zone import place_of_home
from core.models import SettingsChange


class HomeZoneForm(forms.ModelForm):
    class Meta:
        model = HomeZone
        fields = ["point", "radius"]
        labels = {"point": gettext_lazy("Home"), "radius": gettext_lazy("Radius in metres")}
        help_texts = {
            "point": gettext_lazy("Latitude and longitude in degrees, such as 48.2082, 16.3738."),
            "radius": gettext_lazy(
                "100 to 20,000. The middle of the circle is near your home, not on it, so that it tells nobody."
            ),
        }


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def home_zone(request):
    """The zone; the button "remove" ends it. Every change cuts all tracks again."""
    zone = HomeZone.objects.first()
    former = copy(zone)
    if request.method == "POST" and request.POST.get("action") == "remove":
        with transaction.atomic():
            HomeZone.objects.all().delete()
            log_change(request.user, former, None)
            cut_tracks.enqueue()
        messages.success(request, _("Removed. Tracks are shown whole in a moment."))
        return redirect("desk_home_zone")
    form = HomeZoneForm(request.POST if request.method == "POST" else None, instance=zone)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            log_change(request.user, former, form.save())
            cut_tracks.enqueue()
        messages.success(request, _("Saved. It is being cut out of all tracks now."))
        return redirect("desk_home_zone")
    return render(request, "desk/home_zone.html", {"form": form, "zone": zone}, status=422 if form.errors else 200)


def log_change(user, former, zone):
    """Log the change, but no place: the log of settings does not tell where the owner lives."""
    before, after = radius_in_words(former), radius_in_words(zone)
    if former and zone and place_of_home(former.point) != place_of_home(zone.point):
        after = _("%s, at another place") % after
    SettingsChange.record(user, SettingsChange.Area.BLOG, [[_("Home zone"), before, after]])


def radius_in_words(zone):
    return _("%s metres") % zone.radius if zone else _("none")
