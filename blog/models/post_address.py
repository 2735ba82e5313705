from datetime import datetime
from urllib.parse import quote

from django.db import models, transaction
from django.utils import timezone

from blog import permalinks
from blog.models.reading_settings import reading
from blog.models.redirect import Redirect
from blog.slugs import slugify, unique
from core.site import site
from core.text import shorten


class PostAddress:
    """The slug and path of a post.

    Until a post has been public or somebody typed a slug, the slug follows the title. `derived_slug` is the one made
    from the title: if `slug` differs, somebody typed it. A scheduled post is not public yet.
    """

    filed_at: datetime | None = None  # the `publish_at` from which `published_on` was computed

    @property
    def slug_follows(self):
        return not self.slug or (self.slug == self.derived_slug and not self.was_public and not self.is_public)

    def move_to(self, slug):
        self.slug = slug
        self.file()

    def file(self):
        """Give the post its slug and, if it has a date, its path. A former path redirects to the new one."""
        typed = "" if self.slug_follows else slugify(self.slug)
        with transaction.atomic():
            if not self.published_on or self.publish_at != self.filed_at:  # a change of time zone alone changes no path
                self.published_on = self.day_of(self.publish_at) if self.publish_at else None
                self.filed_at = self.publish_at
            before, slug = type(self).objects.filter(pk=self.pk).values_list("path", "slug").first() or (None, "")
            wanted = typed or self.slug_of_title()
            # Its own path stays valid, even if another post has got the same slug since.
            is_own = wanted == slug and self.path_with(slug) == before
            self.slug = slug if is_own else self.free_slug(wanted)
            if not typed or self.slug != self.derived_slug:
                self.derived_slug = "" if typed else self.slug
            self.path = self.path_with(self.slug) or (before if self.was_public else None)
            if before != self.path:
                self.leave(before)
            if self.path:
                Redirect.forget(self.path)
            self.save(update_fields=["slug", "derived_slug", "path", "published_on"])
            if before != self.path:
                for child in self.children.exclude(status=self.Status.TRASH):
                    child.parent = self
                    child.file()

    def leave(self, path):
        """Redirect a former path to this post. The path of a post that was never public is forgotten, unless another
        post links to it."""
        public = self.was_public or self.is_public
        if path and (public or self.is_linked(path)):
            Redirect.keep(path, self, public=public)

    def is_linked(self, path):
        others = type(self).objects.exclude(pk=self.pk).exclude(status=self.Status.TRASH)
        return others.filter(models.Q(source__contains=path) | models.Q(source__contains=quote(path))).exists()

    def slug_of_title(self):
        """Derived from the title, or from the first words of the text if there is no title."""
        return slugify(self.title) or slugify(shorten(self.public_summary, 6)) or f"{self.kind}-{self.pk or 1}"

    def day_of(self, moment):
        return timezone.localdate(moment, site().zone)

    def path_with(self, slug, on=None):
        """The path with this slug; None while a post has no date."""
        if not (self.publish_at or on) and self.kind == self.Kind.POST:
            return None
        return permalinks.path_of(self, reading().permalinks, slug, on)

    def coming_path(self):
        """The path that it would get if it were published now, or at its date. Saves nothing."""
        typed = "" if self.slug_follows else slugify(self.slug)
        is_filed = self.published_on and self.publish_at == self.filed_at
        on = self.published_on if is_filed else self.day_of(self.publish_at or timezone.now())
        return self.path_with(self.free_slug(typed or self.slug_of_title(), on), on)

    def free_slug(self, wanted, on=None):
        beside = ~models.Q(status=self.Status.TRASH)
        if self.kind == self.Kind.PAGE:
            beside &= models.Q(kind=self.Kind.PAGE, parent=self.parent)

        def taken(slug):
            """Whether a slug or a path clashes: drafts keep theirs, and so do pages below a trashed page."""
            clash = beside & models.Q(slug=slug)
            if path := self.path_with(slug, on):
                clash |= models.Q(path=path)
            return type(self).objects.exclude(pk=self.pk).filter(clash).exists()

        return unique(wanted, taken, reserved=permalinks.RESERVED)
