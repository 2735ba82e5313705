"""Telling a machine that nothing has changed since it last asked."""

import hashlib
from functools import wraps

from django.utils.cache import get_conditional_response


def fresh(view):
    """Gives the answers of `view` a weak ETag from their content, and 304 to whoever has it (RFC 9110, 13)."""

    @wraps(view)
    def asked(request, *args, **kwargs):
        response = view(request, *args, **kwargs)
        if response.status_code != 200 or request.method not in {"GET", "HEAD"}:
            return response
        etag = f'W/"{hashlib.sha256(response.content).hexdigest()[:24]}"'
        response.headers["ETag"] = etag
        response.headers["Cache-Control"] = "no-cache"
        return get_conditional_response(request, etag=etag, response=response)

    return asked
