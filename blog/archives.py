"""The archives of posts: front page, category, tag, author, year, month, day.

Each function takes the arguments of its URL and returns an `Archive`, or raises Http404 if there is nothing to see.
"""

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from urllib.parse import quote

from django.contrib.auth import get_user_model
from django.db.models import DateTimeField
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _

from blog.layout import current_layout
from blog.models import Category, Podcast, Post, Series, Tag
from blog.models.series import PART_ORDER
from core import dates
from core.site import site
from core.written_queries import Parameter, PreparedQuery


@dataclass(frozen=True)
class Archive:
    """A list of posts with a title and a path. `find` returns an unordered, unsliced queryset; the pks in `first` come
    before it. `prepared`, where there is one, returns the same query for its first page, prepared. `in_feed` finds what
    its feed holds, where that is more."""

    title: str
    path: str
    find: Callable
    label: str = ""
    description: str = ""
    feed_title: str = ""
    order: tuple = ("-publish_at", "-pk")
    first: tuple = ()
    prepared: Callable | None = None
    in_feed: Callable | None = None
    podcast: Podcast | None = None

    @property
    def posts(self):
        return self.find()

    @property
    def posts_in_feed(self):
        return (self.in_feed or self.find)()

    @property
    def heading(self):
        """The heading in WordPress's form: "Tag: running"."""
        return f"{self.label}: {self.title}" if self.label else self.title

    @property
    def url(self):
        return quote(self.path)

    def numbers(self, start, stop):
        """The pks of its posts in the slice [start:stop]. The query reads only an index, at any depth."""
        start_of_rest, stop_of_rest = (max(0, place - len(self.first)) for place in (start, stop))
        if start == 0 and self.prepared:
            rows = self.prepared(stop_of_rest, bool(self.first))(now=timezone.now()) if stop_of_rest else []
            return [*self.first[:stop], *[pk for (pk,) in rows]]
        rest = (self.posts.filter(sticky=False) if self.first else self.posts).order_by(*self.order)
        return [*self.first[start:stop], *rest.values_list("pk", flat=True)[start_of_rest:stop_of_rest]]


@lru_cache(maxsize=64)
def newest_numbers(most, without_sticky):
    """The query for the pks of the newest posts."""
    posts = Post.objects.posts().published(Parameter("now", DateTimeField()))
    posts = posts.filter(sticky=False) if without_sticky else posts
    return PreparedQuery(lambda: posts.newest_first().values_list("pk")[:most])


def front():
    """All posts or those of the categories that the owner chose, sticky ones first; its feed has all. It has the front
    page, or another page that the owner chose for it."""
    layout = current_layout()
    categories = layout.front_categories
    return Archive(
        title=layout.posts_title or site().title,
        path=layout.posts_path or "/",
        find=(lambda: Post.objects.listed().in_categories(categories)) if categories else Post.objects.listed,
        description=site().tagline,
        first=layout.sticky,
        prepared=None if categories else newest_numbers,
        in_feed=Post.objects.listed,
    )


def category(route):
    """A category with its descendants, as in WordPress."""
    row = get_object_or_404(Category.objects.select_related("podcast__cover"), route=route.strip("/"))
    inside = Category.objects.filter(route=row.route) | Category.objects.filter(route__startswith=f"{row.route}/")
    return Archive(
        title=row.name,
        label=_("Category"),
        path=row.path,
        find=lambda: Post.objects.listed().in_categories(inside),
        description=row.description,
        podcast=getattr(row, "podcast", None),
    )


def tag(slug):
    word = get_object_or_404(Tag, slug=slug)
    return Archive(
        title=word.name,
        label=_("Tag"),
        path=word.path,
        find=lambda: Post.objects.listed().filter(tags=word),
        description=word.description,
    )


def series(slug):
    """The parts of a series, the first one first."""
    row = get_object_or_404(Series, slug=slug)
    return Archive(
        title=row.name,
        label=_("Series"),
        path=row.path,
        find=lambda: Post.objects.listed().filter(series=row),
        description=row.description,
        order=PART_ORDER,
    )


def author(handle):
    """The posts of one author; Http404 if none is public."""
    person = get_object_or_404(get_user_model(), handle=handle)
    posts = Post.objects.listed().filter(author=person)
    if not posts.exists():
        raise Http404
    return Archive(
        title=person.name,
        label=_("Author"),
        path=f"/author/{person.handle}/",
        find=posts.all,
        description=person.bio,
    )


def day(year, month=None, day=None):
    """The posts of a year, a month or a day, by the local date; Http404 if there are none."""
    try:
        first = date(year, month or 1, day or 1)
    except ValueError:
        raise Http404 from None
    last = date(year, month or 12, day or monthrange(year, month or 12)[1])
    label, title, path = _("Year"), str(year), f"/{year:04}/"
    if month:
        label, title, path = _("Month"), dates.month(first), f"{path}{month:02}/"
    if day:
        label, title, path = _("Day"), dates.day(first), f"{path}{day:02}/"
    posts = Post.objects.listed().filter(published_on__range=(first, last))
    if not posts.exists():
        raise Http404
    return Archive(title=title, label=label, path=path, find=posts.all, order=("-published_on", "-publish_at", "-pk"))
