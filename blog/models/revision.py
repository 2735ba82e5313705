from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class RevisionQuerySet(models.QuerySet):
    def standing(self):
        """What was once the text of the post, without what was only kept beside it."""
        return self.exclude(kind=Revision.Kind.REFUSED)


class Revision(models.Model):
    """The full text of a post as it was saved once. Only the name that somebody gives it may change."""

    class Kind(models.TextChoices):
        SAVED = "saved", _("Saved")
        PUBLISHED = "published", _("Published")
        RESTORED = "restored", _("Restored")
        REFUSED = "refused", _("Kept beside a newer text")

    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="revisions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SAVED)
    title = models.CharField(max_length=500, blank=True)
    source = models.TextField(blank=True)
    source_format = models.CharField(max_length=10)
    excerpt = models.TextField(blank=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["post", "-id"], name="revision_of_post")]

    def same_text_as(self, other):
        return all(getattr(self, name) == getattr(other, name) for name in ("title", "source", "excerpt"))
