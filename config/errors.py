"""What answers when nothing else does."""

from django.db import Error, connection
from django.http import HttpResponse, HttpResponseServerError
from django.shortcuts import redirect, render
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from accounts import drafts
from blog.desk import guard, write

LOGINS = ["account_login", "login_code", "login_code_enter", "login_link", "mfa_authenticate"]


def health(request):
    """For machines: 200 when the database answers, 503 when not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def broken(request):
    """Our own mistake. The page asks nothing of the database, which may be what is broken."""
    try:
        return HttpResponseServerError(render_to_string("500.html"))
    except TemplateDoesNotExist:
        return HttpResponseServerError("Something broke here, and it is our mistake.", content_type="text/plain")


def csrf_failure(request, reason=""):
    """A form whose token is old or missing: what was typed comes back, with a fresh one. Other websites get nothing."""
    where = request.resolver_match
    if "incorrect" in reason and where.url_name in LOGINS and request.user.is_authenticated:
        return redirect(drafts.after_login(request))  # a button pressed twice: the first press changed the token
    if "Origin" in reason or "Referer" in reason:
        told = _("This form was sent from another website, so nothing was changed.")
        response = render(request, "403.html", {"reason": told}, status=403)
    elif where.url_name in ("write", "desk_post", "desk_post_preview"):
        response = write.again(request, **where.kwargs)
    else:
        texts = [(name, value) for name, value in guard.typed(request) if guard.is_text(name, value)]
        response = render(request, "expired.html", {"texts": texts}, status=403)
    response["Cache-Control"] = "private, no-store"
    return response
