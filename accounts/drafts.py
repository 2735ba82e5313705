"""The way back to what somebody was typing when they went to log in.

The form that starts a login leaves the path to come back to in the session ("last_draft") and in the
signed cookie `longrun_draft`; allauth carries it as `next`. Whichever survived leads back.
"""

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.providers.base.constants import AuthProcess
from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from . import proof
from .codes import asking_for_the_name

COOKIE = "longrun_draft"
KEPT_SECONDS = 24 * 3600


def way_back(request, wanted=None):
    """A path of this blog, or None."""
    left = [
        wanted,
        request.session.get("last_draft"),
        request.get_signed_cookie(COOKIE, default=None, salt=COOKIE, max_age=KEPT_SECONDS),
    ]
    return next((path for path in left if path and get_adapter(request).is_safe_url(path)), None)


def after_login(request):
    """Where a login has led: for whoever pressed its button twice."""
    back = way_back(request, get_next_redirect_url(request))
    if not request.user.name:
        return asking_for_the_name(back)
    return back or get_adapter(request).get_login_redirect_url(request)


def sent_by(request, state):
    """The page that sent somebody who is logged in to a service, to connect it or to show who they are; else None."""
    if not request.user.is_authenticated:
        return None
    if state.get("process") == AuthProcess.CONNECT:
        return reverse("socialaccount_connections")
    return proof.page_for(state.get("next")) if "proof_of" in (state.get("data") or {}) else None


def say_unchanged(request, provider, cancelled):
    if cancelled:
        messages.info(request, _("Nothing was changed."))
    else:
        messages.warning(
            request, _("That did not work at %(name)s this time. Nothing was changed.") % {"name": provider}
        )


def say_why(request, provider, cancelled):
    if cancelled:
        messages.info(request, _("You are not logged in: you cancelled it at %(name)s.") % {"name": provider})
    else:
        messages.warning(
            request, _("Logging in at %(name)s did not work this time. Your text is safe.") % {"name": provider}
        )
