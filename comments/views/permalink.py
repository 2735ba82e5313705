"""The short address of a comment."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from blog.models import Post
from comments import cookies, threads
from comments.models import Comment


@require_safe
def comment_permalink(request, pk):
    """Leads to the page on which the comment stands today."""
    browser = cookies.browser_of(request)
    comment = get_object_or_404(
        Comment.objects.visible_to(request.user, browser)
        .filter(post__in=Post.objects.visible_to(request.user))
        .select_related("post"),
        pk=pk,
    )
    return redirect(threads.address_of(comment, request.user, browser))
