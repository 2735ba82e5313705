"""Redirect other host names of the blog to its canonical one."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpResponseBadRequest, HttpResponsePermanentRedirect

from core.request import is_alias
from core.site import absolute_url

# These responses do not pass the middleware that sets security headers for all pages.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class CanonicalHostMiddleware:
    """Redirects LONGRUN_ALSO_HOSTS (301) to the same path at LONGRUN_URL and rejects unknown hosts (400).

    The blog's own name is served at any port. Later code sees the canonical host, so that feeds, sitemaps and login
    callbacks built from the request use it. `/health/…` accepts any host: load balancers and monitors ask by address.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/health/") and (answer := self.rejection(request)):
            return answer
        request.META["HTTP_HOST"] = settings.LONGRUN_HOST
        return self.get_response(request)

    def rejection(self, request):
        try:
            host = request.get_host()
        except DisallowedHost:
            return bad_request(f"This blog lives at {settings.LONGRUN_URL}")
        if is_alias(host):
            return HttpResponsePermanentRedirect(absolute_url(request.get_full_path()), headers=HEADERS)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request("An address cannot hold a NUL character.")
        return None


def bad_request(sentence):
    return HttpResponseBadRequest(f"{sentence}\n", content_type="text/plain", headers=HEADERS)
