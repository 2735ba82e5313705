"""What answers when nothing else does."""

from django.db import connection
from django.http import HttpResponse


def health(request):
    """For machines: 200 when the database answers, 503 when not."""
    try:
        connection.ensure_connection()
    except connection.Database.Error:
        return HttpResponse("database unreachable\n", status=503, content_type="text/plain")
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})
