"""Is it still you? What somebody without a password shows before their account is changed.

allauth lets such people pass. Ours log in at their provider again, or read a code from their mail; for five minutes
that is enough, and so is the login itself.
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
    """Whether this person has shown lately who they are. Who has a password is asked for it by allauth."""
    if not request.user.is_authenticated or request.user.has_usable_password():
        return True
    latest = [record["at"] for record in get_authentication_records(request, request.user)]
    return bool(latest) and time.time() - max(latest) < app_settings.REAUTHENTICATION_TIMEOUT


def providers_of(user):
    """The providers at which this person can log in again."""
    known = {account.provider for account in user.socialaccount_set.all()}
    return [provider for provider in get_adapter().list_providers(None) if provider.sub_id in known]


def can_send_code(user):
    return bool(user.email) and mail.is_configured()


def ask_provider(request, provider, back):
    """Send somebody to their provider to log in again as the person they are here."""
    data = {"proof_of": request.user.pk}
    return provider.redirect(request, process="login", next_url=back or None, data=data)


def handle_login(request, login):
    """If this is the answer to `ask_provider`, believe it or not, and lead on: nobody is logged in or out by it."""
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
    return f"{reverse('proof')}?{urlencode({'next': back})}" if back else reverse("proof")
