import secrets
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


def unguessable():
    return secrets.token_hex(16)


class MediaQuerySet(models.QuerySet):
    def pictures(self):
        return self.filter(kind=Media.Kind.PICTURE)

    def visible_to(self, user):
        """Files that a post uses which this visitor may see, and all for people who may upload."""
        from blog.models.post import Post

        if user.has_perm("blog.upload"):
            return self.all()
        seen = Post.objects.visible_to(user).filter(visibility__in=["public", "private"])
        return self.filter(models.Q(uses__post__in=seen) | models.Q(featured_in__in=seen)).distinct()


class Media(models.Model):
    """A file the author brought: a picture in several widths, or a document served as it came.

    The address holds 128 random bits (`name`), so that nobody finds by counting what no post shows yet.
    """

    class Kind(models.TextChoices):
        PICTURE = "picture", _("Picture")
        DOCUMENT = "document", _("Document")

    name = models.CharField(max_length=32, unique=True, default=unguessable, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    title = models.CharField(_("file name"), max_length=200)
    file_name = models.CharField(max_length=220, editable=False)
    format = models.CharField(max_length=10, editable=False)
    size = models.PositiveBigIntegerField(default=0, editable=False)
    width = models.PositiveIntegerField(default=0, editable=False)
    height = models.PositiveIntegerField(default=0, editable=False)
    widths = models.JSONField(default=list, editable=False)
    alt = models.CharField(_("alternative text"), max_length=500, blank=True)
    caption = models.CharField(_("caption"), max_length=1000, blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)

    objects = MediaQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("file")
        verbose_name_plural = _("media")

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return quote(reverse("media", args=[self.name, self.file_name]))


class MediaUse(models.Model):
    """Which post shows which file; written when the post is saved."""

    media = models.ForeignKey(Media, models.CASCADE, related_name="uses")
    post = models.ForeignKey("blog.Post", models.CASCADE, related_name="media_uses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["media", "post"], name="one_use_a_post")]
