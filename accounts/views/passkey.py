"""Where somebody comes to who has made a passkey."""

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import AddWebAuthnView
from django.urls import reverse

from accounts.mfa import second_factors_of


class AddPasskey(AddWebAuthnView):
    """Recovery codes open a second lock: who has none is not led to them."""

    def get_success_url(self):
        locked = Authenticator.Type.WEBAUTHN in second_factors_of(self.request.user)
        return super().get_success_url() if locked else reverse("mfa_index")


add = AddPasskey.as_view()
