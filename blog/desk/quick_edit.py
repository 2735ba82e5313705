"""Quick Edit: title, slug, date, categories, series, tags and status, without the text."""

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.desk.access import at_the_desk
from blog.desk.bulk_actions import list_of
from blog.desk.forms import MINUTES, slug_of
from blog.desk.row_messages import say
from blog.desk.tag_field import TagField
from blog.models import Category, Post, Series, Tag
from core.form_fields import LineField, LocalDateTimeField, same_minute
from core.text import isolated

OF_POSTS = ("categories", "series", "series_number", "tags")  # fields that a page does not have
MOST_PARTS = 2_147_483_647  # what the column takes


class QuickEditForm(forms.Form):
    title = LineField(label=gettext_lazy("Title"), max_length=500, required=False)
    slug = forms.CharField(
        label=gettext_lazy("Slug"),
        max_length=200,
        required=False,
        help_text=gettext_lazy(
            "The last part of the address. Until the post is public, leave it empty to make it from the title."
        ),
    )
    publish_at = LocalDateTimeField(
        label=gettext_lazy("Date"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        error_messages={"invalid": gettext_lazy("Enter a valid date and time, such as %(example)s.")},
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"))
    categories = forms.ModelMultipleChoiceField(
        Category.objects.order_by("route"),
        label=gettext_lazy("Categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    series = forms.ModelChoiceField(
        Series.objects.order_by("key"),
        label=gettext_lazy("Series"),
        required=False,
        empty_label=gettext_lazy("(no series)"),
    )
    series_number = forms.IntegerField(
        label=gettext_lazy("Part number"), required=False, min_value=0, max_value=MOST_PARTS
    )
    tags = TagField()

    def __init__(self, *args, post, user, **kwargs):
        self.post = post
        super().__init__(*args, **kwargs)
        self.initial = self.initial_values(post)
        status = Post.Status
        states = (status.DRAFT, status.PENDING, status.PUBLISHED)
        self.fields["status"].choices = [(state.value, state.label) for state in states]
        if post.kind == Post.Kind.PAGE:
            for name in OF_POSTS:
                del self.fields[name]
        if not user.has_perm("blog.publish_post", post):
            del self.fields["status"], self.fields["publish_at"]
        elif post.is_scheduled:
            self.fields["status"].choices = [
                (state, gettext_lazy("Scheduled") if state == status.PUBLISHED else label)
                for state, label in self.fields["status"].choices
            ]

    def initial_values(self, post):
        return {
            "title": post.title,
            "slug": "" if post.slug_follows else post.slug,
            "publish_at": post.publish_at,
            "status": post.status,
            "categories": post.categories.all(),
            "series": post.series_id,
            "series_number": post.series_number,
            "tags": self.fields["tags"].initial_value([tag.name for tag in post.tags.all()]),
        }

    def clean_publish_at(self):
        """The field shows minutes only: an unchanged minute keeps its seconds."""
        moment, before = self.cleaned_data["publish_at"], self.post.publish_at
        if moment:
            return before if before and same_minute(moment, before) else moment
        if self.post.is_scheduled and self.data.get("status") == Post.Status.PUBLISHED:
            raise ValidationError(_("A scheduled post needs a date. To publish it now, open it in the editor."))
        return before if self.post.is_published else None

    def clean_slug(self):
        return slug_of(self.cleaned_data["slug"])

    def clean_title(self):
        title = self.cleaned_data["title"]
        if not title and not self.post.source.strip():
            raise ValidationError(_("A post without a text needs a title."))
        return title

    def keep(self, by):
        """Save the fields. Call it in a transaction. The text stays; a changed title is stored as a revision."""
        post, typed = self.post, self.cleaned_data
        if "categories" in typed:
            post.categories.set(typed["categories"])
            post.tags.set(Tag.objects.called(typed["tags"]))
            post.series, post.series_number = typed["series"], typed["series_number"]
        was_scheduled = post.is_scheduled
        post.publish_at = typed.get("publish_at", post.publish_at)
        if "slug" in self.changed_data:
            post.derived_slug = ""  # typed by hand, or cleared to follow the title again
        title, waiting = post.title, post.revisions.unpublished()
        post.revise(by, title=typed["title"], slug=typed["slug"], minor=True)
        if waiting and not post.revisions.unpublished():  # keep the unpublished changes
            renamed = waiting.title if post.title == title else post.title
            texts = {"title": renamed, "source": waiting.source, "excerpt": waiting.excerpt}
            post.store_as_revision(waiting.by, kind=waiting.kind, **texts)
        wanted = typed.get("status", post.status)
        if wanted == Post.Status.PUBLISHED:
            if post.status != wanted or (was_scheduled and not post.is_scheduled):
                post.publish(by=by)
        elif wanted == post.status:
            return
        else:
            post.withdraw(wanted)


@at_the_desk("blog.write")
def quick_edit(request, pk):
    posts = Post.objects.editable_by(request.user).exclude(status=Post.Status.TRASH)
    prepared = posts.filter(pk=pk).prepared() if request.method == "POST" else {}
    with transaction.atomic():
        post = get_object_or_404(posts.select_for_update(), pk=pk)
        post.reuse(prepared.get(post.pk))
        if not request.user.has_perm("blog.edit_post", post):
            raise PermissionDenied
        form = QuickEditForm(request.POST or None, post=post, user=request.user)
        back = (request.POST.get("back") or request.GET.get("back", ""))[:2000]
        if request.method == "POST" and form.is_valid():
            form.keep(request.user)
            address = list_of(post.kind)
            address = f"{address}?{back}" if back and "\n" not in back else address
            return say(request, _("“%s” is saved.") % isolated(post), address, row=post.pk)
    context = {"form": form, "post": Post.objects.get(pk=pk), "back": back, "list": list_of(post.kind)}
    return render(request, "desk/quick_edit.html", context, status=422 if form.errors else 200)
