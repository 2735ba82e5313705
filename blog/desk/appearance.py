"""The appearance of the blog: colour, typeface, icon, header picture, sidebar, menu, footer."""

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
from blog.models import Media, MenuLink, Post, ReadingSettings
from blog.models.reading_settings import WIDGETS
from blog.themes import theme_named
from core.models import SettingsChange
from core.models.settings_change import changed_values
from core.text import tidy

PICTURES_OFFERED = 50
NAMES = {
    "search": gettext_lazy("Search"),
    "posts": gettext_lazy("Recent posts"),
    "comments": gettext_lazy("Recent comments"),
    "archives": gettext_lazy("Archives"),
    "categories": gettext_lazy("Categories"),
    "tags": gettext_lazy("Tags"),
    "subscribe": gettext_lazy("Subscribe"),
}


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
        fields = ["accent", "type", "heading_type", "width", "scheme", "columns", "header", "header_picture"]
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
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        newest = list(Media.objects.kept().pictures().values_list("pk", flat=True)[:PICTURES_OFFERED])
        offered = [*newest, self.instance.header_picture_id or 0]
        self.fields["header_picture"].queryset = Media.objects.pictures().filter(pk__in=offered)
        self.fields["header_picture"].empty_label = _("(none)")
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


# Sidebar, menu and footer


class WidgetForm(forms.Form):
    place = forms.IntegerField(label=gettext_lazy("Position"), min_value=1, max_value=99, required=False)
    lines = forms.IntegerField(label=gettext_lazy("Items"), min_value=1, max_value=100, required=False)

    def __init__(self, *args, name, **kwargs):
        super().__init__(*args, prefix=f"widget-{name}", **kwargs)
        self.name, self.label = name, NAMES[name]
        if not WIDGETS[name]:
            del self.fields["lines"]


class PageForm(forms.ModelForm):
    class Meta:
        model = Post
        fields = ["menu_order"]
        labels = {"menu_order": gettext_lazy("Number")}


class SidebarForm(forms.ModelForm):
    class Meta:
        model = ReadingSettings
        fields = ["sidebar", "footer", "profiles", "verifications"]
        help_texts = {
            "footer": gettext_lazy("At the bottom of every page, in Markdown."),
            "profiles": gettext_lazy(
                "Where else you are, one address a line, with its name before it if you like: Mastodon "
                "https://social.example/@ada. The footer links to them with rel=me, by which those sites can tell "
                "that the blog is yours."
            ),
            "verifications": gettext_lazy(
                "What search consoles and other services ask you to put into your pages, one a line: "
                "google-site-verification: abc, fediverse:creator: @ada@social.example, or the whole <meta> element."
            ),
        }
        widgets = {
            "footer": forms.Textarea(attrs={"rows": 2}),
            "profiles": forms.Textarea(attrs={"rows": 3}),
            "verifications": forms.Textarea(attrs={"rows": 3}),
        }

    def clean_footer(self):
        return tidy(self.cleaned_data["footer"])


LinkForms = forms.modelformset_factory(MenuLink, fields=["title", "url", "number"], extra=1, can_delete=True)


def widget_forms(reading, data):
    places = {name: (place, lines) for place, (name, lines) in enumerate(reading.widgets, start=1) if name in WIDGETS}
    given = {
        name: {"place": places.get(name, (None, 0))[0], "lines": places.get(name, (None, 0))[1] or WIDGETS[name]}
        for name in WIDGETS
    }
    forms_of = [WidgetForm(data, name=name, initial=given[name]) for name in WIDGETS]
    return sorted(forms_of, key=lambda form: given[form.name]["place"] or 100)


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def menu_and_sidebar(request):
    data = request.POST if request.method == "POST" else None
    reading = ReadingSettings.objects.first() or ReadingSettings()
    form = SidebarForm(data, instance=reading)
    widgets = widget_forms(reading, data)
    top = (
        Post.objects.pages()
        .in_status_filter("all")
        .filter(parent=None)
        .for_desk()
        .order_by("menu_order", "title", "pk")
    )
    pages = [PageForm(data, instance=page, prefix=f"page-{page.pk}") for page in top]
    links = LinkForms(data, prefix="links")
    before = in_order(reading.widgets)
    mistaken = [each for each in (form, *widgets, *pages, links) if not each.is_valid()]
    if data is not None and not mistaken:
        with transaction.atomic():
            form.instance.widgets = chosen(widgets)
            form.save()
            for each in pages:
                if each.has_changed():
                    each.instance.save(update_fields=["menu_order"])
            links.save()
            SettingsChange.record(
                request.user, SettingsChange.Area.LAYOUT, menu_and_sidebar_changes(form, before, pages, links)
            )
        messages.success(request, _("Saved."))
        return redirect("desk_menu_and_sidebar")
    wrong = data is not None
    context = {"form": form, "widgets": widgets, "pages": pages, "links": links, "wrong": wrong}
    return render(request, "desk/menu_and_sidebar.html", context, status=422 if wrong else 200)


def menu_and_sidebar_changes(form, before, pages, links):
    values = [*changed_values(form), [_("Sidebar"), before, in_order(form.instance.widgets)]]
    for each in [*pages, *links]:
        values += [[f"{each.instance}: {what}", was, now] for what, was, now in changed_values(each)]
    return values


def in_order(widgets):
    return ", ".join(f"{name} ({lines})" if lines else name for name, lines in widgets)


def chosen(widgets):
    """The widgets that have a place, sorted by it, in the format of `ReadingSettings.widgets`."""
    placed = [each for each in widgets if each.cleaned_data["place"]]
    placed.sort(key=lambda each: each.cleaned_data["place"])
    return [[each.name, each.cleaned_data.get("lines") or WIDGETS[each.name]] for each in placed]
