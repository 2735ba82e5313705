"""One blog, one address: other names of the same machine lead to it."""

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpResponseBadRequest, HttpResponsePermanentRedirect

from core.site import absolute_url

# What answers here never comes by the middleware that sets these for all pages.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}


class CanonicalHostMiddleware:
    """Answers LONGRUN_ALSO_HOSTS with one 301 to the same path at LONGRUN_URL, and unknown hosts with 400.

    Behind it every host is the site's: feeds, sitemaps and login callbacks that ask the request name the one address.
    `/health/` answers whoever asks: machines know this one by a number.
    """

    def __init__(self, get_response):
        self.get_response = get_response
        self.aliases = {host.lower() for host in settings.LONGRUN_ALSO_HOSTS}

    def __call__(self, request):
        if request.path != "/health/" and (answer := self.rejection(request)):
            return answer
        request.META["HTTP_HOST"] = settings.LONGRUN_HOST
        return self.get_response(request)

    def rejection(self, request):
        try:
            host = request.get_host().lower()
        except DisallowedHost:
            return bad_request("This blog lives at another address.")
        if host in self.aliases:
            return HttpResponsePermanentRedirect(absolute_url(request.get_full_path()), headers=HEADERS)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return bad_request("An address cannot hold a NUL character.")
        return None


def bad_request(sentence):
    return HttpResponseBadRequest(f"{sentence}\n", content_type="text/plain", headers=HEADERS)
