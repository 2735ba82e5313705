"""Error responses (500, 503, 409, CSRF failure) and the health check."""

import sys

from django.db import Error, InterfaceError, OperationalError, connection
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts import login_return
from blog.desk import access, write
from core import read_only
from core.media_storage import StorageAway
from server import request_queues

# No connection, a connection that ended, a lock or a disk that gave way; the storage of media does not answer.
PASSING_ERRORS = OperationalError, InterfaceError, StorageAway
RETRY_SECONDS = 30
TEXT_FIELDS = {"comment", "text", "bio", "reason", "details"}  # free text, in addition to fields of the write page

READ_ONLY = "longrun.read_only"  # key in the environ: this request would write, and nothing may be written now
CALLBACK = "/callback/"  # a provider sends its users back by GET, and a login is stored

LOGINS = ["account_login", "login_code", "login_code_enter", "login_link", "mfa_authenticate"]


def health(request):
    """Health check for monitors: 200 if the database responds, else 503."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def server_error(request):
    """500 for a bug, 503 for an unreachable database or storage. Neither page makes a query."""
    if isinstance(sys.exc_info()[1], PASSING_ERRORS):
        return unavailable(request)
    try:
        return HttpResponseServerError(render_to_string("500.html"))
    except TemplateDoesNotExist:
        return HttpResponseServerError("Something went wrong on our server.", content_type="text/plain")


def unavailable(request):
    """503 while the database does not respond."""
    return return_form(request, "unavailable.html", 503, {"Retry-After": str(RETRY_SECONDS)})


class ReadOnlyMiddleware:
    """Middleware, the first one: during an upgrade it marks requests that would write, and an upgrade waits for those
    that do, with all that the other middleware stores."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.method in ("GET", "HEAD", "OPTIONS", "TRACE") and not request.path.endswith(CALLBACK):
            return self.get_response(request)
        with read_only.writing() as allowed:
            if not allowed:
                request.META[READ_ONLY] = True
            return self.get_response(request)


class BusyMiddleware:
    """Middleware, the last one: responds with 503 to a request for which there was no place in its queue, or which
    would write during an upgrade."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request_queues.BUSY in request.META:
            return busy(request)
        return upgrading(request) if READ_ONLY in request.META else self.get_response(request)


def busy(request):
    request.is_expected_error = True  # a flood would fill the log; RequestQueues logs a line a minute
    headers = {"Retry-After": str(request_queues.RETRY_SECONDS)}
    return return_form(request, "unavailable.html", 503, headers, is_busy=True)


def upgrading(request):
    request.is_expected_error = True
    return return_form(request, "unavailable.html", 503, {"Retry-After": str(RETRY_SECONDS)}, is_upgrading=True)


def interrupted(request):
    """409 if the visitor logged in or out in another tab during this request."""
    return return_form(request, "interrupted.html", 409, {})


def return_form(request, template, status, headers, **more):
    """An error page that repeats the submitted form with its values, so that it can be submitted again."""
    typed = access.submitted_fields(request) if request.method == "POST" else []
    token = request.POST.get("csrfmiddlewaretoken", "") if typed else ""
    context = {
        "sent": bool(typed),
        "action": request.get_full_path(),
        "texts": [(name, text_label(name), value) for name, value in typed if is_text_field(name, value)],
        "rest": [(name, value) for name, value in typed if not is_text_field(name, value)]
        + ([("csrfmiddlewaretoken", token)] if token else []),
        "files_lost": bool(typed and request.FILES),
        "pressed": request.POST.get("action", "") if typed else "",
        **more,
    }
    headers = headers | {"Cache-Control": "private, no-store"}
    return HttpResponse(render_to_string(template, context), status=status, headers=headers)


def is_text_field(name, value):
    """Whether a field is shown as text; the others become hidden inputs."""
    return name in TEXT_FIELDS or access.is_text(name, value)


def text_label(name):
    """What a field of a form that comes back is called: its name in HTML is no word for people."""
    return _("Comment") if name == "comment" else access.LABELS.get(name) or _("Your text")


def csrf_failure(request, reason=""):
    """The CSRF token is old or missing: show the form again with its text and a new token, but not cross-origin."""
    where = request.resolver_match
    if "incorrect" in reason and where.url_name in LOGINS and request.user.is_authenticated:
        return redirect(login_return.after_login(request))  # submitted twice: the first login has changed the token
    if "Origin" in reason or "Referer" in reason:
        explanation = _("This form was sent from another website, so nothing was changed.")
        response = render(request, "403.html", {"reason": explanation}, status=403)
    elif where.url_name in ("write", "desk_post", "desk_post_preview"):
        response = write.again(request, **where.kwargs)
    else:
        typed = access.submitted_fields(request)
        texts = [(name, text_label(name), value) for name, value in typed if access.is_text(name, value)]
        response = render(request, "expired.html", {"texts": texts}, status=403)
    response["Cache-Control"] = "private, no-store"
    return response
