"""The dashboard: what comes first, drafts, scheduled posts, the latest published posts, views, and a quick draft."""

from django import forms
from django.contrib import messages
from django.db import transaction
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from blog.desk import stats
from blog.desk.access import at_the_desk
from blog.desk.forms import LONGEST_TEXT, at_most
from blog.models import Post
from blog.models.reading_settings import reading
from core.form_fields import LineField
from core.text import isolated, tidy, tidy_line

SHOWN = 5


class QuickDraftForm(forms.Form):
    title = LineField(label=gettext_lazy("Title"), max_length=500, required=False)
    source = forms.CharField(
        label=gettext_lazy("What is on your mind?"),
        required=False,
        strip=False,
        validators=[at_most(LONGEST_TEXT)],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self):
        typed = super().clean()
        if not self.errors and not tidy_line(typed["title"]) and not tidy(typed["source"]).strip():
            self.add_error("source", _("Write a title or some text first."))
        return typed

    def keep(self, by):
        post = Post(
            author=by, title=self.cleaned_data["title"], source=self.cleaned_data["source"], extended_markdown=True
        )
        post.get_ready()
        with transaction.atomic():
            post.save()
            if category := reading().default_category:
                post.categories.add(category)
            post.revise(by)
        return post


@at_the_desk()
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request):
    """The dashboard; POST saves the quick draft."""
    mine = Post.objects.editable_by(request.user)
    writes = request.user.has_perm("blog.write")
    form = QuickDraftForm(request.POST or None, prefix="quick") if writes else None
    if request.method == "POST":
        if form is None:
            return redirect("desk")
        if form.is_valid():
            messages.success(request, _("Draft saved: “%s”.") % isolated(form.keep(request.user)))
            return redirect("desk")
    scheduled = list(mine.scheduled().order_by("publish_at")[:SHOWN]) if writes else []
    context = {
        "form": form,
        "writes": writes,
        "drafts": latest_drafts(mine) if writes else (),
        "scheduled": scheduled,
        "today": [post for post in scheduled if timezone.localdate(post.publish_at) == timezone.localdate()],
        "published": list(mine.in_status_filter("published").newest_first()[:SHOWN]) if writes else [],
        "views": stats.views(request.user) if writes else None,
    }
    return render(request, "desk/dashboard.html", context, status=422 if form and form.errors else 200)


def latest_drafts(posts):
    """Sorted by their entries in an index; then the rows, which are long, of the few that are shown."""
    numbers = list(posts.drafts().order_by("-updated_at", "-pk").values_list("pk", flat=True)[:SHOWN])
    return posts.filter(pk__in=numbers).for_desk()
