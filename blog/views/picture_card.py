from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from blog import picture_cards
from blog.models import Post
from core import child_process

RETRY_SECONDS = 30


@require_safe
def picture_card(request, pk, digest):
    """The picture card of a public post. The URL contains the hash of what it shows, so it is cached permanently; a
    former one redirects."""
    post = Post.objects.open().select_related("author").filter(pk=pk).first()
    if post is None:
        raise Http404
    if digest != (now := picture_cards.card_digest(post)):
        return redirect("picture_card", pk=pk, digest=now)
    try:
        png = picture_cards.png_of(post)
    except child_process.LimitExceeded:
        said = _("This blog is very busy right now. Please try again in a moment.")
        return HttpResponse(said, status=503, headers={"Retry-After": str(RETRY_SECONDS)})
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(png, content_type="image/png", headers=headers)
