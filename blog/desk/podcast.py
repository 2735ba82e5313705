"""The page of a category that makes it a podcast."""

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.desk.access import at_the_desk
from blog.desk.row_messages import say
from blog.feeds.apple_categories import apple_category_choices
from blog.feeds.podcast import is_cover
from blog.models import Category, Media
from blog.models.podcast import Podcast
from core import languages
from core.form_fields import LanguageField
from core.site import site
from core.text import isolated

COVERS_OFFERED = 50


class PodcastForm(forms.ModelForm):
    apple_category = forms.ChoiceField(label=gettext_lazy("Category at Apple Podcasts"), choices=apple_category_choices)
    language = LanguageField(label=gettext_lazy("Language"))

    class Meta:
        model = Podcast
        fields = [
            "title", "description", "author", "email", "cover", "language", "apple_category", "explicit", "serial",
            "locked",
        ]  # fmt: skip
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        labels = {
            "title": gettext_lazy("Title"),
            "description": gettext_lazy("Description"),
            "author": gettext_lazy("Author"),
            "email": gettext_lazy("Email address of the owner"),
            "cover": gettext_lazy("Cover"),
            "explicit": gettext_lazy("Explicit content"),
            "serial": gettext_lazy("Serial: to be heard from the first episode on"),
            "locked": gettext_lazy("Other hosts may not import this podcast"),
        }
        help_texts = {
            "email": gettext_lazy("Public, in the feed: directories write to it to check whose podcast it is."),
            "cover": gettext_lazy("A square JPEG or PNG of 1,400 to 3,000 pixels from the library."),
        }

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        offered = Media.objects.visible_to(user).filter(kind=Media.Kind.PICTURE)
        newest = list(offered.kept().values_list("pk", flat=True)[:COVERS_OFFERED])
        self.fields["cover"].queryset = offered.filter(pk__in=[*newest, self.instance.cover_id or 0])
        self.fields["language"].choices = list(dict(languages.choices()).items())

    def clean_cover(self):
        cover = self.cleaned_data["cover"]
        if not is_cover(cover):
            told = _(
                "“%(name)s” is %(format)s with %(width)d × %(height)d pixels. Apple takes a square JPEG or PNG of "
                "1,400 to 3,000 pixels."
            )
            raise ValidationError(
                told % {"name": cover, "width": cover.width, "height": cover.height, "format": cover.format.upper()}
            )
        return cover


@at_the_desk("blog.manage_terms")
def podcast(request, pk):
    """What the feed of a category says of it as a podcast. The button "stop" makes it a category like others."""
    category = get_object_or_404(Category.objects.select_related("podcast"), pk=pk)
    there = getattr(category, "podcast", None)
    if request.method == "POST" and request.POST.get("action") == "stop":
        if there:
            there.delete()
        told = _("“%s” is no podcast any more. Its posts and their recordings stay.") % isolated(category)
        return say(request, told, reverse("desk_categories"), row=pk)
    first = Podcast(category=category, title=category.name, description=category.description,
                    author=request.user.name, language=languages.canonical(site().language))  # fmt: skip
    form = PodcastForm(request.POST or None, instance=there or first, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved. The feed has it now."))
        return redirect("desk_podcast", pk=pk)
    context = {"form": form, "category": category, "podcast": there}
    return render(request, "desk/podcast.html", context, status=422 if form.errors else 200)
