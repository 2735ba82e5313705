"""The filters and the order of a list of posts, as its URL gives them."""

import hashlib
import re
from calendar import monthrange
from datetime import date
from functools import cached_property

from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Value
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from blog.layout import current_layout
from blog.models import Category, Post, Series
from core import cache_version
from core.row_ids import row_id
from core.text import fold, tidy_line

STATUS_FILTERS = {
    "all": _("All"),
    "published": _("Published"),
    "draft": _("Drafts"),
    "scheduled": _("Scheduled"),
    "pending": _("Pending"),
    "trash": _("Trash"),
}
# Each order has an index, so that the first page takes the same time for 1,000 posts and for 50,000.
ORDERS = {
    "updated": (_("Last modified"), ["-updated_at", "-pk"]),
    "date": (_("Newest first"), [F("publish_at").desc(nulls_last=True), "-pk"]),
    "oldest": (_("Oldest first"), [F("publish_at").asc(nulls_first=True), "pk"]),
    "title": (_("By title"), ["title", "pk"]),
}


class PostFilter:
    """The filters from a URL's query. Invalid values are ignored."""

    def __init__(self, said, kind, user):
        self.kind, self.user = kind, user
        self.show = said.get("show") if said.get("show") in STATUS_FILTERS else "all"
        self.sort = said.get("sort") if said.get("sort") in ORDERS else "updated"
        self.words = tidy_line(said.get("q", ""))[:200]
        self.tag = tidy_line(said.get("tag", ""))[:200]
        self.category = row_id(said.get("category"))
        self.series = row_id(said.get("series"))
        self.author = row_id(said.get("author"))
        month = re.fullmatch(r"([12]\d{3})-(0[1-9]|1[0-2])", said.get("month", ""), re.ASCII)
        self.month = (int(month[1]), int(month[2])) if month else None

    def posts(self):
        """All posts of this kind that the user may edit and that match the filters, of every status."""
        found = Post.objects.editable_by(self.user).filter(kind=self.kind)
        if self.words:
            # A subquery, so that titles are read from their index and not from rows of many kilobytes.
            found = found.filter(pk__in=Post.objects.filter(kind=self.kind).titled(self.words).values("pk"))
        if self.category:
            found = found.filter(pk__in=posts_with_term(Post.categories.through, category=self.category))
        if self.series:
            found = found.filter(series=self.series)
        if self.tag:
            found = found.filter(pk__in=posts_with_term(Post.tags.through, tag__key=fold(self.tag)))
        if self.month:
            first, last = date(*self.month, 1), date(*self.month, monthrange(*self.month)[1])
            found = found.filter(published_on__gte=first, published_on__lte=last)
        if self.author:
            found = found.filter(author=self.author)
        return found

    def counts(self):
        """{status filter: number of posts}, cached for each cache version, because counting takes time in large
        blogs."""
        scope = "everybody" if self.user.has_perm("blog.edit_others") else self.user.pk
        said = f"{self.kind} {scope} {self.query(show='', sort='')}"
        key = f"status_filters:{cache_version.current()}:{hashlib.sha256(said.encode()).hexdigest()}"
        return cache.get_or_set(key, lambda: self.posts().count_by_status_filter(), timeout=600)

    def ordered(self):
        return self.with_status().for_desk().order_by(*ORDERS[self.sort][1])

    def with_status(self):
        if self.show == "published":  # in this form the index gives the order; the few scheduled posts are excluded
            scheduled = Post.objects.scheduled().filter(kind=self.kind)
            return self.posts().filter(status=Post.Status.PUBLISHED).exclude(pk__in=scheduled.values("pk"))
        return self.posts().in_status_filter(self.show)

    @property
    def is_filtered(self):
        return bool(self.words) or self.is_narrowed

    @property
    def is_narrowed(self):
        """By anything else than words."""
        return bool(self.category or self.series or self.tag or self.month or self.author)

    def query(self, **changed):
        """The query string of these filters, without default values."""
        said = {
            "show": self.show if self.show != "all" else "",
            "q": self.words,
            "category": self.category,
            "series": self.series,
            "tag": self.tag,
            "month": self.chosen_month,
            "author": self.author,
            "sort": self.sort if self.sort != "updated" else "",
        } | changed
        query = QueryDict(mutable=True)
        query.update({name: value for name, value in said.items() if value})
        return query.urlencode()

    # Options of the filter form

    @property
    def chosen_month(self):
        return "{:04}-{:02}".format(*self.month) if self.month else ""

    @cached_property
    def months(self):
        """The months that the layout lists, as (2026-03, "March 2026"), and the chosen one."""
        known = [("-".join(link.url.strip("/").split("/")), link.title) for link in current_layout().months]
        extra = [(self.chosen_month, self.chosen_month)] if self.month else []
        return known if self.chosen_month in dict(known) else [*extra, *known]

    @cached_property
    def categories(self):
        """All categories as (pk, name, indentation)."""
        return [(pk, name, "— " * route.count("/")) for of_series, route, pk, name in self.terms if not of_series]

    @cached_property
    def all_series(self):
        """All series as (pk, name)."""
        return [(pk, name) for of_series, key, pk, name in self.terms if of_series]

    @cached_property
    def terms(self):
        """Categories and series in their order, by one query."""
        categories = Category.objects.order_by().annotate(of_series=Value(0), place=F("route"))
        series = Series.objects.order_by().annotate(of_series=Value(1), place=F("key"))
        columns = ("of_series", "place", "pk", "name")
        return list(
            categories.values_list(*columns).union(series.values_list(*columns), all=True).order_by(*columns[:2])
        )

    @cached_property
    def authors(self):
        if not self.user.has_perm("blog.edit_others"):
            return []
        wrote = Exists(Post.objects.filter(author=OuterRef("pk")))
        return list(get_user_model().objects.filter(wrote).order_by("name").values_list("pk", "name"))

    @property
    def orders(self):
        return [(name, label) for name, (label, _fields) in ORDERS.items()]


def posts_with_term(through, **under):
    return through.objects.filter(**under).values("post")
