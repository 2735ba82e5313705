"""Categories and tags: seen with their counts, added, changed, deleted. Renamed ones answer at their old address."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.desk.guard import at_the_desk
from blog.models import Category, Post, Tag
from blog.models.reading import reading

PER_PAGE = 100


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name", "slug", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "slug": gettext_lazy("The last part of the address. Empty: made of the name."),
            "description": gettext_lazy("Shown above its posts."),
        }


class CategoryForm(TagForm):
    class Meta(TagForm.Meta):
        model = Category
        fields = ["name", "slug", "parent", "description"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Category.objects.exclude(pk=self.instance.pk).order_by("route")
        self.fields["parent"].empty_label = _("(no parent)")


@at_the_desk("blog.manage_terms")
def categories(request):
    return shelf(request, Category.objects.order_by("route"), CategoryForm)


@at_the_desk("blog.manage_terms")
def tags(request):
    return shelf(request, Tag.objects.order_by("key"), TagForm)


@at_the_desk("blog.manage_terms")
def category(request, pk):
    return change(request, get_object_or_404(Category, pk=pk), CategoryForm)


@at_the_desk("blog.manage_terms")
def tag(request, pk):
    return change(request, get_object_or_404(Tag, pk=pk), TagForm)


@at_the_desk("blog.manage_terms")
def delete_category(request, pk):
    return delete(request, get_object_or_404(Category, pk=pk))


@at_the_desk("blog.manage_terms")
def delete_tag(request, pk):
    return delete(request, get_object_or_404(Tag, pk=pk))


def shelf(request, terms, form_class):
    """All terms of a kind, and the form for one more."""
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        term = form.save()
        messages.success(request, _("Added “%s”.") % term)
        return redirect(request.path)
    context = {
        "form": form,
        "names": names_of(terms.model),
        "page": Paginator(terms.with_counts(), PER_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "desk/terms.html", context, status=422 if form.errors else 200)


def change(request, term, form_class):
    form = form_class(request.POST or None, instance=term)
    if request.method == "POST" and form.is_valid():
        form.save()
        follow(term)
        messages.success(request, _("Saved “%s”. Its former address leads to the new one.") % term)
        return redirect(names_of(type(term))["list"])
    context = {"form": form, "term": type(term).objects.get(pk=term.pk), "names": names_of(type(term))}
    return render(request, "desk/term.html", context, status=422 if form.errors else 200)


def delete(request, term):
    """Asks first. The posts stay; they only lose the word."""
    names = names_of(type(term))
    if request.method != "POST":
        return render(request, "desk/delete_term.html", {"term": term, "names": names, "posts": term.posts.count()})
    term.delete()
    follow(term)
    messages.success(request, _("“%s” is deleted. Its posts are still there.") % term)
    return redirect(names["list"])


def follow(term):
    """Where the category is part of a post's address, the posts move with it."""
    if isinstance(term, Category) and reading().permalinks == "category":
        Post.objects.refile()


def names_of(kind):
    """What the pages of categories and of tags have different: words and addresses."""
    one, many = ("category", "categories") if kind is Category else ("tag", "tags")
    return {
        "title": _("Categories") if kind is Category else _("Tags"),
        "add": _("Add a category") if kind is Category else _("Add a tag"),
        "list": f"desk_{many}",
        "edit": f"desk_{one}",
        "delete": f"desk_{one}_delete",
    }
