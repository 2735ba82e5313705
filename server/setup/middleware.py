"""Until a blog has an owner nobody may look at anything but the door."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.template.loader import render_to_string

OPEN_PATHS = ("/setup/", "/health/", settings.STATIC_URL)
_owner_exists = False


def owner_exists():
    """Whether somebody owns this blog; a yes is remembered, for owners do not go away."""
    global _owner_exists
    _owner_exists = _owner_exists or get_user_model().objects.owners().exists()
    return _owner_exists


def forget_owner():
    """Ask the database again: after a restore, or between two tests."""
    global _owner_exists
    _owner_exists = False


class SetupMiddleware:
    """Answers 503 "This blog is not set up yet" to everything but the set-up page, until an owner exists."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith(OPEN_PATHS) or owner_exists():
            return self.get_response(request)
        return not_set_up(request)


def not_set_up(request):
    # No request in the template: there is no site, no menu and nobody to ask for yet.
    answer = HttpResponse(
        render_to_string("setup/not_set_up.html"),
        status=503,
        headers={"Retry-After": "60", "Cache-Control": "no-store"},
    )
    answer._has_been_logged = True  # Django's own mark: as it should be, and no line in the log for each visit
    return answer
