from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from accounts import avatars


@require_safe
def picture(request, name):
    """An avatar; its name is a hash of its content, so it is cached forever."""
    image = avatars.read(name)
    if image is None:
        raise Http404
    response = HttpResponse(image, content_type="image/webp")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
