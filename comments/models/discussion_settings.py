from datetime import timedelta

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from blog.models import Post
from core import cache_version, dates
from core.models import SettingsChange

WAVE_PAUSE = timedelta(hours=6)  # no automatic hold after a moderator has overridden one
SWITCH_HOURS = ("1", "4", "24")


class DiscussionSettings(models.Model):
    """The discussion settings: a single row, created at setup, with WordPress's labels and defaults."""

    class Order(models.TextChoices):
        OLDEST = "oldest", _("Older comments")
        NEWEST = "newest", _("Newer comments")

    class Posts(models.TextChoices):
        OFF = "", _("Off")
        EXCERPT = "excerpt", _("Excerpt")
        FULL = "full", _("Full text")

    class Switch(models.TextChoices):
        OFF = "", _("As usual")
        HOLD = "hold", _("All comments are held")
        CLOSE = "close", _("Comments are closed")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    manual_approval = models.BooleanField(_("comment must be manually approved"), default=False)
    previously_approved = models.BooleanField(
        _("comment author must have a previously approved comment"),
        default=True,
        help_text=_("The same account or the same browser; a typed address proves nothing."),
    )
    link_limit = models.PositiveSmallIntegerField(
        _("hold a comment in the queue if it contains this many links or more"),
        default=2,
        help_text=_("0 means that links are not counted."),
    )
    moderation_keys = models.TextField(
        _("Comment Moderation"),
        blank=True,
        max_length=20_000,
        help_text=_(
            "A comment that contains any of these words in its content, author name, URL, email, or IP address will be "
            "held in the moderation queue. One word or IP address per line. It will match inside words, so “press” "
            "will match “WordPress”."
        ),
    )
    disallowed_keys = models.TextField(
        _("Disallowed Comment Keys"),
        blank=True,
        max_length=20_000,
        help_text=_(
            "A comment that contains any of these words will be put in the Trash. One word or IP address per line."
        ),
    )
    reserved_names = models.TextField(
        _("reserved names"),
        blank=True,
        max_length=5_000,
        help_text=_(
            "One per line. A guest's comment under one of these names, or under one that looks like it, is held. The "
            "names of everybody with an account here are already protected."
        ),
    )
    close_after_days = models.PositiveSmallIntegerField(
        _("automatically close comments on posts older than this many days"),
        default=0,
        help_text=_("0 keeps them open."),
    )
    close_quietly = models.BooleanField(
        _("hold comments on old posts instead of closing them"),
        default=False,
        help_text=_("The form stays, and every comment is held for moderation."),
    )
    must_log_in = models.BooleanField(_("users must be registered and logged in to comment"), default=False)
    require_name_email = models.BooleanField(_("comment author must fill out name and email"), default=True)
    thread_depth = models.PositiveSmallIntegerField(
        _("number of levels for threaded (nested) comments"),
        default=5,
        validators=[MinValueValidator(1), MaxValueValidator(10)],
    )
    comments_per_page = models.PositiveSmallIntegerField(
        _("top level comments per page"), default=50, validators=[MinValueValidator(1), MaxValueValidator(200)]
    )
    order = models.CharField(
        _("comments to display at the top of each page"), max_length=6, choices=Order, default=Order.OLDEST
    )
    flood_seconds = models.PositiveSmallIntegerField(
        _("seconds between two comments by the same person"),
        default=15,
        validators=[MaxValueValidator(3600)],
        help_text=_("0 means no limit. One network can still send at most ten a minute."),
    )
    hold_in_waves = models.BooleanField(
        _("hold every comment while many similar ones arrive"),
        default=True,
        help_text=_(
            "You get one email about it. An hour after the last of them, comments are accepted as usual again."
        ),
    )
    mail_held = models.BooleanField(
        _("email me whenever a comment is held for moderation"),
        default=True,
        help_text=_("At most three emails an hour; further or similar comments are combined in one."),
    )
    mail_published = models.BooleanField(
        _("email me whenever a comment is published without moderation"),
        default=False,
        help_text=_("If the commenter left an email address, your reply to the email goes there."),
    )
    mail_messages = models.BooleanField(
        _("email me the messages of contact forms"),
        default=True,
        db_default=True,
        help_text=_("At most ten an hour. If off, all messages wait only at the desk; its menu counts them."),
    )
    mail_weekly = models.BooleanField(
        _("email me a short summary of the comments every Monday"),
        default=True,
        help_text=_("How many came in, how many are waiting, and when the last backup was checked."),
    )
    undo_seconds = models.PositiveSmallIntegerField(
        _("seconds before readers are emailed about a comment that you approve"),
        default=60,
        validators=[MaxValueValidator(3600)],
        help_text=_("Until then, Undo cancels these emails too. 0 sends them at once."),
    )
    edit_minutes = models.PositiveSmallIntegerField(
        _("minutes in which commenters can edit or delete their comment"),
        default=15,
        validators=[MaxValueValidator(60)],
        help_text=_("An edited comment is checked against all rules again. 0 turns editing off."),
    )
    facts_days = models.PositiveSmallIntegerField(
        _("days to keep the browser and network of a comment"),
        default=30,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("The IP address itself is never stored."),
    )
    follow_comments = models.BooleanField(_("show a “subscribe to comments” option in the comment form"), default=True)
    posts_by_mail = models.CharField(
        _("new posts by email"), max_length=7, choices=Posts, blank=True, default=Posts.EXCERPT
    )
    subscribe_box = models.BooleanField(_("show a subscription form at the end of each post"), default=True)
    switch = models.CharField(max_length=5, choices=Switch, blank=True, default=Switch.OFF, editable=False)
    switch_until = models.DateTimeField(null=True, editable=False)
    switched_by_wave = models.BooleanField(default=False, editable=False)  # set automatically, not by a moderator
    no_wave_until = models.DateTimeField(null=True, editable=False)  # no automatic hold until then
    filed_seen_at = models.DateTimeField(null=True, editable=False)  # see comments.moderation.filed_spam

    class Meta:
        verbose_name = _("discussion settings")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_discussion")]

    def save(self, *args, **kwargs):
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.invalidate(cache_version.SITE)

    def comments_open(self, post):
        """Whether the post accepts comments: its own setting, its publication, the switch and its age decide."""
        if not (post.comments_open and post.is_published):
            return False
        if self.switched == self.Switch.CLOSE:
            return False
        return self.close_quietly or not self.is_too_old(post)

    def closing_moments(self, post):
        """Yields the moments at which `comments_open` changes by time alone; they end the page cache's validity.

        Call before `comments_open`, so that a moment between the two calls is not missed."""
        if self.switched == self.Switch.CLOSE:
            yield self.switch_until
        if not self.close_quietly and not self.is_too_old(post):
            yield self.close_date(post)

    def is_too_old(self, post):
        """Whether the post is older than `close_after_days`. Pages are never too old."""
        moment = self.close_date(post)
        return bool(moment) and moment < timezone.now()

    def close_date(self, post):
        """When the post becomes too old for comments; None for never."""
        days = self.close_after_days
        dated = days and post.kind == Post.Kind.POST and post.publish_at
        return post.publish_at + timedelta(days=days) if dated else None

    @property
    def switched(self):
        """The switch's present state: "hold", "close", or "" if it is off or has expired."""
        is_on = self.switch and self.switch_until and timezone.now() < self.switch_until
        return self.switch if is_on else self.Switch.OFF

    @property
    def switch_description(self):
        """The switch's state and its end as text, for the history of settings."""
        if not self.switched:
            return str(self.Switch.OFF.label)
        return f"{self.Switch(self.switch).label}, {dates.short_day_and_time(self.switch_until)}"

    @property
    def switch_mark(self):
        """The switch's state as a string for forms, to detect that it changed since the page was made."""
        return f"{self.switched}:{int(self.switch_until.timestamp())}" if self.switched else "off"

    @classmethod
    def set_switch(cls, switch, hours=0):
        """Hold or close all comments for some hours, or end that with OFF."""
        with transaction.atomic():
            row = cls.locked()
            if row.switched_by_wave and row.switched:
                row.no_wave_until = timezone.now() + WAVE_PAUSE
            row.switch = switch
            row.switch_until = timezone.now() + timedelta(hours=hours) if switch else None
            row.switched_by_wave = False
            row.save(update_fields=["switch", "switch_until", "switched_by_wave", "no_wave_until"])

    def hold_in_a_wave(self, until):
        """Hold all comments until then because of a cluster. The row must be locked (`locked()`)."""
        self.switch, self.switch_until, self.switched_by_wave = self.Switch.HOLD, until, True
        self.save(update_fields=["switch", "switch_until", "switched_by_wave"])

    @classmethod
    def apply_command(cls, words, by=None, saw=None):
        """Do what a button of the switch says ("hold 4", "close 24", "off") and record it. `by` None: an email link.

        Returns False for other values, or if the page `saw` another state (`switch_mark`) than the present one."""
        with transaction.atomic():
            before = cls.locked()
            applied = saw in (None, before.switch_mark) and cls.run_command(words)
            if applied:
                now = [[_("Comments"), before.switch_description, cls.objects.get().switch_description]]
                SettingsChange.record(by, SettingsChange.Area.SWITCH, now)
            return applied

    @classmethod
    def run_command(cls, words):
        what, _space, hours = words.partition(" ")
        if what == "off":
            cls.set_switch(cls.Switch.OFF)
        elif what in (cls.Switch.HOLD, cls.Switch.CLOSE) and hours in SWITCH_HOURS:
            cls.set_switch(what, int(hours))
        else:
            return False
        return True

    @classmethod
    def add_key(cls, name, line):
        """Add a line to a list of words (`name` is the field); False if it is there already."""
        with transaction.atomic():
            row = cls.locked()
            lines = getattr(row, name).splitlines()
            if line in lines:
                return False
            setattr(row, name, "\n".join([*lines, line]))
            row.save(update_fields=[name])
            return True

    @classmethod
    def remove_key(cls, name, line):
        """Remove a line from a list of words."""
        with transaction.atomic():
            row = cls.locked()
            setattr(row, name, "\n".join(each for each in getattr(row, name).splitlines() if each != line))
            row.save(update_fields=[name])

    @classmethod
    def locked(cls):
        """The row, locked with SELECT FOR UPDATE, to be changed in this transaction."""
        return cls.objects.select_for_update().get_or_create(pk=1)[0]

    @classmethod
    def now(cls):
        """The settings cached for the present cache version. Shared by all threads: never modify the object."""
        return discussion()


@cache_version.cached_per_version()
def discussion():
    return DiscussionSettings.objects.first() or DiscussionSettings()
