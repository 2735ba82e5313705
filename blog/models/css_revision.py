from django.conf import settings
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

MOST_KEPT = 50  # former versions


class CssRevisionQuerySet(models.QuerySet):
    def used(self):
        """Versions that are or were in use, newest first."""
        return self.filter(state=CssRevision.State.USED).order_by("-pk")

    def draft_of(self, user):
        """What this user has tried and not used, or None."""
        return self.filter(state=CssRevision.State.DRAFT, by=user).first()


class CssRevision(models.Model):
    """A version of the owner's own CSS: one that was put into use, or the one that its author is trying."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        USED = "used", _("Used")

    state = models.CharField(max_length=5, choices=State)
    css = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = CssRevisionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["by"], condition=models.Q(state="draft"), name="one_css_draft_each")
        ]

    def __str__(self):
        return f"{self.get_state_display()} {self.pk}"

    @property
    def line_count(self):
        return len(self.css.splitlines())

    @classmethod
    def try_out(cls, css, user):
        """Keep `css` as the draft of this user."""
        cls.objects.update_or_create(state=cls.State.DRAFT, by=user, defaults={"css": css})

    @classmethod
    def put_into_use(cls, css, user, reading):
        """Make `css` the blog's, keep the version, forget the draft of this user and the oldest versions."""
        with transaction.atomic():
            before = cls.objects.used().first()
            if before is None or before.css != css:
                cls.objects.create(state=cls.State.USED, css=css, by=user)
            cls.objects.filter(state=cls.State.DRAFT, by=user).delete()
            kept = cls.objects.used().values_list("pk", flat=True)[:MOST_KEPT]
            cls.objects.used().exclude(pk__in=list(kept)).delete()
            reading.own_css = css
            reading.save()

    @classmethod
    def former(cls, css):
        """The newest version that differs from `css`, which is in use; "" if there is none: readers saw none before."""
        newest = cls.objects.used().exclude(css=css).first()
        return newest.css if newest else ""
