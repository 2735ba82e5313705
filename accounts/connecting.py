"""From a form to another host, and what to say when nobody answers there."""

import logging
from urllib.parse import parse_qs, urlsplit

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import statekit
from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.models import SocialApp
from django.shortcuts import render
from requests import RequestException

from . import drafts

log = logging.getLogger(__name__)

# What reading a provider's answer raises when the answer is not what its documentation promises.
NONSENSE = (LookupError, TypeError, ValueError, AttributeError)


class Connecting:
    """Turns each redirect that answers a POST and leads to another host into a page of ours with a link.

    Chromium applies the policy's form-action to the redirects after a POST: a login button that
    answered 302 would be blocked. The page also says where one is going, and offers to cancel.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.method == "POST" and response.status_code in (302, 303) and self.leads_away(request, response):
            return self.page(request, response)
        return response

    def leads_away(self, request, response):
        host = urlsplit(response["Location"]).netloc
        return host not in ("", request.get_host())

    def page(self, request, response):
        address = response["Location"]
        state, provider = started_login(request, address)
        answer = render(
            request,
            "accounts/connecting.html",
            {
                "address": address,
                "name": provider or urlsplit(address).hostname,
                "back": drafts.way_back(request, state.get("next")) or "/",
            },
        )
        answer.cookies.update(response.cookies)
        answer["Cache-Control"] = "no-store"
        return answer

    def process_exception(self, request, exception):
        """A provider that is down, or answers nonsense, is no error of ours: back to the form, with the text."""
        provider = provider_asked(request)
        if provider is None:
            return None
        if isinstance(exception, RequestException) or isinstance(exception, NONSENSE) and is_callback(request):
            log.warning("%s could not be asked who somebody is", provider, exc_info=exception)
            state = {"next": get_next_redirect_url(request)}
            return render_authentication_error(request, provider, exception=exception, extra_context={"state": state})
        return None


def started_login(request, address):
    """(what allauth remembers of the login that leads to this address, its provider's name)."""
    key = parse_qs(urlsplit(address).query).get("state", [""])[0]
    stashed = statekit.get_states(request).get(key)
    if stashed is None:
        return {}, None
    state, _, provider_id = stashed
    return state, str(get_adapter(request).get_provider(request, provider_id))
