"""allauth's forms for passkeys, with a field that rejects any malformed input with a form error."""

from allauth.core import context
from allauth.mfa.webauthn import forms as theirs
from django import forms
from django.utils.translation import gettext as _

from core.refusals import log_refusal


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


class LoggedCredential:
    """A form with a passkey: one that opens nothing counts as a refused login."""

    def clean_credential(self):
        try:
            return super().clean_credential()
        except forms.ValidationError:
            log_refusal(context.request.META, "login")
            raise


class LoginForm(LoggedCredential, theirs.LoginWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class SecondFactorForm(LoggedCredential, theirs.AuthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)


class ReauthenticationForm(LoggedCredential, theirs.ReauthenticateWebAuthnForm):
    credential = CredentialField(widget=forms.HiddenInput)
