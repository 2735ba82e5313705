"""Redirects back to the comment form after a login.

The form that starts a login stores the path to return to in the session ("last_draft") and in the signed cookie
`longrun_return`; allauth passes it on as `next`. Any one of them is enough.
"""

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import pending_logins, reauthentication
from accounts.login_codes import name_form_url
from core import anchored_messages
from core.cookies import RETURN_TO_COMMENT as COOKIE
from core.site import absolute_url
from core.text import isolated


def return_path(request, wanted=None):
    """The path of this blog to return to, or None: `wanted`, else the session's, else the cookie's."""
    left = [
        wanted,
        request.session.get("last_draft"),
        request.get_signed_cookie(COOKIE.name, default=None, salt=COOKIE.name, max_age=COOKIE.seconds),
    ]
    return next((path for path in left if path and get_adapter(request).is_safe_url(path)), None)


def after_login(request, wanted=None):
    """Where a finished login redirects to, for a form or callback that is requested a second time."""
    back = return_path(request, wanted or get_next_redirect_url(request))
    if not request.user.name:
        return name_form_url(back)
    return back or get_adapter(request).get_login_redirect_url(request)


def origin_page(request, state):
    """The page from which a logged-in user went to a provider, to connect it or to reauthenticate; else None."""
    if not request.user.is_authenticated:
        return None
    if state.get("process") == AuthProcess.CONNECT:
        return reverse("socialaccount_connections")
    return reauthentication.page_for(state.get("next")) if "proof_of" in (state.get("data") or {}) else None


def respond_to_unknown_state(request, provider):
    """The response to a provider's callback whose `state` is not in the session.

    The login is finished already (the callback was requested twice), it took too long, or the cookies are missing, most
    often because an app's built-in browser opened the link. None of these is an error of the provider.
    """
    known = pending_logins.find_login(request)
    came_from, back = origin_page(request, known), return_path(request, known.get("next"))
    if request.user.is_authenticated and known.get("is_finished"):
        return redirect(came_from or after_login(request, known.get("next")))
    if known.get("is_finished") and settings.SESSION_COOKIE_NAME in request.COOKIES:
        return respond_to_ended_session(request, provider)
    if came_from:
        add_unchanged_message(request, provider, cancelled=False)
        return redirect(came_from)
    if return_path(request):  # from this browser's session or cookie
        why = _("Logging in at %(name)s took longer than ten minutes, or this browser has lost its cookies meanwhile.")
        why = f"{why % {'name': isolated(provider)}} {_('Your text is safe.')}"
        anchored_messages.add(request, messages.WARNING, why, back, for_guests=True)
        return redirect(back)
    context = {"name": provider, "back": back, "back_in_full": absolute_url(back) if back else ""}
    return render(request, "accounts/cookies_lost.html", context, status=401)


def respond_to_ended_session(request, provider):
    """The response if another request has logged this session in or out, e.g. by requesting the callback twice at once.

    The other response sets the session cookie. Only a guest is told that this login failed.
    """
    known = pending_logins.find_login(request)
    back = origin_page(request, known) or return_path(request, known.get("next")) or reverse("account")
    add_failure_message(request, provider, False, back)
    return redirect(back)


def add_unchanged_message(request, provider, cancelled):
    if cancelled:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.warning(
            request,
            _("That did not work at %(name)s this time. Nothing was changed.") % {"name": isolated(provider)},
        )


def add_failure_message(request, provider, cancelled, back):
    """Show a message at the form in `back`, for guests only: the login may have succeeded in another tab."""
    level, why = messages.WARNING, _("Logging in at %(name)s did not work this time. Your text is safe.")
    if cancelled:
        level, why = messages.INFO, _("You are not logged in: you cancelled it at %(name)s.")
    anchored_messages.add(request, level, why % {"name": isolated(provider)}, back, for_guests=True)
