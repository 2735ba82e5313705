"""Reauthentication of users without a password before they change their account.

allauth does not ask such users. Here they log in at their provider again or enter a code sent by email; that, or the
login itself, counts for five minutes.
"""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from core import mail


def is_fresh(request):
    """Whether the last (re)authentication is recent enough. True for users with a password: allauth asks them."""
    if not request.user.is_authenticated or request.user.has_usable_password():
        return True
    latest = [record["at"] for record in get_authentication_records(request, request.user)]
    return bool(latest) and time.time() - max(latest) < app_settings.REAUTHENTICATION_TIMEOUT


def providers_of(user):
    """The configured providers that this user is connected to."""
    known = {account.provider for account in user.socialaccount_set.all()}
    return [provider for provider in get_adapter().list_providers(None) if provider.sub_id in known]


def can_send_code(user):
    return bool(user.email) and mail.is_configured()


def ask_provider(request, provider, back):
    """Redirect to the provider to log in again as the current user."""
    data = {"proof_of": request.user.pk}
    return provider.redirect(request, process="login", next_url=back or None, data=data)


def handle_login(request, login):
    """Finish a login that `ask_provider` started: record it if the account is the same, and redirect by raising
    ImmediateHttpResponse. It does not log anybody in or out. Other logins return None."""
    asked = (login.state.get("data") or {}).get("proof_of")
    if asked is None:
        return
    if request.user.pk == asked and login.is_existing and login.user == request.user:
        known = {"provider": login.account.provider, "uid": login.account.uid}
        record_authentication(request, request.user, method="socialaccount", reauthenticated=True, **known)
    else:
        messages.error(request, _("That is another account than the one you are logged in with here."))
    raise ImmediateHttpResponse(redirect(page_for(login.state.get("next"))))


def page_for(back):
    return f"{reverse('reauthenticate')}?{urlencode({'next': back})}" if back else reverse("reauthenticate")
