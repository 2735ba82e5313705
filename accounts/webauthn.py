"""allauth's forms for passkeys, with a field that rejects any malformed input with a form error."""

from allauth.mfa.webauthn import forms as theirs
from django import forms
from django.utils.translation import gettext as _


class CredentialField(forms.JSONField):
    """The browser's WebAuthn credential: a JSON object of a few hundred characters."""

    LONGEST = 20_000

    def to_python(self, value):
        try:
            found = super().to_python(value if len(value or "") <= self.LONGEST else "too long to be one")
        except (ValueError, RecursionError) as error:
            raise forms.ValidationError(_("Your browser sent no passkey.")) from error
        if found is not None and not isinstance(found, dict):
            raise forms.ValidationError(_("Your browser sent no passkey."))
        return found


class AddForm(theirs.AddWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class LoginForm(theirs.LoginWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class SecondFactorForm(theirs.AuthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class ReauthenticationForm(theirs.ReauthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)
