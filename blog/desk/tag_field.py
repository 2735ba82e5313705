"""A form field for the names of a post's tags."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from blog.desk import comma_lists
from core.text import fold

MOST_TAGS = 50
LONGEST_TAG = 200
LONGEST_LIST = 50_000


class TagField(forms.CharField):
    """A comma-separated list of names. `most` is raised to the number of tags that a post has, so that it can be saved
    again."""

    most = MOST_TAGS

    def __init__(self, **kwargs):
        help_text = gettext_lazy("Separate tags with commas; put a tag that contains a comma in “quotation marks”.")
        super().__init__(
            label=gettext_lazy("Tags"), required=False, help_text=help_text, max_length=LONGEST_LIST, **kwargs
        )

    def prepare_value(self, value):
        return comma_lists.join(value) if isinstance(value, list) else value

    def has_changed(self, initial, data):
        return comma_lists.split(data or "") != (initial or [])

    def clean(self, value):
        names = comma_lists.split(super().clean(value))
        for name in names:
            if len(name) > LONGEST_TAG or len(fold(name)) > LONGEST_TAG:
                raise ValidationError(_("The tag “%s…” is too long: a tag has at most 200 characters.") % name[:40])
            if not fold(name):
                raise ValidationError(_("“%s” is not a valid tag: it needs at least one letter or digit.") % name)
        if len(names) > self.most:
            raise ValidationError(
                ngettext("At most %d tag, please.", "At most %d tags, please.", self.most) % self.most
            )
        return names

    def initial_value(self, names):
        self.most = max(MOST_TAGS, len(names))
        return names
