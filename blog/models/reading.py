import hashlib

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ground import generation
from ground.generation import kept_for_generation


class Reading(models.Model):
    """How the blog is read: one row, made at set-up. `reading()` gives the row of this generation."""

    class Permalinks(models.TextChoices):
        DAY = "day", _("Day and name: /2026/11/23/sample-post/")
        MONTH = "month", _("Month and name: /2026/11/sample-post/")
        NAME = "name", _("Post name: /sample-post/")
        CATEGORY = "category", _("Category and name: /running/sample-post/")

    permalinks = models.CharField(_("permalinks"), max_length=10, choices=Permalinks, default=Permalinks.DAY)
    posts_per_page = models.PositiveSmallIntegerField(
        _("posts per page"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    feed_items = models.PositiveSmallIntegerField(
        _("posts in a feed"), default=10, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    feed_full = models.BooleanField(_("feeds carry the whole text"), default=True)
    default_category = models.ForeignKey(
        "blog.Category", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("default category")
    )
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Say a colour as # and six digits, such as #2f5d3a."))],
    )
    sidebar = models.BooleanField(_("show the sidebar"), default=True)

    @property
    def theme_css(self):
        """The owner's tokens, which stand after Longrun's own."""
        return f":root{{--accent-chosen:{self.accent}}}" if self.accent else ""

    @property
    def theme_hash(self):
        return hashlib.sha256(self.theme_css.encode()).hexdigest()[:12]

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        generation.changed()


@kept_for_generation
def reading():
    """The settings of this generation; before the blog is set up, the defaults."""
    return Reading.objects.select_related("default_category").first() or Reading()
