"""Add a passkey."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.urls import reverse

from accounts.mfa import second_factors_of


class AddPasskey(AddWebAuthnView):
    """Redirects to the recovery codes only where the passkey is a second factor."""

    def get_success_url(self):
        locked = Authenticator.Type.WEBAUTHN in second_factors_of(self.request.user)
        return super().get_success_url() if locked else reverse("mfa_index")


add = AddPasskey.as_view()
