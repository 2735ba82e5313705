"""allauth's forms for the codes of authenticator apps and recovery codes; wrong ones leave a line in the log."""

from allauth.core import context
from allauth.mfa.base import forms as theirs
from django.core.exceptions import ValidationError

from core.refusals import log_refusal


class LoggedCode:
    """A form with a code: a wrong one counts as a refused login."""

    def clean_code(self):
        try:
            return super().clean_code()
        except ValidationError:
            log_refusal(context.request.META, "login")
            raise


class SecondFactorForm(LoggedCode, theirs.AuthenticateForm):
    pass


class ReauthenticationForm(LoggedCode, theirs.ReauthenticateForm):
    pass
