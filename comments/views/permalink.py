"""The permalink of a comment."""

from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from blog.models import Post
from comments import cookies, threads
from comments.models import Comment


@require_safe
def comment_permalink(request, pk):
    """Redirect to the page of comments on which the comment is now."""
    browser = cookies.browser_of(request)
    comment = get_object_or_404(
        Comment.objects.visible_to(request.user, browser)
        .filter(post__in=Post.objects.visible_to(request.user))
        .select_related("post"),
        pk=pk,
    )
    return redirect(threads.comment_url(comment, request.user, browser))
