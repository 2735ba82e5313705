"""The forms of an import: how its file is read, and how it is brought."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from core.models.site import validate_timezone
from transfer import uploads
from transfer.importing.systems import SYSTEMS
from transfer.models import ImportRun
from transfer.old_urls import urlsplit_or_none

NEW = "new"


def lacks_address(run: ImportRun) -> bool:
    """Whether the file does not say where the old blog was: readers then use a name of the domain `.invalid`."""
    host = run.origin.partition("/")[0]
    return not host or host.endswith(".invalid")


class ReadingForm(forms.Form):
    """Of which system a file is, and what it does not say itself."""

    system = forms.ChoiceField(label=gettext_lazy("The file comes from"))
    url = forms.CharField(
        label=gettext_lazy("Address of the old blog"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Such as https://example.com. Old links and pictures are found by it."),
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
    )
    timezone = forms.CharField(
        label=gettext_lazy("Timezone of the old blog"),
        required=False,
        max_length=64,
        validators=[validate_timezone],
        help_text=gettext_lazy("For old files that have local dates alone, such as Europe/Berlin. Empty: this blog’s."),
    )

    def __init__(self, run: ImportRun, data: Any = None) -> None:
        options = run.options
        initial = {"system": run.system, "url": options.get("url", ""), "timezone": options.get("timezone", "")}
        super().__init__(data, initial=initial)
        self.fields["system"] = forms.ChoiceField(
            label=self.fields["system"].label, choices=[(name, system.label) for name, system in SYSTEMS.items()]
        )
        if not (SYSTEMS[run.system].asks_address and (lacks_address(run) or options.get("url"))):
            del self.fields["url"]

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        if url and "://" not in url:
            url = f"https://{url}"
        parts = urlsplit_or_none(url) if url else None
        if url and (parts is None or parts.scheme not in ("http", "https")):
            raise forms.ValidationError(_("Write the whole address, such as https://example.com."))
        return url.rstrip("/")

    def apply(self, run: ImportRun) -> None:
        """Set the run's system and options; the caller saves it."""
        run.system = self.cleaned_data["system"]
        wanted = {name: self.cleaned_data.get(name) for name in ("url", "timezone")}
        others = {name: value for name, value in run.options.items() if name not in wanted}
        run.options = others | {name: value for name, value in wanted.items() if value}


class StartForm(forms.Form):
    """Where the files come from, and who the authors of the file are here."""

    media_from = forms.ChoiceField(label=gettext_lazy("Pictures and other files"), widget=forms.RadioSelect)

    def __init__(self, run: ImportRun, user: User, data: Any = None) -> None:
        self.archives = [path for key in run.options.get("media_uploads", []) for path in uploads.files(key)]
        self.authors = [(row[0], row[1] or row[0], row[2] if len(row) > 2 else user.pk)
                        for row in run.summary.get("authors", [])]  # fmt: skip
        super().__init__(data, initial={"media_from": self.first_choice(run)})
        self.fields["media_from"] = forms.ChoiceField(
            label=self.fields["media_from"].label,
            widget=forms.RadioSelect,
            choices=self.media_choices(run),
            required=False,
        )
        people = self.people(user)
        for at, (_login, name, person) in enumerate(self.authors):
            self.fields[f"author_{at}"] = forms.ChoiceField(
                label=name, choices=people, initial=str(person) if person else NEW, required=False
            )

    def media_choices(self, run: ImportRun) -> list[tuple[str, str]]:
        choices = [("download", _("Fetch them from the old blog")), ("skip", _("Leave them there for now"))]
        if self.archives:
            choices.insert(0, ("uploads", _("Take them from the files uploaded here")))
        if SYSTEMS[run.system].has_files_inside:
            choices.insert(0, ("inside", _("Take them from the same file as the texts")))
        return choices

    def first_choice(self, run: ImportRun) -> str:
        chosen = run.options.get("media")
        offered = [value for value, _label in self.media_choices(run)]
        return chosen if chosen in offered and chosen != "skip" else offered[0]

    def people(self, user: User) -> list[tuple[str, str]]:
        """The choices for an author: me, the others who may write here, a new person."""
        others = get_user_model().objects.with_perm("blog.write").exclude(pk=user.pk).order_by("name", "pk")[:500]
        return [
            (str(user.pk), _("Me (%s)") % user),
            *((str(person.pk), str(person)) for person in others),
            (NEW, _("A new person who may not log in")),
        ]

    def author_fields(self) -> list[forms.BoundField]:
        return [self[f"author_{at}"] for at in range(len(self.authors))]

    def options(self) -> dict[str, object]:
        """The options of the run: `media`, and `author_map` as transfer.importing.authors reads it."""
        people = {}
        for at, (login, _name, _person) in enumerate(self.authors):
            chosen = self.cleaned_data[f"author_{at}"] or self.fields[f"author_{at}"].initial
            people[login] = None if chosen == NEW else int(chosen)
        return {"media": self.cleaned_data["media_from"] or "skip", "author_map": people}
