from collections.abc import Collection
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from core import cache_version, languages
from core.text import tidy_line


def validate_timezone(name: str) -> None:
    """Raise ValidationError unless this machine's time zone database has the name ("Europe/Berlin")."""
    if name not in available_timezones():
        raise ValidationError(_("“%(name)s” is not a known timezone."), "timezone", {"name": name})


language_tag = RegexValidator(
    r"\A[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}\Z",
    _("Enter a language code such as en, de or pt-br."),
    "language",
)


class Site(models.Model):
    """Title, language and timezone of the blog. One row, created by `server.setup`."""

    id = models.PositiveSmallIntegerField(primary_key=True, editable=False)
    title = models.CharField(_("title"), max_length=200, default="A new blog")
    tagline = models.CharField(_("tagline"), max_length=300, blank=True)
    language = models.CharField(_("language"), max_length=35, default="en", validators=[language_tag])
    timezone = models.CharField(_("timezone"), max_length=64, default="UTC", validators=[validate_timezone])

    class Meta:
        verbose_name = _("site")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_site")]

    def __str__(self) -> str:
        return self.title

    @property
    def text_direction(self) -> str:
        """ "rtl" or "ltr": in which direction the blog's language is written, and so its pages."""
        return languages.direction(self.language)

    @property
    def mixes_directions(self) -> bool:
        """Whether the interface is written in the other direction, because it has no translation into the language."""
        return languages.direction(languages.interface(self.language)) != self.text_direction

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        self._tidy()
        super().clean_fields(exclude=exclude)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.id = 1
        self._tidy()
        with transaction.atomic():
            super().save(*args, **kwargs)
            cache_version.invalidate(cache_version.SITE)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    def _tidy(self) -> None:
        self.title, self.tagline = tidy_line(self.title), tidy_line(self.tagline)
        self.language = self.language.lower().replace("_", "-")
