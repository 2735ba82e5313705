"""Series: posts that belong together in an order, such as "Part 2 of 5"."""

from typing import Any

from django.db import models, transaction
from django.db.models import F

from blog.models.redirect import Redirect
from blog.models.taxonomy import Term, TermQuerySet
from core import cache_version

# Parts with a number first, by it; the others after them, by date.
PART_ORDER = (F("series_number").asc(nulls_last=True), "publish_at", "pk")


class SeriesQuerySet(TermQuerySet):
    def counted(self, without, **of):
        """As of other terms; a post names its series in a column of its own."""
        from blog.models.post import Post

        filed = Post.objects.exclude(series=None).exclude(pk__in=without.values("pk"))
        if of:
            filed = filed.filter(**of)
        return dict(filed.order_by().values_list("series").annotate(number=models.Count("*")))

    def in_use(self):
        from blog.models.post import Post

        return self.filter(models.Exists(Post.objects.listed().filter(series=models.OuterRef("pk"))))


class Series(Term):
    """A series. A post belongs to at most one (`Post.series`); what is not in public lists is no part of it yet."""

    objects = SeriesQuerySet.as_manager()  # type: ignore[misc]  # of another queryset than other terms

    class Meta(Term.Meta):
        verbose_name = "series"
        verbose_name_plural = "series"

    place, path_of = "slug", "/series/{}/".format

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            Redirect.objects.gone(self, self.path)
            self.posts.update(series_number=None)  # it meant a place in this series
            cache_version.invalidate(cache_version.SITE)
            return models.Model.delete(self, *args, **kwargs)

    def merge_into(self, other):
        """Move its posts and paths, current and former, to `other`, and delete it. Numbers of parts stay."""
        with transaction.atomic():
            self.posts.update(series=other)
            Redirect.objects.filter(series=self).update(series=other)
            Redirect.keep(self.path, other, public=True)
            cache_version.invalidate(cache_version.SITE)
            models.Model.delete(self)
