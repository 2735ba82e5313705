"""General and reading settings. The discussion settings have a page of their own."""

from django import forms
from django.conf import settings as django_settings
from django.contrib import messages
from django.db import transaction
from django.db.models import Q
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import get_language_info, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from blog import permalinks
from blog.desk.access import at_the_desk
from blog.jobs import move_posts, rebuild_search_index, rerender
from blog.models import Category, Post, ReadingSettings
from blog.models.reading_settings import SHARE
from core.models import SettingsChange, Site
from core.models.settings_change import changed_values
from core.site import site as site_of_now
from core.timezones import offered_timezones

EXAMPLES = 5
AT_ONCE = 500  # posts that a request may move; the worker moves larger numbers


class SiteForm(forms.ModelForm):
    timezone = forms.ChoiceField(label=gettext_lazy("Timezone"))
    language = forms.ChoiceField(label=gettext_lazy("Language you write in"))

    class Meta:
        model = Site
        fields = ["title", "tagline", "language", "timezone"]
        help_texts = {"tagline": gettext_lazy("In a few words, what this blog is about.")}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = offered(timezones(), self.instance.timezone)
        self.fields["language"].choices = offered(languages(), self.instance.language)


class ReadingForm(forms.ModelForm):
    share_links = forms.MultipleChoiceField(
        label=gettext_lazy("Share links below a post"),
        choices=[*SHARE.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Plain links: nobody there is asked before a reader presses one."),
    )

    class Meta:
        model = ReadingSettings
        fields = [
            "permalinks",
            "default_category",
            "posts_per_page",
            "feed_items",
            "feed_full",
            "link_cards",
            "smart_punctuation",
            "share_links",
        ]
        widgets = {"permalinks": forms.RadioSelect}
        help_texts = {
            "default_category": gettext_lazy("Used for posts without a category."),
            "link_cards": gettext_lazy(
                "A link alone on its line shows the title and picture of its page, which the server asks once."
            ),
            "smart_punctuation": gettext_lazy(
                "Straight quotation marks become curly, -- a dash and ... an ellipsis, by the language of the post."
            ),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["default_category"].queryset = Category.objects.order_by("route")
        self.fields["default_category"].empty_label = _("(none)")


class FrontPageForm(forms.ModelForm):
    """What the front page shows."""

    front_page = forms.ModelChoiceField(
        label=gettext_lazy("It shows"),
        queryset=Post.objects.none(),
        required=False,
        empty_label=gettext_lazy("the newest posts"),
        help_text=gettext_lazy("Or a public page. If that is withdrawn later, the posts come back."),
    )
    posts_page = forms.ModelChoiceField(
        label=gettext_lazy("The newest posts are then at"),
        queryset=Post.objects.none(),
        required=False,
        empty_label=gettext_lazy("(nowhere)"),
        help_text=gettext_lazy(
            "The address of another page, in place of its text. Only while a page is the front page."
        ),
    )

    front_categories = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Only posts of these categories"),
        queryset=Category.objects.order_by("route"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "With the categories below them. None: all posts. Archives, search and feeds have all posts in any case."
        ),
    )

    class Meta:
        model = ReadingSettings
        fields = ["front_page", "posts_page", "front_posts", "front_size", "front_categories"]
        labels = {"front_posts": gettext_lazy("Posts"), "front_size": gettext_lazy("Posts per page there")}
        help_texts = {
            "front_posts": gettext_lazy("The themes Magazine and Portfolio show excerpts instead of whole posts."),
            "front_size": gettext_lazy("Leave empty for as many as in the archives."),
        }
        widgets = {"front_posts": forms.RadioSelect}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("front_page", "posts_page"):
            chosen = Q(pk=getattr(self.instance, f"{name}_id"))
            pages = Post.objects.pages().filter(chosen | Q(pk__in=Post.objects.pages().open().values("pk")))
            self.fields[name].queryset = pages.only("title", "summary", "visibility").order_by("title", "pk")

    def clean_posts_page(self):
        page = self.cleaned_data["posts_page"]
        if page and page == self.cleaned_data.get("front_page"):
            raise forms.ValidationError(_("This page is the front page already. Choose another one for the posts."))
        return page

    def clean_front_categories(self):
        return [category.pk for category in self.cleaned_data["front_categories"]]


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request):
    """The general and reading settings. A change of the permalinks is shown first; `sure` confirms it."""
    site = Site.objects.first() or Site()
    reading = ReadingSettings.objects.first() or ReadingSettings()
    before = reading.permalinks
    site_form = SiteForm(request.POST or None, instance=site, prefix="site")
    reading_form = ReadingForm(request.POST or None, instance=reading, prefix="reading")
    front_form = FrontPageForm(request.POST or None, instance=reading, prefix="front")
    several = [site_form, front_form, reading_form]
    if request.method == "POST" and all(form.is_valid() for form in several):
        moving = reading.permalinks != before
        if moving and request.POST.get("sure") != reading.permalinks:
            count, examples = moves_to(reading.permalinks)
            if count:
                return ask_first(request, count, examples)
        with transaction.atomic():
            site_form.save()
            front_form.save()
            reading_form.save()
            changes = [values for form in several for values in changed_values(form)]
            SettingsChange.record(request.user, SettingsChange.Area.BLOG, changes)
            queue_rerender(site_form.changed_data, reading_form.changed_data)
            moved = move_posts_now_or_soon() if moving else 0
        messages.success(request, what_happened(moved))
        return redirect("desk_settings")
    context = {
        "site_form": site_form,
        "front_form": front_form,
        "reading_form": reading_form,
        "dated": Post.objects.count_dated(),
        "privacy_page": Post.objects.pages().in_status_filter("all").filter(pk=reading.privacy_page_id or 0).first(),
        "wrong": any(form.errors for form in several),
    }
    return render(request, "desk/settings.html", context, status=422 if context["wrong"] else 200)


