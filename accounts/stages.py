from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled


class SecondLock(AuthenticateStage):
    """Asks for the second proof at a login.

    To a reader a passkey is one more way in: it must not lock the others. For people of the desk it is a lock.
    """

    def _should_handle(self, request):
        person = self.login.user
        keys = [Authenticator.Type.TOTP]
        if person is not None and person.has_perm("ground.use_desk"):
            keys.append(Authenticator.Type.WEBAUTHN)
        return person is not None and is_mfa_enabled(person, keys) and super()._should_handle(request)
