from itertools import groupby

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog import revision_retention
from core.site import site


class RevisionQuerySet(models.QuerySet):
    def standing(self):
        """Revisions that were once the text of the post, without those that were only saved beside it."""
        return self.exclude(kind__in=[Revision.Kind.REFUSED, Revision.Kind.KEPT])

    def unpublished(self):
        """Of one post: the changes that were saved as a draft, or None if a newer text has replaced them."""
        kept = self.filter(kind=Revision.Kind.KEPT).first()
        return None if kept and self.standing().filter(pk__gt=kept.pk).exists() else kept

    def prune(self, now):
        """Delete what `blog.revision_retention` does not keep, by hours and days in the blog's time zone; returns how
        many."""
        facts = self.order_by("post_id", "pk").values_list("post_id", "pk", "created_at", "kind", "name")
        zone, gone = site().zone, 0
        for _post, rows in groupby(facts.iterator(), key=lambda row: row[0]):
            revisions = [
                (pk, timezone.localtime(created_at, zone), kind == Revision.Kind.REFUSED, is_pinned(kind, name))
                for _post, pk, created_at, kind, name in rows
            ]
            unwanted = {key for key, *_facts in revisions} - revision_retention.kept(revisions, now)
            if unwanted:
                gone += self.filter(pk__in=unwanted).delete()[0]
        return gone


class Revision(models.Model):
    """The full text of a post as it was saved once. Only its name may change."""

    class Kind(models.TextChoices):
        SAVED = "saved", _("Saved")
        PUBLISHED = "published", _("Published")
        RESTORED = "restored", _("Restored")
        REFUSED = "refused", _("Saved beside a newer text")
        KEPT = "kept", _("Saved as a draft")

    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="revisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SAVED)
    title = models.CharField(max_length=500, blank=True)
    source = models.TextField(blank=True)
    source_format = models.CharField(max_length=10)
    extended_markdown = models.BooleanField(null=True)  # None: stored by a version that did not record it
    excerpt = models.TextField(blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["post", "-id"], name="revision_of_post")]

    def same_text_as(self, other):
        return all(getattr(self, name) == getattr(other, name) for name in ("title", "source", "excerpt"))

    def texts(self, post):
        """The fields of `post` that this revision restores."""
        extended = post.extended_markdown if self.extended_markdown is None else self.extended_markdown
        own = {name: getattr(self, name) for name in ("title", "source", "source_format", "excerpt")}
        return own | {"extended_markdown": extended}


def is_pinned(kind, name):
    """Whether it is kept for good: it was published, is saved as a draft, or has a name."""
    return kind in (Revision.Kind.PUBLISHED, Revision.Kind.KEPT) or bool(name)
