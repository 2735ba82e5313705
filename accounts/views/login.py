from allauth.account.adapter import get_adapter
from allauth.account.forms import SetPasswordForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import LoginView, PasswordChangeView, PasswordResetView
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import login as django_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from accounts import login_links
from accounts.forms import PasswordResetForm
from core import mail


@never_cache
def login_by_link(request, token):
    """Log in by a one-time link, without email or password: GET asks for confirmation, POST logs in."""
    person, without_second_factor = login_links.read_link(token)
    if person is None:
        return render(request, "accounts/link_expired.html", status=403)
    if request.method != "POST":
        return render(request, "accounts/login_link.html", {"person": person})
    if not login_links.use_link(person):
        return render(request, "accounts/link_expired.html", status=403)
    if without_second_factor:
        django_login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
        UserSession.objects.create_from_request(request)
    record_authentication(request, person, method="link")
    login_links.remember_proof(request)
    if person.has_usable_password():
        messages.info(
            request, _("If you have lost your password, set a new one within 15 minutes: Account → Password.")
        )
    if without_second_factor:
        return redirect(get_adapter(request).get_login_redirect_url(request))
    return perform_login(request, Login(user=person, email=person.email))


class LoginPage(LoginView):
    extra_context = {"offers_codes": mail.is_configured}


login = LoginPage.as_view()


class PasswordChange(PasswordChangeView):
    """After a login by link, the old password is not asked for: it may be lost."""

    def get_form_class(self):
        return SetPasswordForm if login_links.may_set_password(self.request) else super().get_form_class()

    def form_valid(self, form):
        response = super().form_valid(form)
        self.request.session.pop(login_links.PROVED_KEY, None)
        return response


password_change = never_cache(PasswordChange.as_view())


class PasswordReset(PasswordResetView):
    form_class = PasswordResetForm

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if not mail.is_configured():
            return render(request, "account/password_reset_without_mail.html")
        return super().dispatch(request, *args, **kwargs)


password_reset = PasswordReset.as_view()


@csrf_exempt  # 404 in any case, with or without a token
def not_found(request):
    raise Http404
