from allauth.core.internal.cryptokit import compare_user_code
from django import forms
from django.contrib.auth import get_user_model
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from ground.words import tidy_line

from .addresses import looks_alike, normal


class AddressForm(forms.Form):
    """Where a code is to go."""

    email = forms.EmailField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Please enter a valid e-mail address, such as ann@example.org.")},
    )

    def clean_email(self):
        if looks_alike(self.cleaned_data["email"]):
            raise forms.ValidationError(self.fields["email"].error_messages["invalid"])
        return normal(self.cleaned_data["email"])


class CodeForm(forms.Form):
    """The code as it was read in a letter: case and dashes make no difference."""

    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false", "autocapitalize": "off"}),
    )

    def __init__(self, *args, expected, **kwargs):
        self.expected = expected
        super().__init__(*args, **kwargs)

    def clean_code(self):
        if not compare_user_code(actual=self.cleaned_data["code"], expected=self.expected):
            raise forms.ValidationError(_("This is not the code in the newest letter."))
        return self.cleaned_data["code"]


class NameForm(forms.ModelForm):
    """What stands beside the comments of somebody."""

    class Meta:
        model = get_user_model()
        fields = ["name", "website"]
        help_texts = {"name": _("Shown with everything you write.")}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    website = forms.URLField(
        label=_("Website"),
        max_length=400,
        required=False,
        help_text=_("Your name leads there."),
        assume_scheme="https",
        validators=[URLValidator(schemes=["https", "http"])],
        widget=forms.URLInput(attrs={"autocomplete": "url"}),
        error_messages={"invalid": _("Please enter the address of a website, such as example.org.")},
    )

    def clean_name(self):
        return tidy_line(self.cleaned_data["name"])
