"""Redirects from a form to a login provider, and the response when the provider fails."""

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

# Errors of contacting a provider: no response (all errors of requests are OSErrors), or a response that differs from
# its documentation, such as a user id that is too long or cannot be stored.
CONNECTION_ERRORS = OSError
METHODS = ("GET", "HEAD", "POST")
RESPONSE_ERRORS = (LookupError, TypeError, ValueError, AttributeError, ImproperlyConfigured, DataError)


class ProviderRedirectMiddleware:
    """Replaces each redirect from a POST to another host by a page with a link.

    Chromium applies the CSP's form-action to redirects after a POST, so it would block a login button that returns 302.
    The page also says where the link leads and offers to cancel.
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
        """Handle HEAD as GET: allauth starts a login at every method but GET."""
        request.method = "GET"
        response = self.get_response(request)
        request.method = "HEAD"
        return response

    def process_exception(self, request, exception):
        """If the provider is unreachable or its response invalid, redirect to the form with its text, not 500."""
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
    """Seconds to wait by the rate limit, else 0; the comment form has its own rate limit."""
    return hit("login", client_network(request)) if request.path.startswith("/accounts/") else 0


def login_under_way(request, address):
    """(allauth's state of the login that redirects to this URL, provider's name); ({}, None) if unknown."""
    key = parse_qs(urlsplit(address).query).get("state", [""])[0]
    stashed = statekit.get_states(request).get(key)
    if stashed is None:
        return {}, None
    state, _, provider_id = stashed
    return state, str(get_adapter(request).get_provider(request, provider_id))


def provider_of(request):
    """The provider of the requested login, callback or form button; None if there is none."""
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
