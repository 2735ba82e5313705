"""What stands before allauth's own addresses: ours, and doors that we keep shut."""

from django.urls import path

from . import views

urlpatterns = [
    path("login/link/<str:token>/", views.login_by_link, name="login_link"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    # Logins by a token from a script: we use none, and each is one more way in.
    path("google/login/token/", views.shut),
    path("facebook/login/token/", views.shut),
]
