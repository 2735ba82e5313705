"""Log in by a code sent by email: a form for the address, then one for the code."""

from allauth.account.utils import get_next_redirect_url
from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts import login_return
from accounts.forms import AddressForm, CodeForm
from accounts.login_codes import LoginCode, TooManyCodes, too_many_codes_message
from core import mail, rate_limits


@never_cache
def request_code(request):
    """Ask for an email address and send a code to it."""
    if not mail.is_configured():
        raise Http404
    back = get_next_redirect_url(request) or ""
    if request.user.is_authenticated:
        return redirect(back or "account")
    form = AddressForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            LoginCode.begin(request, form.cleaned_data["email"], name="", next=back)
        except TooManyCodes as often:
            form.add_error(None, too_many_codes_message())
            return rate_limits.too_many_requests(render_form(request, "accounts/code_ask.html", form, back), often.wait)
        return redirect("login_code_enter")
    return render_form(request, "accounts/code_ask.html", form, back)


@never_cache
def enter_code(request):
    """Ask for the code and log in."""
    if request.user.is_authenticated:
        return redirect(get_next_redirect_url(request) or "account")
    code = LoginCode.pending(request)
    if code is None:
        return start_again(request, _("The code has expired, or the browser no longer has it. Request a new one."))
    form = CodeForm(request.POST or None, expected=code.code)
    if request.method == "POST":
        guessed = code.exceeds_tries()
        if form.is_valid() and not guessed:
            return code.finish()
        if guessed or not code.record_invalid_attempt():
            code.abort()
            return start_again(
                request, _("Too many wrong attempts with this code. Request a new one."), code.state["next"]
            )
    return render_form(request, "accounts/code_enter.html", form, code.state["next"], email=code.email)


def start_again(request, why, back=None):
    messages.warning(request, why)
    return redirect(with_next(reverse("login_code"), login_return.return_path(request, back)))


def with_next(path, back):
    return f"{path}?{urlencode({'next': back})}" if back else path


def render_form(request, template, form, back, **more):
    return render(request, template, {"form": form, "next": back, **more})
