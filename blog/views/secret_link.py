"""A draft at its secret link: the real page, not indexed and not cached."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from blog.models import Post
from blog.models.secret_link import SecretLink
from blog.views.post import whole_page
from core.cookies import SECRET_LINK


@require_safe
def secret(request, token):
    link = get_object_or_404(SecretLink.objects.select_related("post__author", "post__featured"), token=token)
    post = link.post
    if post.status == Post.Status.TRASH:
        raise Http404
    response = redirect(post.get_absolute_url()) if post.is_public else whole_page(request, post, is_secret=True)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response.set_cookie(
        SECRET_LINK.name,
        token,
        max_age=SECRET_LINK.seconds,
        path=SECRET_LINK.path,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
