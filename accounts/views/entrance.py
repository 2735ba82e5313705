from allauth.account.views import LoginView, PasswordResetView
from allauth.usersessions.models import UserSession
from django.contrib.auth import login as django_login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from ground import mail

from .. import links


@never_cache
def login_by_link(request, token):
    """The owner's way in without mail or password: looking at the link asks, pressing the button logs in."""
    person = links.whose(token)
    if person is None:
        return render(request, "accounts/link_too_old.html", status=403)
    if request.method != "POST":
        return render(request, "accounts/login_link.html", {"person": person})
    django_login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    UserSession.objects.create_from_request(request)
    return redirect("desk")


class Login(LoginView):
    extra_context = {"offers_codes": mail.is_configured}


login = Login.as_view()


class PasswordReset(PasswordResetView):
    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if not mail.is_configured():
            return render(request, "account/password_reset_without_mail.html")
        return super().dispatch(request, *args, **kwargs)


password_reset = PasswordReset.as_view()


@csrf_exempt  # it says 404 to everybody, with or without a token
def shut(request):
    raise Http404
