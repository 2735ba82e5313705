from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from core import cache_version, dates
from core.models import SettingsChange

WAVE_LEFT_ALONE = timedelta(hours=6)  # once somebody has said what is to be done in the middle of one
SWITCH_HOURS = ("1", "4", "24")


class DiscussionSettings(models.Model):
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
            "One on each line; looked for in the text, name, email and website, also inside words, and in the "
            "visitor's address."
        ),
    )
    disallowed_keys = models.TextField(
        _("words that put a comment into the trash"), blank=True, max_length=20_000, help_text=_("One on each line.")
    )
    reserved_names = models.TextField(
        _("names that only you use"),
        blank=True,
        max_length=5_000,
        help_text=_(
            "One on each line. A guest's comment under such a name, or one that looks like it, is held. The names of "
            "everybody with an account here are protected already."
        ),
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
    require_name_email = models.BooleanField(_("guests must say their name and email"), default=True)
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
    hold_in_waves = models.BooleanField(
        _("hold every comment while many that look alike come in"),
        default=True,
        help_text=_("One mail tells you so, and an hour after the last of them everything is as usual by itself."),
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
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds until readers get an email about what you approve"),
        default=60,
        validators=[MaxValueValidator(3600)],
        help_text=_("Until then Undo takes their emails back as well. 0 sends them at once."),
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
    switched_by_wave = models.BooleanField(default=False, editable=False)  # and not by somebody
    no_wave_until = models.DateTimeField(null=True, editable=False)  # somebody said "as usual" in the middle of one
    filed_seen_at = models.DateTimeField(null=True, editable=False)  # when somebody looked at what the filter filed

    class Meta:
        verbose_name = _("discussion settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_discussion")]

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.changed()

    def comments_open(self, post):
        """Whether comments are taken: by the author's word for this post, and not for ever on an old one."""
        if not post.comments_open or post.status != Post.Status.PUBLISHED or post.is_scheduled:
            return False
        if self.switched == self.Switch.CLOSE:
            return False
        return self.close_quietly or not self.is_too_old(post)

    def closing_moments(self, post):
        """When time alone closes comments on it, or opens them again. Ask before `comments_open`, to miss none."""
        if self.switched == self.Switch.CLOSE:
            yield self.switch_until
        if not self.close_quietly and not self.is_too_old(post):
            yield self.close_date(post)

    def is_too_old(self, post):
        """Whether comments on it are not taken any more, or only held: by its age, and pages never."""
        moment = self.close_date(post)
        return bool(moment) and moment < timezone.now()

    def close_date(self, post):
        """When the post becomes too old for comments; None for never."""
        days = self.close_after_days
        dated = days and post.kind == Post.Kind.POST and post.publish_at
        return post.publish_at + timedelta(days=days) if dated else None

    @property
    def switched(self):
        """What the red switch says at this moment: "hold", "close", or "" when its hours are over."""
        is_on = self.switch and self.switch_until and timezone.now() < self.switch_until
        return self.switch if is_on else self.Switch.OFF

    @property
    def switched_in_words(self):
        """What the red switch says, and until when, for those who look it up later."""
        if not self.switched:
            return str(self.Switch.OFF.label)
        return f"{self.Switch(self.switch).label}, {dates.short_day_and_time(self.switch_until)}"

    @classmethod
    def throw_switch(cls, switch, hours=0):
        """Hold or close everything for some hours; off again by itself, or by throwing it to OFF."""
        with transaction.atomic():
            row = cls.locked()
            if row.switched_by_wave and row.switched:
                row.no_wave_until = timezone.now() + WAVE_LEFT_ALONE
            row.switch = switch
            row.switch_until = timezone.now() + timedelta(hours=hours) if switch else None
            row.switched_by_wave = False
            row.save(update_fields=["switch", "switch_until", "switched_by_wave", "no_wave_until"])

    def hold_in_a_wave(self, until):
        """Hold everything until then, because of a wave; the row is locked."""
        self.switch, self.switch_until, self.switched_by_wave = self.Switch.HOLD, until, True
        self.save(update_fields=["switch", "switch_until", "switched_by_wave"])

    @classmethod
    def obey(cls, words, by=None):
        """Do what a button of the switch says ("hold 4", "close 24", "off"); False for nonsense. `by` None: a link."""
        with transaction.atomic():
            before = cls.objects.first() or cls()
            obeyed = cls.obeyed(words)
            if obeyed:
                now = [[_("Comments"), before.switched_in_words, cls.objects.get().switched_in_words]]
                SettingsChange.record(by, SettingsChange.Area.SWITCH, now)
            return obeyed

    @classmethod
    def obeyed(cls, words):
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


@cache_version.kept_for_generation
def discussion():
    return DiscussionSettings.objects.first() or DiscussionSettings()
