"""Sessions that end during a request, because another request of the same browser has logged in or out."""

from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.contrib.sessions.middleware import SessionMiddleware as DjangosMiddleware
from django.utils.cache import patch_vary_headers

from server import error_pages, session_proof


class SessionMiddleware(DjangosMiddleware):
    """Replaces Django's 400 when a session that has ended cannot be saved.

    At the end of a request its work is done, so its response is sent. Within the request, the form is shown again with
    its text. The session cookie is not touched: the other request has deleted or replaced it.
    """

    def process_exception(self, request, exception):
        return error_pages.interrupted(request) if isinstance(exception, UpdateError) else None

    def process_response(self, request, response):
        if getattr(request.session, "is_unreachable", False):
            return without_session_cookie(response)
        if is_login_callback(request) and request.session.is_empty():
            return without_session_cookie(response)  # requested twice at once: the other request may have logged in
        session_proof.note_session(request)
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
