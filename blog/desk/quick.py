"""What one changes of a post without opening its text: title, slug, date, words, status."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.desk.bulk import list_of
from blog.desk.forms import MINUTES, MOST_TAGS, words_between_commas
from blog.desk.guard import at_the_desk
from blog.models import Category, Post, Tag
from ground.fields import Line, Moment, same_minute
from ground.words import fold


class QuickForm(forms.Form):
    title = Line(label=gettext_lazy("Title"), max_length=500, required=False)
    slug = forms.CharField(
        label=gettext_lazy("Slug"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("The last part of the address. Empty: made of the title."),
    )
    publish_at = Moment(
        label=gettext_lazy("Date"),
        required=False,
        input_formats=[MINUTES, f"{MINUTES}:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MINUTES),
        error_messages={"invalid": gettext_lazy("That is no date and time: write it like 2026-11-23 14:30.")},
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"))
    categories = forms.ModelMultipleChoiceField(
        Category.objects.order_by("route"),
        label=gettext_lazy("Categories"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, help_text=gettext_lazy("Separate tags with commas.")
    )

    def __init__(self, *args, post, user, **kwargs):
        self.post = post
        super().__init__(*args, initial=self.beginnings(post), **kwargs)
        status = Post.Status
        states = (status.DRAFT, status.PENDING, status.PUBLISHED)
        self.fields["status"].choices = [(state.value, state.label) for state in states]
        if post.kind == Post.Kind.PAGE:
            del self.fields["categories"], self.fields["tags"]
        if not user.has_perm("blog.publish_post", post):
            del self.fields["status"], self.fields["publish_at"]

    def beginnings(self, post):
        return {
            "title": post.title,
            "slug": post.slug,
            "publish_at": post.publish_at,
            "status": post.status,
            "categories": post.categories.all(),
            "tags": ", ".join(tag.name for tag in post.tags.all()),
        }

    def clean_publish_at(self):
        """The field shows minutes: a minute that was not touched keeps its seconds."""
        moment, before = self.cleaned_data["publish_at"], self.post.publish_at
        return before if moment and before and same_minute(moment, before) else moment

    def clean_title(self):
        title = self.cleaned_data["title"]
        if not title and not self.post.source.strip():
            raise ValidationError(_("A post without a text needs a title."))
        return title

    def clean_tags(self):
        names = words_between_commas(self.cleaned_data["tags"])
        for name in names:
            if len(name) > 200:
                raise ValidationError(_("“%s…” is too long: a tag has at most 200 characters.") % name[:40])
            if not fold(name):
                raise ValidationError(_("“%s” is no tag: it needs at least one letter or digit.") % name)
        if len(names) > MOST_TAGS:
            raise ValidationError(_("At most %d tags, please.") % MOST_TAGS)
        return names

    def keep(self, by):
        """Wants a transaction. The text stays as it is; a new title is a revision."""
        post, typed = self.post, self.cleaned_data
        if "categories" in typed:
            post.categories.set(typed["categories"])
            post.tags.set(Tag.objects.called(typed["tags"]))
        if typed.get("publish_at") or post.status != Post.Status.PUBLISHED:
            post.publish_at = typed.get("publish_at", post.publish_at)
        title, waiting = post.title, post.revisions.unpublished()
        post.revise(by, title=typed["title"], slug=typed["slug"], minor=True)
        if waiting and not post.revisions.unpublished():  # what waits beside the text goes on waiting
            renamed = waiting.title if post.title == title else post.title
            texts = {"title": renamed, "source": waiting.source, "excerpt": waiting.excerpt}
            post.set_aside(waiting.by, kind=waiting.kind, **texts)
        wanted = typed.get("status", post.status)
        if wanted == post.status:
            return
        if wanted == Post.Status.PUBLISHED:
            post.publish(by=by)
        else:
            post.withdraw(wanted)


@at_the_desk("blog.write")
def quick(request, pk):
    with transaction.atomic():
        posts = Post.objects.editable_by(request.user).exclude(status=Post.Status.TRASH)
        post = get_object_or_404(posts.select_for_update(), pk=pk)
        if not request.user.has_perm("blog.edit_post", post):
            raise PermissionDenied
        form = QuickForm(request.POST or None, post=post, user=request.user)
        back = (request.POST.get("back") or request.GET.get("back", ""))[:2000]
        if request.method == "POST" and form.is_valid():
            form.keep(request.user)
            messages.success(request, _("“%s” is saved.") % post)
            address = list_of(post.kind)
            return redirect(f"{address}?{back}" if back and "\n" not in back else address)
    context = {"form": form, "post": Post.objects.get(pk=pk), "back": back, "list": list_of(post.kind)}
    return render(request, "desk/quick.html", context, status=422 if form.errors else 200)
