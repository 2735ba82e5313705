"""What stands before allauth's own addresses: ours, and doors that we keep shut."""

from django.urls import path

from .desk import login, people
from .views import account, code, entrance, invitation, passkey, picture, proof

urlpatterns = [
    path("", account.account, name="account"),
    path("email/", account.email, name="account_email"),
    path("picture/<str:name>.webp", picture.picture, name="picture"),
    path("login/", entrance.login, name="account_login"),
    path("login/link/<str:token>/", entrance.login_by_link, name="login_link"),
    path("login/code/", code.ask, name="login_code"),
    path("login/code/enter/", code.enter, name="login_code_enter"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("password/reset/", entrance.password_reset, name="account_reset_password"),
    path("reauthenticate/again/", proof.ask, name="proof"),
    path("reauthenticate/again/mail/", proof.by_mail, name="proof_by_mail"),
    path("reauthenticate/again/<str:provider>/", proof.at_provider, name="proof_at_provider"),
    path("2fa/webauthn/add/", passkey.add, name="mfa_add_webauthn"),
    # Logins by a token from a script: we use none, and each is one more way in.
    path("google/login/token/", entrance.shut),
    path("facebook/login/token/", entrance.shut),
]

# Below /desk/. The page of one person needs to know whom to tell of an old address: see config.urls.
desk = [
    path("login/", login.login, name="desk_login"),
    path("people/", people.people, name="desk_helpers"),
    path("people/invitation/<int:pk>/withdraw/", people.withdraw, name="desk_invitation_withdraw"),
]
helper = people.person
