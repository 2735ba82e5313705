from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from blog.models.redirect import Redirect
from blog.slugs import slugify, unique
from core import cache_version
from core.text import fold, tidy, tidy_line


class TermQuerySet(models.QuerySet):
    def named(self, name: str) -> Any:
        """The term with this name, ignoring case and accents, or None."""
        return self.filter(key=fold(tidy_line(name))).first()

    def called(self, names):
        """The terms with these names, in the given order; missing ones are created."""
        found = {}
        for name in names:
            if key := fold(name := tidy_line(name)):
                found.setdefault(key, name)
        known = {term.key: term for term in self.filter(key__in=found)}
        return [known.get(key) or self.create(name=name) for key, name in found.items()]

    def kept_counts(self, terms=None):
        """{pk: number of its posts and drafts outside the trash}, of these terms or of all."""
        from blog.models.post import Post

        only = {} if terms is None else {f"{self.model._meta.model_name}__in": terms}
        return self.counted(Post.objects.trashed(), **only)

    def counts(self, terms=None):
        """{pk: number of its posts in public lists} of these terms or of all, as far as they have any."""
        from blog.models.post import Post

        only = {} if terms is None else {f"{self.model._meta.model_name}__in": terms}
        return self.counted(Post.objects.unlisted(), **only)

    def counted(self, without, **of):
        """{pk: number of its posts without those of a queryset}, without zeros.

        All are counted in an index, and then the few that do not count: two cheap queries where one with both tables
        would read every post.
        """
        name = self.model._meta.model_name
        rows = self.model.posts.through.objects.values_list(name).annotate(number=models.Count("*"))
        counts, others = dict(rows.filter(**of)), dict(rows.filter(post__in=without.values("pk"), **of))
        left = {pk: count - others.get(pk, 0) for pk, count in counts.items()}
        return {pk: count for pk, count in left.items() if count > 0}

    def in_use(self):
        """Terms with at least one post in public lists; each is asked for until the first is found."""
        from blog.models.post import Post

        through, name = self.model.posts.through, self.model._meta.model_name
        listed = models.Exists(Post.objects.listed().filter(pk=models.OuterRef("post")))
        return self.filter(models.Exists(through.objects.filter(listed, **{name: models.OuterRef("pk")})))


class Term(models.Model):
    """A category or tag. `key` ignores case and accents ("Café" and "cafe" are the same term) and makes the sort order
    equal on every database."""

    name = models.CharField(_("name"), max_length=200)
    key = models.CharField(max_length=200, unique=True, editable=False)
    slug = models.CharField(_("slug"), max_length=200, unique=True, blank=True)
    description = models.TextField(_("description"), blank=True)

    objects = TermQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["key"]

    def __str__(self):
        return self.name

    place: str  # the field that makes its path
    path_of: Callable[[str], str]  # the path of its archive, from that field

    @property
    def path(self) -> str:
        return type(self).path_of(getattr(self, self.place))

    def clean(self):
        self.name = tidy_line(self.name)
        twin = type(self)._default_manager.filter(key=fold(self.name)).exclude(pk=self.pk)
        if not fold(self.name):
            raise ValidationError({"name": _("A name needs at least one letter or digit.")})
        if twin.exists():
            raise ValidationError({"name": _("“%s” already exists.") % twin.get().name})

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self)._default_manager.filter(pk=self.pk).first() if self.pk else None
        self.name, self.description = tidy_line(self.name)[:200], tidy(self.description).strip()
        self.key = fold(self.name)[:200]
        self.slug = self.free_slug(self.slug or self.name)
        with transaction.atomic():
            super().save(*args, **kwargs)
            if before and before.slug != self.slug:
                self.moved(before)
            # Readers see a new term when a post has it.
            cache_version.invalidate(cache_version.SITE if before else cache_version.DESK)

    def free_slug(self, wanted):
        others = type(self)._default_manager.exclude(pk=self.pk)
        return unique(slugify(wanted) or "term", lambda slug: others.filter(slug=slug).exists(), numeric_clash=False)

    def moved(self, before):
        Redirect.keep(before.path, self, public=True)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            Redirect.objects.gone(self, self.path)
            counts = cache_version.counts_of(**{str(self._meta.model_name): [self.pk]})
            cache_version.invalidate(cache_version.SITE, cache_version.POSTS, *counts)
            return super().delete(*args, **kwargs)

    def merge_into(self, other):
        """Move its posts and paths, current and former, to `other`, and delete it."""
        kind, posts = self._meta.model_name, type(self).posts.through
        with transaction.atomic():
            filed = posts.objects.filter(**{kind: self}).values_list("post", flat=True)
            posts.objects.bulk_create(
                [posts(**{"post_id": post, f"{kind}_id": other.pk}) for post in filed], ignore_conflicts=True
            )
            Redirect.objects.filter(**{kind: self}).update(**{kind: other})
            Redirect.keep(self.path, other, public=True)
            counts = cache_version.counts_of(**{str(kind): [self.pk, other.pk]})
            cache_version.invalidate(cache_version.SITE, cache_version.POSTS, *counts)
            models.Model.delete(self)

    def get_absolute_url(self):
        return quote(self.path)


class Tag(Term):
    class Meta(Term.Meta):
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    place, path_of = "slug", "/tag/{}/".format


class Category(Term):
    """A category, which may have a parent. `route` joins the slugs from the top: "sport/running"."""

    parent = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="children", verbose_name=_("parent")
    )
    route = models.CharField(max_length=1000, editable=False, db_index=True)

    class Meta(Term.Meta):
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    place, path_of = "route", "/category/{}/".format

    def clean(self):
        super().clean()
        above = self.parent
        while above is not None:
            if above.pk == self.pk:
                raise ValidationError({"parent": _("A category cannot be its own parent.")})
            above = above.parent

    def save(self, *args: Any, **kwargs: Any) -> None:
        before = type(self).objects.filter(pk=self.pk).first() if self.pk else None
        with transaction.atomic():
            super().save(*args, **kwargs)
            self.reroute(before)

    def reroute(self, before=None):
        """Update the paths of this category and its descendants; the former ones become redirects."""
        route = f"{self.parent.route}/{self.slug}" if self.parent else self.slug
        if route != self.route:
            if self.route:
                Redirect.keep(self.path, self, public=True)
            self.route = route
            type(self).objects.filter(pk=self.pk).update(route=route)
            Redirect.forget(self.path)
            for child in self.children.all():
                child.parent = self
                child.reroute()

    def moved(self, before):
        """Does nothing: `reroute` creates the redirects, with those of the children."""

    def merge_into(self, other):
        """Also moves its children to `other`. If `other` is its descendant, `other` first takes its place."""
        from blog.models.podcast import Podcast
        from blog.models.reading_settings import ReadingSettings

        with transaction.atomic():
            if other.route.startswith(f"{self.route}/"):
                other.parent = self.parent
                other.save()
            for child in self.children.exclude(pk=other.pk):
                child.parent = other
                child.reroute()
                type(self).objects.filter(pk=child.pk).update(parent=other)
            if not Podcast.objects.filter(category=other).exists():
                Podcast.objects.filter(category=self).update(category=other)
            ReadingSettings.replace_category(self, other)
            super().merge_into(other)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        children = list(self.children.all())
        with transaction.atomic():
            result = super().delete(*args, **kwargs)
            for child in children:
                child.refresh_from_db()
                child.reroute()
            return result
