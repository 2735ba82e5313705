from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled


class SecondFactorStage(AuthenticateStage):
    """Asks for the second proof at a login.

    To a reader a passkey is one more way in: it must not lock the others. For people of the desk it is a lock.
    """

    def _should_handle(self, request):
        person = self.login.user
        return (
            person is not None and is_mfa_enabled(person, second_factors_of(person)) and super()._should_handle(request)
        )


def second_factors_of(person):
    """The kinds of keys that are a second lock for this person."""
    if person.has_perm("core.use_desk"):
        return [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return [Authenticator.Type.TOTP]
