"""The appearance of the blog: colour, typeface, icon, header picture."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog import contrast
from blog.desk.access import at_the_desk
from blog.desk.theme_choice import offered_themes
from blog.media import site_icon, uploads
from blog.models import Media, ReadingSettings
from blog.themes import theme_named
from core.models import SettingsChange
from core.models.settings_change import changed_values

PICTURES_OFFERED = 50


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
        widgets = {"accent": forms.TextInput(attrs={"placeholder": "#3a5f2c"})}
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
        "contrast_sentences": contrast_sentences(kept.accent, theme_named(kept.theme)),
        "themes": offered_themes(kept.theme),
    }
    return render(request, "desk/appearance.html", context, status=422 if form.errors else 200)


def contrast_sentences(accent, theme):
    """Sentences about the contrast of the chosen colour on the backgrounds of the theme."""
    if not accent:
        return []
    light, dark = contrast.check_contrast(accent, *theme.papers)
    return [sentence(_("On a light background"), light), sentence(_("On a dark background"), dark)]


def sentence(where, judgement):
    facts = {"where": where, "contrast": f"{judgement.contrast:.1f}", "shown": f"{judgement.contrast_shown:.1f}"}
    if not judgement.is_changed:
        return _("%(where)s it is easy to read: contrast %(contrast)s to 1.") % facts
    if judgement.is_readable:
        return (
            _("%(where)s it is readable (contrast %(contrast)s to 1), and shown a little stronger: %(shown)s to 1.")
            % facts
        )
    return (
        _("%(where)s it is hard to read (contrast %(contrast)s to 1), so its lightness is adjusted: %(shown)s to 1.")
        % facts
    )
