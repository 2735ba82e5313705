"""Small files of the site that browsers and search engines ask for: colours, icon, robots.txt."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static

from blog.models import Icon, LinkCard
from blog.models.reading_settings import reading
from blog.robots import known
from core.page_cache import cache_for_guests
from core.site import absolute_url


@cache_for_guests
def theme(request, digest):
    """The owner's style sheet. The URL contains the hash of the content, so browsers cache it permanently."""
    if digest != reading().theme_hash:
        raise Http404
    return css_file(reading().theme_css)


@cache_for_guests
def own_css(request, digest):
    """The owner's own CSS, for readers' pages alone. The URL contains its hash, as that of `theme` does."""
    if digest != reading().own_css_hash or not reading().own_css:
        raise Http404
    return css_file(reading().own_css)


def css_file(text):
    return HttpResponse(
        text,
        content_type="text/css; charset=utf-8",
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )


@cache_for_guests
def icon(request, digest, size):
    """The site icon. The URL contains the hash of the content, so browsers cache it permanently."""
    found = Icon.objects.filter(size=size).first() if digest == reading().icon else None
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found.png),
        content_type="image/png",
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )


@cache_for_guests
def link_picture(request, digest):
    """The picture of a link card. The URL contains the hash of the content, so browsers cache it permanently."""
    found = LinkCard.objects.filter(digest=digest).first()
    if found is None:
        raise Http404
    return HttpResponse(
        bytes(found.picture),
        content_type="image/webp",
        headers={"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"},
    )


def icon_by_custom(request, size):
    """The paths that browsers and phones request by convention (/favicon.ico, /apple-touch-icon.png)."""
    if reading().icon:
        return redirect("icon", digest=reading().icon, size=size)
    return redirect(static("favicon.svg"))


@cache_for_guests
def robots(request):
    """robots.txt (RFC 9309): addresses that no robot should request, and the kinds of robots that the owner refuses."""
    refused = [(kind, known.product_tokens(kind)) for kind in known.Kind if kind in reading().refused_robots]
    context = {"sitemap": absolute_url("/sitemap.xml"), "refused": refused}
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")
