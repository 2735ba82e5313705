"""The headers Permissions-Policy and Content-Security-Policy."""

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware, PolicyParts
from csp.utils import build_policy
from django.conf import settings


class PermissionsPolicyMiddleware:
    """Denies camera, microphone, location and the like on every page."""

    header = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()"

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", self.header)
        return response


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    """django-csp's middleware, with the default policy built once for responses that do not change it.

    `@csp_exempt` has no effect: such a response gets the default policy.
    """

    @cached_property
    def default_policy(self):
        return build_policy()

    def process_response(self, request, response):
        if settings.DEBUG or self.get_policy_parts(request, response) != PolicyParts():
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.default_policy)
        return response
