import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def new_browser():
    """What a signed browser is known by: 128 random bits, kept in its signed cookie."""
    return secrets.token_hex(16)


class PersonQuerySet(models.QuerySet):
    def of_account(self, user):
        return self.get_or_create(account=user)[0]

    def of_browser(self, browser):
        return self.get_or_create(browser=browser)[0]


class Person(models.Model):
    """Who writes: an account, a confirmed address, or a signed browser. A typed address makes nobody a person."""

    class Trust(models.TextChoices):
        UNKNOWN = "unknown", _("Unknown")
        KNOWN = "known", _("Known")
        FRIEND = "friend", _("Friend")
        BLOCKED = "blocked", _("Blocked")

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="commenter")
    address = models.EmailField(null=True, unique=True)
    browser = models.CharField(max_length=32, null=True, unique=True)
    trust = models.CharField(_("trust"), max_length=7, choices=Trust, default=Trust.UNKNOWN)
    made_at = models.DateTimeField(auto_now_add=True)

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("writer")
        verbose_name_plural = _("writers")

    def __str__(self):
        return f"{self.pk}: {self.trust}"

    @property
    def is_known(self):
        """Trusted by the owner's word, or because an earlier comment of theirs stands."""
        if self.trust in (self.Trust.KNOWN, self.Trust.FRIEND):
            return True
        return self.trust == self.Trust.UNKNOWN and self.comments.approved().exists()
