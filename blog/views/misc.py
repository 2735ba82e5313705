from django.http import Http404, HttpResponse
from django.shortcuts import render

from blog.models.reading import reading
from ground.site import absolute


def theme(request, digest):
    """The owner's colours. The address holds the content's hash, so browsers keep it for good."""
    if digest != reading().theme_hash:
        raise Http404
    return HttpResponse(
        reading().theme_css,
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


def robots(request):
    return render(
        request, "robots.txt", {"sitemap": absolute("/sitemap.xml")}, content_type="text/plain; charset=utf-8"
    )
