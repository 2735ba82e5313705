"""The choice of a theme: what each is like, and the form that takes one."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from blog.layout import DEFAULT_THEME
from blog.models import ReadingSettings
from blog.themes import THEMES, theme_named
from core.models import SettingsChange


class ThemeForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["theme"]


def offered_themes(current):
    """What the page of the appearance says of each theme; `current` is the stored name."""
    return [
        {
            "theme": theme,
            "preview_name": theme.name or DEFAULT_THEME,
            "sample": f"img/themes/{theme.name or DEFAULT_THEME}.svg",
            "is_used": theme.name == current,
        }
        for theme in THEMES.values()
    ]


@at_the_desk("blog.change_settings")
@require_POST
def use_theme(request):
    reading = ReadingSettings.objects.first() or ReadingSettings()
    before = theme_named(reading.theme)
    form = ThemeForm(request.POST, instance=reading)
    if form.is_valid():
        change = [_("Theme"), str(before.label), str(theme_named(reading.theme).label)]
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.APPEARANCE, [change])
        messages.success(request, _("The blog has this theme now."))
    else:
        messages.error(request, _("There is no such theme; nothing was changed."))
    return redirect("desk_appearance")
