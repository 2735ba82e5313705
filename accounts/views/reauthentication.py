"""The reauthentication page of users without a password."""

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth.decorators import login_required
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import reauthentication
from accounts.forms import CodeForm
from accounts.login_codes import ReauthenticationCode, TooManyCodes, too_many_codes_message
from core import rate_limits
from core.request import client_network


@never_cache
@login_required
def ask(request):
    """Show the ways to reauthenticate; if that was done recently, resume the interrupted request."""
    if request.user.has_usable_password():
        return redirect("account_reauthenticate")
    if reauthentication.is_fresh(request):
        return resume_request(request) or redirect("account")
    return render_page(request)


@never_cache
@login_required
@require_POST
def at_provider(request, provider):
    chosen = next((known for known in reauthentication.providers_of(request.user) if known.sub_id == provider), None)
    if chosen is None:
        raise Http404
    if wait := rate_limits.hit("login", client_network(request)):
        return rate_limits.too_many_requests(render_page(request, why=too_many_codes_message()), wait)
    return reauthentication.ask_provider(request, chosen, get_next_redirect_url(request))


@never_cache
@login_required
@require_POST
def by_mail(request):
    """Send a code to the account's address, or check the code that was entered."""
    if not reauthentication.can_send_code(request.user):
        raise Http404
    code = ReauthenticationCode.pending(request)
    if code is None or code.email != request.user.email or "code" not in request.POST:
        try:
            code = ReauthenticationCode.begin(request, request.user.email)
        except TooManyCodes as often:
            return rate_limits.too_many_requests(render_page(request, why=too_many_codes_message()), often.wait)
        return render_page(request, form=CodeForm(expected=code.code))
    form = CodeForm(request.POST, expected=code.code)
    guessed = code.exceeds_tries()
    if form.is_valid() and not guessed:
        return code.finish() or redirect("account")
    if guessed or not code.record_invalid_attempt():
        code.abort()
        return render_page(request, why=_("Too many wrong attempts with this code. Request a new one."))
    return render_page(request, form=form)


def render_page(request, **more):
    context = {
        "providers": reauthentication.providers_of(request.user),
        "can_mail": reauthentication.can_send_code(request.user),
        "next": get_next_redirect_url(request) or "",
    }
    return render(request, "accounts/reauthentication.html", context | more)
