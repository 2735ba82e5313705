from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from ground import generation


class Discussion(models.Model):
    """How answers are received: one row, made at set-up, with WordPress's names and defaults."""

    class Order(models.TextChoices):
        OLDEST = "oldest", _("Older comments first")
        NEWEST = "newest", _("Newer comments first")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    manual_approval = models.BooleanField(_("every comment must be approved by hand"), default=False)
    previously_approved = models.BooleanField(
        _("the writer must have an approved comment already"),
        default=True,
        help_text=_("The same account or the same browser; a typed address proves nothing."),
    )
    link_limit = models.PositiveSmallIntegerField(
        _("hold a comment with this many links or more"), default=2, help_text=_("0 counts no links.")
    )
    moderation_keys = models.TextField(
        _("words that hold a comment"),
        blank=True,
        max_length=20_000,
        help_text=_("One on each line; looked for in the text, name, e-mail and website, also inside words."),
    )
    disallowed_keys = models.TextField(
        _("words that put a comment into the trash"), blank=True, max_length=20_000, help_text=_("One on each line.")
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close comments on posts older than so many days"), default=0, help_text=_("0 leaves them open.")
    )
    must_log_in = models.BooleanField(_("people must be logged in to comment"), default=False)
    require_name_email = models.BooleanField(_("guests must say their name and e-mail"), default=True)
    thread_depth = models.PositiveSmallIntegerField(
        _("levels of answers"), default=5, validators=[MinValueValidator(1), MaxValueValidator(10)]
    )
    comments_per_page = models.PositiveSmallIntegerField(
        _("threads on a page"), default=50, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    order = models.CharField(_("order"), max_length=6, choices=Order, default=Order.OLDEST)
    flood_seconds = models.PositiveSmallIntegerField(
        _("seconds between two comments of one person"), default=15, validators=[MaxValueValidator(3600)]
    )
    mail_held = models.BooleanField(_("send me a mail when a comment is held"), default=True)

    class Meta:
        verbose_name = _("discussion settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_discussion")]

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        generation.changed()

    @classmethod
    def now(cls):
        """The settings of this generation, shared by all threads: read them, never change them."""
        return discussion()


@generation.kept_for_generation
def discussion():
    return Discussion.objects.first() or Discussion()