def queue_rerender(site_changes, reading_changes):
    """Queue what a change affects: rendering, if quotation marks change, and the search index, if stemming does."""
    posts = Post.objects.none()
    if "language" in site_changes:
        rebuild_search_index.enqueue()
        posts = Post.objects.filter(language="")
    if "smart_punctuation" in reading_changes:
        posts = Post.objects.all()
    elif "link_cards" in reading_changes:  # switched on, the posts have none yet
        posts = Post.objects.filter(html__contains='<figure class="longrun-card">')
    if posts.update(html_version=0):
        rerender.enqueue()


def moves_to(structure):
    """(number of posts that another structure moves, examples as [(title, from, to), …]), newest first."""
    routes = {}
    if structure == "category":
        filed = Post.categories.through.objects.order_by("-category__key")
        routes = dict(filed.values_list("post", "category__route"))
    count, examples = 0, []
    dated = Post.objects.posts().in_status_filter("all").exclude(path=None).exclude(published_on=None).newest_first()
    for pk, title, slug, on, path in dated.values_list("pk", "title", "slug", "published_on", "path"):
        new = permalinks.filled(structure, on, slug, routes.get(pk, ""))
        if new != path:
            count += 1
            if len(examples) < EXAMPLES:
                examples.append((title or _("(no title)"), path, new))
    return count, examples


def ask_first(request, count, examples):
    typed = [(name, value) for name, values in request.POST.lists() for value in values if name in kept_of(request)]
    context = {"count": count, "examples": examples, "typed": typed, "structure": request.POST["reading-permalinks"]}
    return render(request, "desk/confirm_moved_posts.html", context)


def kept_of(request):
    return {name for name in request.POST if name.startswith(("site-", "front-", "reading-"))}


def move_posts_now_or_soon():
    """The number of posts moved; None if there are so many that the worker moves them."""
    if Post.objects.posts().exclude(path=None).count() > AT_ONCE:
        move_posts.enqueue()
        return None
    return Post.objects.update_paths()


def what_happened(moved):
    if moved is None:
        return _("Settings saved. The posts move in the background; their old addresses redirect to the new ones.")
    if not moved:
        return _("Settings saved.")
    told = ngettext(
        "Settings saved. %d post has a new address; the old one redirects to it.",
        "Settings saved. %d posts have new addresses; the old ones redirect to them.",
        moved,
    )
    return told % moved


@at_the_desk("blog.change_settings")
@require_POST
def write_privacy_page(request):
    """Create a draft that says what this blog stores, for the owner to edit and publish."""
    reading = ReadingSettings.objects.first() or ReadingSettings()
    page = Post.objects.pages().in_status_filter("all").filter(pk=reading.privacy_page_id or 0).first()
    if page is None:
        with transaction.atomic():
            page = Post(author=request.user, kind=Post.Kind.PAGE, title=_("Privacy"), comments_open=False)
            page.source = render_to_string("desk/privacy.txt", {"site": site_of_now()}).strip()
            page.save()
            page.file()
            page.keep_revision(request.user)
            reading.privacy_page = page
            reading.save()
        messages.success(request, _("A draft of a privacy page. Read it, edit it, and press Publish."))
    return redirect("desk_post", pk=page.pk)


def offered(choices, chosen):
    """The choices, with the current value added if it is missing."""
    known = {value for value, label in choices}
    return choices if chosen in known or not chosen else [(chosen, chosen), *choices]


def timezones():
    return [(name, name.replace("_", " ")) for name in offered_timezones()]


def languages():
    return [(code, get_language_info(code)["name_local"]) for code, name in django_settings.LANGUAGES]
