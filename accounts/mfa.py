from allauth.mfa.models import Authenticator


def second_factors_of(person):
    """The authenticator types that require a second factor for this person."""
    if person.has_perm("core.use_desk"):
        return [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return [Authenticator.Type.TOTP]
