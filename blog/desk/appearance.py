"""The appearance of the blog: colour, typeface, icon, header picture."""

import re

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk.accent_sample import accent_samples
from blog.desk.access import at_the_desk
from blog.desk.theme_choice import offered_themes
from blog.media import site_icon, uploads
from blog.models import Media, ReadingSettings
from blog.themes import theme_named
from core.models import SettingsChange
from core.models.settings_change import changed_values

PICTURES_OFFERED = 50


class AccentInput(forms.TextInput):
    template_name = "desk/_accent_input.html"
    own = ""  # the theme's own color

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        context["widget"]["shown"] = value if is_colour(value) else self.own
        return context


def is_colour(value):
    return bool(re.fullmatch("#[0-9a-fA-F]{6}", value or ""))


class AppearanceForm(forms.ModelForm):
    picture = forms.FileField(
        label=gettext_lazy("Icon"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.gif,.webp,.avif"}),
        help_text=gettext_lazy("A square picture of at least 512 pixels, for tabs, bookmarks and phones."),
    )
    no_icon = forms.BooleanField(label=gettext_lazy("Use Longrun's default icon"), required=False)

    class Meta:
        model = ReadingSettings
        fields = [
            "accent",
            "type",
            "heading_type",
            "width",
            "scheme",
            "columns",
            "header",
            "header_picture",
            "logo",
            "logo_and_title",
        ]
        widgets = {"accent": AccentInput}
        labels = {"columns": gettext_lazy("Posts side by side"), "header": gettext_lazy("Blog title and menu")}
        help_texts = {
            "accent": gettext_lazy("The color of links. Leave empty for the theme’s own."),
            "type": gettext_lazy(
                "Serif and Sans-serif are fonts that readers have. The others come with Longrun, for texts in the "
                "Latin alphabet: about 20 to 65 kB for a reader’s first visit."
            ),
            "columns": gettext_lazy("On wide screens."),
            "header_picture": gettext_lazy(
                "Shown at the full width at the top of every page. Upload pictures in Media."
            ),
            "logo": gettext_lazy("In place of the title, 48 pixels high. Screen readers and search say the title."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        newest = list(Media.objects.kept().pictures().values_list("pk", flat=True)[:PICTURES_OFFERED])
        for name in ("header_picture", "logo"):
            offered = [*newest, getattr(self.instance, f"{name}_id") or 0]
            self.fields[name].queryset = Media.objects.pictures().filter(pk__in=offered)
            self.fields[name].empty_label = _("(none)")
        theme = theme_named(self.instance.theme)
        own = accent_samples("", theme)[0].accent
        self.fields["accent"].widget.own = own
        self.fields["accent"].widget.attrs["placeholder"] = own
        for name in ("columns", "header"):
            if not getattr(theme, name):
                del self.fields[name]
        if not self.instance.icon:
            del self.fields["no_icon"]

    def clean_picture(self):
        """Draw the icon during validation, to report errors at the field and to work outside the transaction."""
        if not self.cleaned_data["picture"]:
            return {}
        try:
            return site_icon.drawn(self.cleaned_data["picture"])
        except uploads.Refused as refusal:
            raise forms.ValidationError(refusal.reason)

    def save(self, *args, **kwargs):
        if self.cleaned_data.get("picture"):
            self.instance.icon = site_icon.keep(self.cleaned_data["picture"])
        elif self.cleaned_data.get("no_icon"):
            self.instance.icon = site_icon.forget()
        return super().save(*args, **kwargs)


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def appearance(request):
    reading = ReadingSettings.objects.first() or ReadingSettings()
    if request.method != "POST" and "accent" in request.GET:
        return accent_sample(request, theme_named(reading.theme))
    form = AppearanceForm(request.POST or None, request.FILES or None, instance=reading)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.APPEARANCE, changed_values(form))
        messages.success(request, _("Saved."))
        return redirect("desk_appearance")
    kept = ReadingSettings.objects.first() or ReadingSettings()
    context = {
        "form": form,
        "icon": kept.icon,
        "samples": accent_samples(shown_accent(form), theme_named(kept.theme)),
        "themes": offered_themes(kept.theme),
    }
    return render(request, "desk/appearance.html", context, status=422 if form.errors else 200)


def shown_accent(form):
    """The color in the form, also before it is saved, or that of the theme."""
    value = form["accent"].value()
    return value if is_colour(value) else ""


def accent_sample(request, theme):
    """The samples alone, of a color that is being chosen."""
    accent = request.GET["accent"]
    samples = accent_samples(accent if is_colour(accent) else "", theme)
    return render(request, "desk/_accent_sample.html", {"samples": samples})
