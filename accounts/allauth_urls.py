"""allauth's URLs, as in `allauth.urls`, but the views of second factors and passkeys are imported at their first
request: they load fido2 and cryptography, 11 MB. Only providers that are configured have URLs."""

from django.conf import settings
from django.urls import include, path

from core.deferred_views import view_at

BASE, PASSKEYS = "allauth.mfa.base.views", "allauth.mfa.webauthn.views"

second_factors = [
    path("", view_at(f"{BASE}.index"), name="mfa_index"),
    path("authenticate/", view_at(f"{BASE}.authenticate"), name="mfa_authenticate"),
    path("reauthenticate/", view_at(f"{BASE}.reauthenticate"), name="mfa_reauthenticate"),
]

passkeys = [
    path("", view_at(f"{PASSKEYS}.list_webauthn"), name="mfa_list_webauthn"),
    path("add/", view_at("accounts.views.passkey.add"), name="mfa_add_webauthn"),
    path("login/", view_at(f"{PASSKEYS}.login_webauthn"), name="mfa_login_webauthn"),
    path("reauthenticate/", view_at(f"{PASSKEYS}.reauthenticate_webauthn"), name="mfa_reauthenticate_webauthn"),
    path("keys/<int:pk>/remove/", view_at(f"{PASSKEYS}.remove_webauthn"), name="mfa_remove_webauthn"),
    path("keys/<int:pk>/edit/", view_at(f"{PASSKEYS}.edit_webauthn"), name="mfa_edit_webauthn"),
]
# OpenID Connect comes last, as in allauth: its URLs may match those of others.
providers = sorted(settings.SOCIALACCOUNT_PROVIDERS, key="openid_connect".__eq__)

urlpatterns = [
    path("", include("allauth.account.urls")),
    path("2fa/", include(second_factors)),
    path("2fa/totp/", include("allauth.mfa.totp.urls")),
    path("2fa/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("2fa/webauthn/", include(passkeys)),
    path("3rdparty/", include("allauth.socialaccount.urls")),
    *(path("", include(f"allauth.socialaccount.providers.{name}.urls")) for name in providers),
    path("sessions/", include("allauth.usersessions.urls")),
]
