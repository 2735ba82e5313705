"""Sessions that end while a request of theirs is under way: another one has logged out, or in."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangosMiddleware
from django.utils.cache import patch_vary_headers

from server import error_pages


class SessionMiddleware(DjangosMiddleware):
    """Django answers 400 where it cannot store a session that has ended meanwhile.

    At the end of a request what was asked for is done, and its answer is good. Within it, a form comes back with its
    text. The cookie is left alone: the other request has deleted it, or set the one of the new session.
    """

    def process_exception(self, request, exception):
        return error_pages.interrupted(request) if isinstance(exception, UpdateError) else None

    def process_response(self, request, response):
        if is_login_callback(request) and request.session.is_empty():
            return without_session_cookie(response)  # opened twice at once: the other request may have logged in
        try:
            return super().process_response(request, response)
        except SessionInterrupted:
            return without_session_cookie(response)


def is_login_callback(request):
    found = getattr(request, "resolver_match", None)
    return found is not None and (found.url_name or "").endswith("_callback")


def without_session_cookie(response):
    patch_vary_headers(response, ("Cookie",))
    response["Cache-Control"] = "private, no-store"
    return response
