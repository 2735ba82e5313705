from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled

from accounts.mfa import second_factors_of


class SecondFactorStage(AuthenticateStage):
    """Asks for the second factor at a login.

    A reader's passkey is just another way to log in and does not make a second factor required; a staff member's does.
    allauth imports this module at a login, and with it what passkeys need.
    """

    def handle(self):
        person = self.login.user
        if person is None or not is_mfa_enabled(person, second_factors_of(person)):
            return None, True
        return super().handle()
