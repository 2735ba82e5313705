"""From a form to another host, and what to say when nobody answers there."""

import logging
from urllib.parse import parse_qs, urlsplit

from allauth.account.utils import get_next_redirect_url
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialApp
from allauth.utils import get_request_param
from django.contrib.sessions.backends.base import UpdateError
from django.core.exceptions import ImproperlyConfigured
from django.db import DataError
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse

from accounts import login_return
from core.rate_limits import hit, too_many_requests
from core.request import client_network

log = logging.getLogger(__name__)

# What asking a provider raises: no answer (all of requests' errors are OSErrors), or one that is not
# what its documentation promises: among them a number for somebody that is too long or cannot be stored.
CONNECTION_ERRORS = OSError
METHODS = ("GET", "HEAD", "POST")
RESPONSE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ImproperlyConfigured, DataError)


class ProviderRedirectMiddleware:
    """Turns each redirect that answers a POST and leads to another host into a page of ours with a link.

    Chromium applies the policy's form-action to the redirects after a POST: a login button that
    answered 302 would be blocked. The page also says where one is going, and offers to cancel.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith("/accounts/"):
            if request.method == "HEAD":
                return self.as_get(request)
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
        response = self.get_response(request)
        if request.method == "POST" and is_external_redirect(request, response):
            return redirect_page(request, response)
        return response

    def as_get(self, request):
        """allauth shows a page to a GET and begins a login at everything else, an OPTIONS too."""
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        return response

    def process_exception(self, request, exception):
        """A provider that is away, or talks nonsense, is no error of ours: back to the form, with the text."""
        if isinstance(exception, SocialApp.DoesNotExist):
            raise Http404("This provider is not configured.") from exception
        provider = provider_of(request)
        if provider is not None and isinstance(exception, UpdateError) and is_callback(request):
            return login_return.respond_to_ended_session(request, provider)
        if provider is None or not isinstance(exception, (CONNECTION_ERRORS, *RESPONSE_ERRORS)):
            return None
        if not isinstance(exception, CONNECTION_ERRORS) and not is_callback(request):
            return None
        log.warning("%s could not be asked who somebody is", provider, exc_info=exception)
        state = {"next": get_next_redirect_url(request), "process": get_request_param(request, "process")}
        return render_authentication_error(request, provider, exception=exception, extra_context={"state": state})


def is_external_redirect(request, response):
    if response.status_code not in (302, 303):
        return False
    return urlsplit(response["Location"]).netloc not in ("", request.get_host())


def redirect_page(request, response):
    address = response["Location"]
    state, provider = login_under_way(request, address)
    way_back = login_return.origin_page(request, state) or login_return.return_path(request, state.get("next"))
    back = way_back or reverse("account_login")
    if wait := seconds_to_wait(request):
        return too_many_requests(render(request, "accounts/too_fast.html", {"seconds": wait, "back": back}), wait)
    name = provider or urlsplit(address).hostname
    page = render(request, "accounts/connecting.html", {"address": address, "name": name, "back": back})
    page.cookies.update(response.cookies)
    page["Cache-Control"] = "no-store"
    return page


def seconds_to_wait(request):
    """Seconds to wait; the form below a post has counted its own logins already."""
    return hit("login", client_network(request)) if request.path.startswith("/accounts/") else 0


def login_under_way(request, address):
    """(what allauth remembers of the login that leads to this address, its provider's name)."""
    key = parse_qs(urlsplit(address).query).get("state", [""])[0]
    stashed = statekit.get_states(request).get(key)
    if stashed is None:
        return {}, None
    state, _, provider_id = stashed
    return state, str(get_adapter(request).get_provider(request, provider_id))


def provider_of(request):
    """The provider that an address is about: allauth's login and callback, or a form's button."""
    match = request.resolver_match
    named = match.kwargs.get("provider") or match.kwargs.get("provider_id")
    if not named and (match.url_name or "").endswith(("_login", "_callback")):
        named = match.url_name.rpartition("_")[0]
    if not named:
        return None
    try:
        return get_adapter(request).get_provider(request, named)
    except SocialApp.DoesNotExist:
        return None


def is_callback(request):
    return (request.resolver_match.url_name or "").endswith("_callback")
