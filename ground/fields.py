"""Form fields of one line, measured as they are stored: tidied, some letters become two (U+0958, for one), and
PostgreSQL refuses what is longer than its column."""

from django import forms

from ground.words import tidy_line


class Line(forms.CharField):
    """A name, a title."""

    def to_python(self, value):
        return tidy_line(super().to_python(value))


class Website(forms.URLField):
    """An address of the web; https where nothing else is said."""

    def __init__(self, **kwargs):
        super().__init__(assume_scheme="https", **kwargs)

    def to_python(self, value):
        return tidy_line(super().to_python(value))
