"""Form fields: one line of text, email address, URL, language, and date with time in the blog's timezone.

Text is normalized before its length is checked: normalization may make it longer (U+0958 becomes two characters), and
PostgreSQL refuses what is longer than its column.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import validate_email
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from core import languages
from core.email_addresses import encode_idna
from core.text import tidy_line


class LineField(forms.CharField):
    """One line of text: a name, a title."""

    def to_python(self, value: Any) -> str:

        return tidy_line(super().to_python(value) or "")


def validate_one_line(address: str) -> None:
    """Refuse control characters, which a quoted local part may hold and which would end a header line."""
    if not address.isprintable():
        raise forms.ValidationError(validate_email.message, code="invalid")


class EmailAddressField(forms.EmailField):
    """An email address, its host encoded by IDNA (`core.email_addresses`)."""

    default_validators = [*forms.EmailField.default_validators, validate_one_line]

    def clean(self, value: Any) -> Any:
        address = super().clean(value)
        encoded = encode_idna(address) if address else address
        if self.max_length and len(encoded) > self.max_length:  # encoded, a host is longer than it was typed
            raise forms.ValidationError(self.error_messages.get("invalid", validate_email.message), code="invalid")
        return encoded


class WebsiteField(forms.URLField):
    """A URL; https is assumed where no scheme is given."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(assume_scheme="https", **kwargs)

    def to_python(self, value: Any) -> str:
        return tidy_line(super().to_python(value) or "")


class LanguageSelect(forms.Select):
    """Also offers the current value, even if it is no choice, so that saving the form does not lose it."""

    def optgroups(self, name: str, value: list[str], attrs: dict[str, Any] | None = None) -> Any:
        offered = {str(tag) for tag, _name in self.choices}
        also = [(tag, tag) for tag in value if tag and tag not in offered]
        choices, self.choices = self.choices, [*also, *self.choices]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = choices


class LanguageField(forms.ChoiceField):
    """A language: one of the choices, or any other well-formed BCP 47 tag."""

    widget = LanguageSelect
    default_error_messages = {"invalid_choice": _("“%(value)s” is not a language code, such as de or pt-BR.")}

    def to_python(self, value: Any) -> str:
        return languages.canonical(value) or value if value else ""

    def valid_value(self, value: str) -> bool:
        return bool(languages.canonical(value))


class LocalDateTimeField(forms.DateTimeField):
    """A date and time in the blog's timezone.

    Of a time that occurs twice, when summer time ends, the first is meant. A time that is skipped, when it begins, is
    moved forward by the hour that is skipped.

    Browsers send ISO 8601 whatever they show. A browser without such a field lets people type: formats of the language
    are taken as well, and %(example)s in the error message shows the first of them.
    """

    UNSAID, YEARS = ZoneInfo("UTC"), range(1900, 3000)

    def to_python(self, value: Any) -> datetime | None:
        with timezone.override(self.UNSAID):
            try:
                moment = super().to_python(value)
            except forms.ValidationError:
                raise self.refusal() from None
        if moment is not None and moment.tzinfo is self.UNSAID:
            moment = moment.replace(tzinfo=timezone.get_current_timezone())
        if moment is not None and timezone.localtime(moment).year not in self.YEARS:
            raise self.refusal()
        return moment

    def refusal(self) -> forms.ValidationError:
        known = formats.get_format("DATETIME_INPUT_FORMATS")
        shown = next(each for each in known if each.endswith("%M"))
        example = datetime(2026, 11, 23, 14, 30, tzinfo=self.UNSAID).strftime(shown)
        return forms.ValidationError(self.error_messages["invalid"], code="invalid", params={"example": example})


def same_minute(one: datetime, other: datetime) -> bool:
    """Whether two datetimes show the same minute in the blog's timezone (two hours apart in UTC may do so)."""
    first, second = (timezone.localtime(moment) for moment in (one, other))
    return f"{first:%Y-%m-%d %H:%M}" == f"{second:%Y-%m-%d %H:%M}"
