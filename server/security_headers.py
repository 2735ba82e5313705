"""The headers Permissions-Policy and Content-Security-Policy."""

from functools import cached_property

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
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
    """django-csp's middleware, with the default policy built once for responses that do not change it."""

    @cached_property
    def default_policy(self):
        return build_policy()

    def process_response(self, request, response):
        asks = hasattr(request, "_csp_nonce") or any(name.startswith("_csp_") for name in vars(response))
        if asks or settings.DEBUG:
            return super().process_response(request, response)
        response.headers.setdefault(HEADER, self.default_policy)
        return response
