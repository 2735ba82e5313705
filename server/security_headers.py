"""The headers Permissions-Policy and Content-Security-Policy."""

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings

from blog.embeds import sources_in
from blog.models.reading_settings import reading


class PermissionsPolicyMiddleware:
    """Denies camera, microphone, location and the like on every page."""

    header = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.header)
        return response


class EmbedSourcesMiddleware:
    """Finds the hosts of a page's embeds, and the snippet for analytics, for its policy. It must see the page before it
    is compressed."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if not response.streaming and (sources := sources_in(response.content)):
            response.embed_sources = sources
        if response.status_code == 200 and response.headers.get("Content-Type", "").startswith("text/html"):
            snippet = reading().snippet_read
            if snippet.elements and snippet.html.encode() in response.content:
                response.snippet_directives = snippet.directives
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, with the default policy built once for responses that do not change it.

    A page that holds embeds may load their players, and no others. `@csp_exempt` has no effect: such a response gets
    the default policy.
    """

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if sources := getattr(response, "embed_sources", None):
            parts.update = {"frame-src": sorted(sources)} | (parts.update or {})
        if directives := getattr(response, "snippet_directives", None):
            parts.update = directives | (parts.update or {})
        return parts

    @cached_property
    def default_policy(self):
        return build_policy()

    def process_response(self, request, response):
        if settings.DEBUG or self.get_policy_parts(request, response) != PolicyParts():
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.default_policy)
        return response
