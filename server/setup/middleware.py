"""Block every page but the set-up page until the blog has an owner."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.template.loader import render_to_string

OPEN_PATHS = ("/setup/", "/health/", settings.STATIC_URL)
_owner_exists = False


def owner_exists():
    """Whether the blog has an owner. True is cached in the process, since the last owner cannot be removed."""
    global _owner_exists
    _owner_exists = _owner_exists or get_user_model().objects.owners().exists()
    return _owner_exists


def forget_owner():
    """Clear the cached answer: after a restore, or between tests."""
    global _owner_exists
    _owner_exists = False


class SetupMiddleware:
    """Returns 503 "This blog is not set up yet" for all but OPEN_PATHS until an owner exists."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith(OPEN_PATHS) or owner_exists():
            return self.get_response(request)
        return not_set_up(request)


def not_set_up(request):
    # Rendered without the request: context processors would need the site and its menu, which do not exist yet.
    request.is_expected_error = True  # this 503 is expected, so it is not logged (LOGGING in config/settings.py)
    return HttpResponse(
        render_to_string("setup/not_set_up.html"),
        status=503,
        headers={"Retry-After": "60", "Cache-Control": "no-store"},
    )
