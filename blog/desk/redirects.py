"""Redirects: the list, adding one by hand, and the 404 log."""

from urllib.parse import unquote

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from blog.desk.access import at_the_desk
from blog.models import Category, NotFound, Post, Redirect, Tag
from blog.models.redirect import key_of
from blog.redirects.not_found import suggested
from core import cache_version
from core.text import isolated, tidy_line

PER_PAGE = 50
OFFERED = 200
HOPS = 10


class RedirectForm(forms.Form):
    old = forms.CharField(
        label=gettext_lazy("Old address"),
        max_length=1024,
        help_text=gettext_lazy("A path of this blog, such as /2009/my-first-post/."),
    )
    to = forms.CharField(
        label=gettext_lazy("Redirects to"),
        max_length=1024,
        required=False,
        help_text=gettext_lazy(
            "A path of this blog. Leave empty if the page is gone: the old address then answers 410."
        ),
        widget=forms.TextInput(attrs={"list": "paths", "autocomplete": "off"}),
    )

    def clean_old(self):
        path = validated_path(self.cleaned_data["old"])
        if object_at(path):
            raise ValidationError(_("There is a page at this address. Redirects do not replace existing pages."))
        return path

    def clean_to(self):
        return validated_path(self.cleaned_data["to"]) if self.cleaned_data["to"] else ""

    def clean(self):
        typed = super().clean()
        old, to = typed.get("old"), typed.get("to")
        if old and to and is_loop(to, old):
            self.add_error("to", _("That would create a redirect loop."))
        return typed

    def keep(self):
        old, to = self.cleaned_data["old"], self.cleaned_data["to"]
        thing = object_at(to) if to else None
        with transaction.atomic():
            Redirect.keep(old, thing, public=True, target="" if thing else to)
            NotFound.objects.filter(key=key_of(old)).delete()
            cache_version.invalidate(cache_version.POSTS)  # 404 answers of well-known paths are cached


def validated_path(said):
    path = tidy_line(said)
    if not path.startswith("/") or path.startswith("//") or "\\" in path or "\x00" in path:
        raise ValidationError(_("An address begins with a slash, such as /about/."))
    if len(key_of(path)) > 1024:
        raise ValidationError(_("That address is too long."))
    return path


def object_at(path):
    """The post, page, category or tag at this path, or None. A redirect to an object follows it when it moves."""
    path = unquote(path.partition("?")[0].partition("#")[0])
    path = f"{path.rstrip('/')}/"
    if post := Post.objects.filter(path=path).first():
        return post
    kind, _slash, rest = path.strip("/").partition("/")
    return {
        "category": lambda: Category.objects.filter(route=rest).first(),
        "tag": lambda: Tag.objects.filter(slug=rest).first(),
    }.get(kind, lambda: None)()


def is_loop(to, old):
    """Whether following the redirects from `to` leads to `old`: a loop."""
    end = key_of(old)
    for _hop in range(HOPS):
        if key_of(to) == end:
            return True
        row = Redirect.objects.at(to)
        if row is None or not row.target:
            return False
        to = row.target
    return True


@at_the_desk("blog.change_settings")
@require_http_methods(["GET", "HEAD", "POST"])
def redirect_list(request):
    """All redirects, newest first; `?q=` searches them, `?old=` fills the form with a path from the 404 log."""
    old = request.GET.get("old", "")[:1024]
    form = RedirectForm(request.POST or None, initial={"old": old})
    if request.method == "POST" and form.is_valid():
        form.keep()
        messages.success(request, _("Saved: %s") % isolated(form.cleaned_data["old"]))
        return redirect("desk_not_found_log" if "from_log" in request.POST else "desk_redirects")
    words = tidy_line(request.GET.get("q", ""))[:200]
    page = Paginator(Redirect.objects.matching(words).with_things(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "words": words,
        "suggestions": suggested(old) if old else (),
        "old": old,
        "paths": Post.objects.listed().newest_first().only("path", "title", "summary")[:OFFERED],
    }
    return render(request, "desk/redirects.html", context, status=422 if form.errors else 200)


@at_the_desk("blog.change_settings")
@require_POST
def delete_redirect(request, pk):
    row = get_object_or_404(Redirect, pk=pk)
    with transaction.atomic():
        row.delete()
        cache_version.invalidate(cache_version.POSTS)
    messages.success(request, _("The redirect from %s was deleted.") % isolated(row.key))
    return redirect("desk_redirects")


class DistinctPathPaginator(Paginator):
    """Counts each path once."""

    @cached_property
    def count(self):
        return NotFound.objects.order_by().values("key").distinct().count()


@at_the_desk("blog.change_settings")
@require_safe
def not_found_log(request):
    """The 404 log of the last weeks, most requested first, each with a post that it may mean."""
    page = DistinctPathPaginator(NotFound.objects.by_address(), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    meant = {post.slug: post for post in Post.objects.open().filter(slug__in=[last(row["key"]) for row in rows])}
    hosts = {}
    for key, host in (
        NotFound.objects.filter(key__in=[row["key"] for row in rows]).exclude(host="").values_list("key", "host")
    ):
        hosts.setdefault(key, set()).add(host)
    for row in rows:
        row["hosts"] = sorted(hosts.get(row["key"], ()))[:3]
        row["post"] = meant.get(last(row["key"]))
    page.object_list = rows
    return render(request, "desk/not_found_log.html", {"page": page})


def last(key):
    return key.rpartition("/")[2]


@at_the_desk("blog.change_settings")
@require_POST
def delete_not_found(request):
    """Remove a path from the log. It returns when it is requested again."""
    NotFound.objects.filter(key=request.POST.get("key", "")[:1024]).delete()
    return redirect(reverse("desk_not_found_log"))
