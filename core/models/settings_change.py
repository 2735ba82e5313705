from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import models
from django.forms import BaseForm, Field, FileField
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

MAX_VALUE_LENGTH = 300  # characters stored of a value
MAX_VALUES = 40  # values stored of one save


class SettingsChange(models.Model):
    """Who changed which setting, role or rule, and when: a row for each save that changed something."""

    class Area(models.TextChoices):
        BLOG = "blog", gettext_lazy("The blog")
        APPEARANCE = "appearance", gettext_lazy("Appearance")
        LAYOUT = "layout", gettext_lazy("Menu and sidebar")
        DISCUSSION = "discussion", gettext_lazy("Discussion")
        SUBSCRIBERS = "subscribers", gettext_lazy("Subscribers")
        SWITCH = "switch", gettext_lazy("Hold or close everything")
        PEOPLE = "people", gettext_lazy("People")

    by_number = models.BigIntegerField(null=True)  # pk of the account, which may be deleted; the name is copied
    by_name = models.CharField(max_length=120)
    area = models.CharField(max_length=12, choices=Area)
    about = models.CharField(max_length=254, blank=True)  # name or email of the person whose role has changed
    values = models.JSONField(default=list)  # [what, before, after]
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.by_name}: {self.get_area_display()}"

    @classmethod
    def record(cls, by: Any, area: str, values: Iterable[Sequence[Any]], *, about: str = "") -> None:
        """Log the changed `values` ([label, before, after], …) in the caller's transaction; no row if none differs.

        `by`: the user, or None for a link in an email.
        """
        changed = [
            [str(what), truncated(before), truncated(after)] for what, before, after in values if before != after
        ]
        if changed:
            by_name = str(by)[:120] if by is not None else _("an email’s link")
            number = by.pk if by is not None else None
            cls.objects.create(
                by_number=number, by_name=by_name, area=area, about=about[:254], values=changed[:MAX_VALUES]
            )


def truncated(text: str) -> str:
    return f"{text[:MAX_VALUE_LENGTH]}…" if len(text) > MAX_VALUE_LENGTH else text


def changed_values(form: BaseForm) -> list[list[Any]]:
    """[label, before, after] of each changed field of a valid form, as displayed."""
    return [
        [form.fields[name].label or name, *changed_lines(before, after)]
        for name in form.changed_data
        for before in [display_value(form.fields[name], form.get_initial_for_field(form.fields[name], name))]
        for after in [display_value(form.fields[name], form.cleaned_data.get(name))]
    ]


def display_value(field: Field, value: Any) -> str:
    """The value of a form field as text for people."""
    if hasattr(field, "queryset") and value and not isinstance(value, models.Model):
        several = isinstance(value, (list, tuple))
        found = field.queryset.filter(pk__in=value if several else [value])
        value = list(found) if several else found.first()
    if isinstance(field, FileField):
        return _("a new file") if value else ""
    if value in (None, ""):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, (list, tuple)):
        return ", ".join(str(each) for each in value)
    if not isinstance(value, models.Model) and (choices := getattr(field, "choices", None)):
        return str(dict(flatten_choices(choices)).get(value, value))
    return str(value)


def flatten_choices(choices: Iterable[tuple[Any, Any]]) -> Iterator[tuple[Any, Any]]:
    for value, label in choices:
        if isinstance(label, (list, tuple)):
            yield from flatten_choices(label)
        else:
            yield value, label


def changed_lines(before: str, after: str) -> tuple[str, str]:
    """(before, after); of texts with several lines, such as word lists, only the lines that differ."""
    if "\n" not in before + after:
        return before, after
    old, new = before.splitlines(), after.splitlines()
    gone, come = [line for line in old if line not in new], [line for line in new if line not in old]
    return ("\n".join(gone), "\n".join(come)) if gone or come else (before, after)
