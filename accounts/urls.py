"""URLs that come before allauth's own: ours, and those of allauth that are disabled."""

from django.urls import path

from accounts.desk import login, staff
from accounts.views import (
    account,
    avatar,
    code,
    invitation,
    reauthentication,
    sessions,
)
from accounts.views import (
    login as login_views,
)

urlpatterns = [
    path("", account.account, name="account"),
    path("email/", account.email, name="account_email"),
    path("picture/<str:name>.webp", avatar.picture, name="picture"),
    path("login/", login_views.login, name="account_login"),
    path("login/link/<str:token>/", login_views.login_by_link, name="login_link"),
    path("login/code/", code.request_code, name="login_code"),
    path("login/code/enter/", code.enter_code, name="login_code_enter"),
    path("invitation/<str:token>/", invitation.invitation, name="invitation"),
    path("password/change/", login_views.password_change, name="account_change_password"),
    path("password/reset/", login_views.password_reset, name="account_reset_password"),
    path("reauthenticate/again/", reauthentication.ask, name="reauthenticate"),
    path("reauthenticate/again/mail/", reauthentication.by_mail, name="reauthenticate_by_email"),
    path("reauthenticate/again/<str:provider>/", reauthentication.at_provider, name="reauthenticate_at_provider"),
    path("sessions/<int:pk>/end/", sessions.end_session, name="session_end"),
    # Logins by a token from a provider's script are not used, so they are disabled.
    path("google/login/token/", login_views.not_found),
    path("facebook/login/token/", login_views.not_found),
]

# Below /desk/. `desk_staff_member`, the page of one person, gets its argument `moved` in config.urls.
desk = [
    path("login/", login.login, name="desk_login"),
    path("people/", staff.staff_list, name="desk_staff"),
    path("people/<int:pk>/sessions/end/", staff.end_sessions, name="desk_sessions_end"),
    path("people/<int:pk>/sessions/<int:number>/end/", staff.end_sessions, name="desk_session_end"),
    path("people/invitation/<int:pk>/withdraw/", staff.withdraw, name="desk_invitation_withdraw"),
]
helper = staff.staff_detail
