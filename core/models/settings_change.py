from django.db import models
from django.forms import FileField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

LONGEST = 300  # characters of a value that are kept
MOST = 40  # values of one save


class SettingsChange(models.Model):
    """Who changed which setting, role or rule, and when: a row for each save that changed something."""

    class Area(models.TextChoices):
        BLOG = "blog", gettext_lazy("The blog")
        LOOK = "look", gettext_lazy("Look")
        AROUND = "around", gettext_lazy("Menu and sidebar")
        DISCUSSION = "discussion", gettext_lazy("Discussion")
        SUBSCRIBERS = "subscribers", gettext_lazy("Subscribers")
        SWITCH = "switch", gettext_lazy("Hold or close everything")
        PEOPLE = "people", gettext_lazy("People")

    by_number = models.BigIntegerField(null=True)  # of the account, which may go; its name of then stays
    by_name = models.CharField(max_length=120)
    area = models.CharField(max_length=12, choices=Area)
    about = models.CharField(max_length=254, blank=True)  # whose role it is
    values = models.JSONField(default=list)  # [what, before, after]
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self):
        return f"{self.by_name}: {self.get_area_display()}"

    @classmethod
    def record(cls, by, area, values, *, about=""):
        """Write down what `by` changed, in the caller's transaction; nothing where nothing is another."""
        values = [[str(what), shortened(before), shortened(after)] for what, before, after in values if before != after]
        if values:
            by_name = str(by)[:120] if by is not None else _("an email’s link")
            number = by.pk if by is not None else None
            cls.objects.create(by_number=number, by_name=by_name, area=area, about=about[:254], values=values[:MOST])


def shortened(text):
    return f"{text[:LONGEST]}…" if len(text) > LONGEST else text


def values_of(form):
    """[what, before, after] of the fields of a valid form that were changed, in words."""
    return [
        [form.fields[name].label or name, *differing(before, after)]
        for name in form.changed_data
        for before in [in_words(form.fields[name], form.get_initial_for_field(form.fields[name], name))]
        for after in [in_words(form.fields[name], form.cleaned_data.get(name))]
    ]


def in_words(field, value):
    """A value of a form's field as a person reads it."""
    if hasattr(field, "queryset") and value and not isinstance(value, models.Model):
        value = field.queryset.filter(pk=value).first()
    if isinstance(field, FileField):
        return _("a new file") if value else ""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    if not isinstance(value, models.Model) and (choices := getattr(field, "choices", None)):
        return str(dict(flat(choices)).get(value, value))
    return str(value)


def flat(choices):
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from flat(label)
        else:
            yield value, label


def differing(before, after):
    """Of two texts of several lines, those that the other has not: a list of words may be long."""
    if "\n" not in before + after:
        return before, after
    old, new = before.splitlines(), after.splitlines()
    gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
    return ("\n".join(gone), "\n".join(come)) if gone or come else (before, after)
