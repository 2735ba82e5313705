"""What answers when nothing else does."""

from django.db import connection
from django.http import HttpResponse, HttpResponseServerError
from django.template import TemplateDoesNotExist
from django.template.loader import render_to_string


def health(request):
    """For machines: 200 when the database answers, 503 when not."""
    try:
        connection.ensure_connection()
    except connection.Database.Error:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


def broken(request):
    """Our own mistake. The page asks nothing of the database, which may be what is broken."""
    try:
        return HttpResponseServerError(render_to_string("500.html"))
    except TemplateDoesNotExist:
        return HttpResponseServerError("Something broke here, and it is our mistake.", content_type="text/plain")
