"""Form fields of one line, measured as they are stored: tidied, some letters become two (U+0958, for one), and
PostgreSQL refuses what is longer than its column. And a moment, by the blog's clock."""

from zoneinfo import ZoneInfo

from django import forms
from django.core.validators import validate_email
from django.utils import timezone

from ground.words import tidy_line


class Line(forms.CharField):
    """A name, a title."""

    def to_python(self, value):
        return tidy_line(super().to_python(value))


def on_one_line(address):
    """Quoted, an address may hold what ends a line of a letter's head ("a\v"@example.org); no real one does."""
    if not address.isprintable():
        raise forms.ValidationError(validate_email.message, code="invalid")


class Address(forms.EmailField):
    """An e-mail address to which a letter can go."""

    default_validators = [*forms.EmailField.default_validators, on_one_line]


class Website(forms.URLField):
    """An address of the web; https where nothing else is said."""

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)

    def to_python(self, value):
        return tidy_line(super().to_python(value))


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
