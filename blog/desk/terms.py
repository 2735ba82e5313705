"""Categories and tags: list with counts, add, edit, delete. Former paths redirect."""

from django import forms
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog.desk.access import at_the_desk
from blog.desk.row_messages import page_of, place_in, places, say
from blog.models import Category, Post, Series, Tag
from blog.models.reading_settings import reading
from core.text import isolated

PER_PAGE = 100


class TagForm(forms.ModelForm):
    class Meta:
        model = Tag
        fields = ["name", "slug", "description"]
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "slug": gettext_lazy("The last part of the address. Leave empty to make it from the name."),
            "description": gettext_lazy("Shown above its posts."),
        }


class SeriesForm(TagForm):
    class Meta(TagForm.Meta):
        model = Series  # type: ignore[assignment]  # a form of another model
        help_texts = TagForm.Meta.help_texts | {"description": gettext_lazy("Shown above its parts.")}


class CategoryForm(TagForm):
    class Meta(TagForm.Meta):
        model = Category  # type: ignore[assignment]  # a form of another model
        fields = ["name", "slug", "parent", "description"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Category.objects.exclude(pk=self.instance.pk).order_by("route")
        self.fields["parent"].empty_label = _("(no parent)")


@at_the_desk("blog.manage_terms")
def categories(request):
    return term_list(request, Category.objects.order_by("route"), CategoryForm)


@at_the_desk("blog.manage_terms")
def tags(request):
    return term_list(request, Tag.objects.order_by("key"), TagForm)


@at_the_desk("blog.manage_terms")
def all_series(request):
    return term_list(request, Series.objects.order_by("key"), SeriesForm)


@at_the_desk("blog.manage_terms")
def category(request, pk):
    return change(request, get_object_or_404(Category, pk=pk), CategoryForm)


@at_the_desk("blog.manage_terms")
def tag(request, pk):
    return change(request, get_object_or_404(Tag, pk=pk), TagForm)


@at_the_desk("blog.manage_terms")
def series(request, pk):
    return change(request, get_object_or_404(Series, pk=pk), SeriesForm)


@at_the_desk("blog.manage_terms")
def delete_category(request, pk):
    return delete(request, get_object_or_404(Category, pk=pk))


@at_the_desk("blog.manage_terms")
def delete_tag(request, pk):
    return delete(request, get_object_or_404(Tag, pk=pk))


@at_the_desk("blog.manage_terms")
def delete_series(request, pk):
    return delete(request, get_object_or_404(Series, pk=pk))


def term_list(request, terms, form_class):
    """All terms of a kind, and the form to add one."""
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        term = form.save()
        return say(request, _("Added “%s”.") % isolated(term), request.path, row=term.pk, page=page_of_term(term))
    page = Paginator(terms, PER_PAGE).get_page(request.GET.get("page"))
    counts = terms.model.objects.kept_counts([term.pk for term in page] if page.has_other_pages() else None)
    for term in page:
        term.posts_count = counts.get(term.pk, 0)
    context = {"form": form, "names": names_of(terms.model), "page": page} | places(request, page)
    return render(request, "desk/terms.html", context, status=422 if form.errors else 200)


def change(request, term, form_class):
    form = form_class(request.POST or None, instance=term)
    if request.method == "POST" and form.is_valid():
        form.save()
        follow(term)
        said = _("Saved “%s”. Its former address redirects to the new one.") % isolated(term)
        return say(request, said, list_of(term), row=term.pk, page=page_of_term(term))
    context = {"form": form, "term": type(term).objects.get(pk=term.pk), "names": names_of(type(term))}
    return render(request, "desk/term.html", context, status=422 if form.errors else 200)


def delete(request, term):
    """Ask first. The posts stay; they only lose the term."""
    names = names_of(type(term))
    if request.method != "POST":
        return render(request, "desk/delete_term.html", {"term": term, "names": names, "posts": term.posts.count()})
    place = place_in(above(term), PER_PAGE)
    term.delete()
    follow(term)
    return say(request, _("“%s” was deleted. Its posts were not.") % isolated(term), list_of(term), **place)


def list_of(term):
    return reverse(names_of(type(term))["list"])


def above(term):
    """The terms before this one in its list."""
    kind = type(term)
    if kind is Category:
        return Category.objects.order_by("route").filter(
            route__lt=Category.objects.values_list("route").get(pk=term.pk)[0]
        )
    return kind.objects.order_by("key").filter(key__lt=term.key)


def page_of_term(term):
    return page_of(above(term), PER_PAGE)


def follow(term):
    """Move the posts if the category is part of their paths."""
    if isinstance(term, Category) and reading().permalinks == "category":
        Post.objects.update_paths()


# The labels and URL names that differ between the pages of categories, tags and series.
NAMES = {
    Category: (
        gettext_lazy("Categories"),
        gettext_lazy("Add a category"),
        gettext_lazy("Merge categories"),
        "desk_category",
        "desk_categories",
    ),
    Tag: (gettext_lazy("Tags"), gettext_lazy("Add a tag"), gettext_lazy("Merge tags"), "desk_tag", "desk_tags"),
    Series: (
        gettext_lazy("Series"),
        gettext_lazy("Add a series"),
        gettext_lazy("Merge series"),
        "desk_series",
        "desk_all_series",
    ),
}


def names_of(kind):
    title, add, merge, one, many = NAMES[kind]
    names = {"title": title, "add": add, "merge_title": merge, "list": many, "edit": one}
    names |= {"delete": f"{one}_delete", "merge": f"{one}_merge"}
    return names | ({"podcast": "desk_podcast"} if kind is Category else {})
