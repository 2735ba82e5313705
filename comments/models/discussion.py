from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ground import generation

SWITCH_HOURS = ("1", "4", "24")


class Discussion(models.Model):
    """How answers are received: one row, made at set-up, with WordPress's names and defaults."""

    class Order(models.TextChoices):
        OLDEST = "oldest", _("Older comments first")
        NEWEST = "newest", _("Newer comments first")

    class Posts(models.TextChoices):
        OFF = "", _("Not at all")
        EXCERPT = "excerpt", _("The first words, with a link")
        FULL = "full", _("The whole text")

    class Switch(models.TextChoices):
        OFF = "", _("As usual")
        HOLD = "hold", _("Everything waits")
        CLOSE = "close", _("Nobody can comment")

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
        help_text=_(
            "One on each line; looked for in the text, name, e-mail and website, also inside words, and in the "
            "visitor's address."
        ),
    )
    disallowed_keys = models.TextField(
        _("words that put a comment into the trash"), blank=True, max_length=20_000, help_text=_("One on each line.")
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("close comments on posts older than so many days"), default=0, help_text=_("0 leaves them open.")
    )
    close_quietly = models.BooleanField(
        _("hold comments on old posts instead of closing them"),
        default=False,
        help_text=_("The form stays, and everything written there waits for you."),
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
        _("seconds between two comments of one person"),
        default=15,
        validators=[MaxValueValidator(3600)],
        help_text=_("0 for no pause. A network may still send only ten a minute."),
    )
    mail_held = models.BooleanField(
        _("send me a mail when a comment is held"),
        default=True,
        help_text=_("Three an hour at most; what comes beyond that, or looks alike, is told in one mail."),
    )
    mail_published = models.BooleanField(
        _("send me a mail when a comment is published without me"),
        default=False,
        help_text=_("Where its writer gave an address, your answer to the mail goes there."),
    )
    mail_weekly = models.BooleanField(
        _("send me two lines about the comments every Monday"),
        default=True,
        help_text=_("How many came, what waits, and when the last backup was checked."),
    )
    edit_minutes = models.PositiveSmallIntegerField(
        _("minutes in which writers may edit or delete what they wrote"),
        default=15,
        validators=[MaxValueValidator(60)],
        help_text=_("An edited comment passes all rules again. 0 allows no edits."),
    )
    facts_days = models.PositiveSmallIntegerField(
        _("days until browser and network of a comment are forgotten"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("The address itself is never stored."),
    )
    follow_comments = models.BooleanField(_("offer new comments by mail"), default=True)
    posts_by_mail = models.CharField(
        _("new posts by mail"), max_length=7, choices=Posts, blank=True, default=Posts.EXCERPT
    )
    subscribe_box = models.BooleanField(_("ask for an address at the end of each post"), default=True)
    switch = models.CharField(max_length=5, choices=Switch, blank=True, default=Switch.OFF, editable=False)
    switch_until = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("discussion settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_discussion")]

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            generation.changed()

    @property
    def switched(self):
        """What the red switch says at this moment: "hold", "close", or "" when its hours are over."""
        is_on = self.switch and self.switch_until and timezone.now() < self.switch_until
        return self.switch if is_on else self.Switch.OFF

    @classmethod
    def throw_switch(cls, switch, hours=0):
        """Hold or close everything for some hours; off again by itself, or by throwing it to OFF."""
        with transaction.atomic():
            row = cls.locked()
            row.switch = switch
            row.switch_until = timezone.now() + timedelta(hours=hours) if switch else None
            row.save(update_fields=["switch", "switch_until"])

    @classmethod
    def obey(cls, words):
        """Do what a button of the switch says ("hold 4", "close 24", "off"); False for nonsense."""
        what, _space, hours = words.partition(" ")
        if what == "off":
            cls.throw_switch(cls.Switch.OFF)
        elif what in (cls.Switch.HOLD, cls.Switch.CLOSE) and hours in SWITCH_HOURS:
            cls.throw_switch(what, int(hours))
        else:
            return False
        return True

    @classmethod
    def enlist(cls, name, line):
        """Add a line to one of the lists of words; False if it stands there already."""
        with transaction.atomic():
            row = cls.locked()
            lines = getattr(row, name).splitlines()
            if line in lines:
                return False
            setattr(row, name, "\n".join([*lines, line]))
            row.save(update_fields=[name])
            return True

    @classmethod
    def unlist(cls, name, line):
        """Take a line out of a list of words again."""
        with transaction.atomic():
            row = cls.locked()
            setattr(row, name, "\n".join(each for each in getattr(row, name).splitlines() if each != line))
            row.save(update_fields=[name])

    @classmethod
    def locked(cls):
        """The row itself, to be changed in this transaction."""
        return cls.objects.select_for_update().get_or_create(pk=1)[0]

    @classmethod
    def now(cls):
        """The settings of this generation, shared by all threads: read them, never change them."""
        return discussion()


@generation.kept_for_generation
def discussion():
    return Discussion.objects.first() or Discussion()
