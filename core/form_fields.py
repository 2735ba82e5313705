"""Form fields of one line, measured as they are stored: tidied, some letters become two (U+0958, for one), and
PostgreSQL refuses what is longer than its column. And a moment, by the blog's clock."""

from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core import languages
from core.email_addresses import spelled
from core.text import tidy_line


class Line(forms.CharField):
    """A name, a title."""

    def to_python(self, value):
        return tidy_line(super().to_python(value))


def on_one_line(address):
    """Quoted, an address may hold what ends a line of a letter's head ("a\v"@example.org); no real one does."""
    if not address.isprintable():
        raise forms.ValidationError(validate_email.message, code="invalid")


class Address(forms.EmailField):
    """An email address to which a letter can go, spelled as letters travel (`core.email_addresses`)."""

    default_validators = [*forms.EmailField.default_validators, on_one_line]

    def clean(self, value):
        address = super().clean(value)
        return spelled(address) if address else address


class Website(forms.URLField):
    """An address of the web; https where nothing else is said."""

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)

    def to_python(self, value):
        return tidy_line(super().to_python(value))


class LanguageSelect(forms.Select):
    """Also offers what stands in it, whatever that is: nothing that was chosen or typed elsewhere is lost."""

    def optgroups(self, name, value, attrs=None):
        offered = {str(tag) for tag, _name in self.choices}
        also = [(tag, tag) for tag in value if tag and tag not in offered]
        choices, self.choices = self.choices, [*also, *self.choices]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = choices


class LanguageField(forms.ChoiceField):
    """A language: one of those that are offered, or any other as a BCP 47 tag."""

    widget = LanguageSelect
    default_error_messages = {"invalid_choice": _("“%(value)s” is no tag of a language, such as de or pt-BR.")}

    def to_python(self, value):
        return languages.canonical(value) or value if value else ""

    def valid_value(self, value):
        return bool(languages.canonical(value))


class Moment(forms.DateTimeField):
    """A minute on the blog's clock. One that comes twice, when summer ends, is the first; one that is left out, when it
    begins, is as far behind the hour as it says."""

    UNSAID, YEARS = ZoneInfo("UTC"), range(1900, 3000)

    def to_python(self, value):
        with timezone.override(self.UNSAID):
            moment = super().to_python(value)
        if moment is not None and moment.tzinfo is self.UNSAID:
            moment = moment.replace(tzinfo=timezone.get_current_timezone())
        if moment is not None and timezone.localtime(moment).year not in self.YEARS:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return moment


def same_minute(one, other):
    """Whether the blog's clock shows the same: of a minute that comes twice it does not say which."""
    first, second = (timezone.localtime(moment) for moment in (one, other))
    return f"{first:%Y-%m-%d %H:%M}" == f"{second:%Y-%m-%d %H:%M}"
