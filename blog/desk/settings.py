"""What the blog is called, and how it is read. The discussion's settings stand in its own desk."""

import zoneinfo

from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from blog.desk.guard import at_the_desk
from blog.jobs import file_words_anew
from blog.models import Category, Post, Reading
from ground.models import Site


class SiteForm(forms.ModelForm):
    timezone = forms.ChoiceField(label=gettext_lazy("Timezone"))
    language = forms.ChoiceField(label=gettext_lazy("Language you write in"))

    class Meta:
        model = Site
        fields = ["title", "tagline", "language", "timezone"]
        help_texts = {"tagline": gettext_lazy("A few words under the title.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = offered(timezones(), self.instance.timezone)
        self.fields["language"].choices = offered(languages(), self.instance.language)


class ReadingForm(forms.ModelForm):
    class Meta:
        model = Reading
        fields = [
            "permalinks",
            "default_category",
            "posts_per_page",
            "feed_items",
            "feed_full",
            "accent",
            "sidebar",
        ]
        widgets = {"permalinks": forms.RadioSelect, "accent": forms.TextInput(attrs={"placeholder": "#3a5f2c"})}
        help_texts = {
            "default_category": gettext_lazy("Given to posts for which you choose none."),
            "accent": gettext_lazy("The colour of links. Empty: the moss green that Longrun comes with."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["default_category"].queryset = Category.objects.order_by("route")
        self.fields["default_category"].empty_label = _("(none)")


@at_the_desk("blog.change_settings")
def settings(request):
    site = Site.objects.first() or Site()
    reading = Reading.objects.first() or Reading()
    before = reading.permalinks
    site_form = SiteForm(request.POST or None, instance=site, prefix="site")
    reading_form = ReadingForm(request.POST or None, instance=reading, prefix="reading")
    if request.method == "POST" and site_form.is_valid() and reading_form.is_valid():
        with transaction.atomic():
            site_form.save()
            reading_form.save()
            if "language" in site_form.changed_data:
                file_words_anew.enqueue()
            moved = Post.objects.refile() if reading.permalinks != before else 0
        messages.success(request, what_happened(moved))
        return redirect("desk_settings")
    context = {
        "site_form": site_form,
        "reading_form": reading_form,
        "dated": Post.objects.posts().pile("all").exclude(path=None).count(),
        "wrong": bool(site_form.errors or reading_form.errors),
    }
    return render(request, "desk/settings.html", context, status=422 if context["wrong"] else 200)


def what_happened(moved):
    if not moved:
        return _("Settings saved.")
    told = ngettext(
        "Settings saved. %d post has a new address; its old one leads there.",
        "Settings saved. %d posts have new addresses; their old ones lead there.",
        moved,
    )
    return told % moved


def offered(choices, chosen):
    """The choices with the present one, even if it is no longer among them."""
    known = {value for value, label in choices}
    return choices if chosen in known or not chosen else [(chosen, chosen), *choices]


def timezones():
    """UTC and the places; names such as "EST5EDT" are other spellings of the same."""
    places = sorted(
        name
        for name in zoneinfo.available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    )
    return [(name, name.replace("_", " ")) for name in ("UTC", *places)]


def languages():
    return [(code, get_language_info(code)["name_local"]) for code, name in django_settings.LANGUAGES]
