from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor at a login.

    A reader's passkey is just another way to log in and does not make a second factor required; a staff member's does.
    """

    def handle(self):
        person = self.login.user
        if person is None or not is_mfa_enabled(person, second_factors_of(person)):
            return None, True
        return super().handle()


def second_factors_of(person):
    """The authenticator types that require a second factor for this person."""
    if person.has_perm("core.use_desk"):
        return [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return [Authenticator.Type.TOTP]
