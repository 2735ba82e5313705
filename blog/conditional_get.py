"""Conditional GET: 304 responses for clients that have the current content."""

import hashlib
from functools import wraps

from django.utils.cache import get_conditional_response


def conditional_page(view):
    """Decorator: add a weak ETag of the content to the responses of `view`, and answer 304 if it matches (RFC 9110,
    13)."""

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
