from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from core.form_fields import EmailAddressField
from core.timezones import offered_timezones


def language_choices():
    """[(code, the language's own name)], in the order of settings.LANGUAGES."""
    return [(code, get_language_info(code)["name_local"]) for code, name in settings.LANGUAGES]


class SetUpForm(forms.Form):
    title = forms.CharField(label=_("Site title"), max_length=200)
    tagline = forms.CharField(
        label=_("Tagline"), max_length=300, required=False, help_text=_("In a few words, what this blog is about.")
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        help_text=_("Shown with everything you write."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = EmailAddressField(
        label=_("Email"),
        help_text=_("You log in with it. It is never shown."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    password = forms.CharField(
        label=_("Password"),
        help_text=_("At least eight characters. Four random words are strong and easy to remember."),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    timezone = forms.ChoiceField(label=_("Timezone"), initial="UTC")
    language = forms.ChoiceField(label=_("Language you write in"))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["timezone"].choices = [(name, name.replace("_", " ")) for name in offered_timezones()]
        self.fields["language"].choices = language_choices()

    def clean(self):
        facts = super().clean()
        person = get_user_model()(email=facts.get("email"), name=facts.get("name", ""))
        try:
            validate_password(facts.get("password", ""), person)
        except ValidationError as error:
            if "password" in facts:
                self.add_error("password", error)
        return facts
