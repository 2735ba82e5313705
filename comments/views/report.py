"""Reporting a comment to the moderators, once for each network. A report does not hide the comment."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from blog.models import Post
from blog.post_password import is_locked
from comments.models import Comment, Report
from core import rate_limits
from core.request import client_network, same_origin


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@same_origin
def report(request, pk):
    """Show the comment with a button (GET); save the report (POST)."""
    posts = Post.objects.visible_to(request.user)
    comment = get_object_or_404(Comment.objects.approved().filter(post__in=posts).select_related("post"), pk=pk)
    context = {"comment": comment, "page_title": _("Report a comment")}
    context["hidden"] = is_locked(request, comment.post)
    if request.method == "POST":
        if request.unproven_origin or context["hidden"]:
            raise PermissionDenied
        if wait := rate_limits.hit("report", client_network(request)):
            context["too_often"] = True
            return rate_limits.too_many_requests(render(request, "comments/report.html", context), wait)
        Report.objects.get_or_create(comment=comment, network=client_network(request))
        context["done"] = True
    return render(request, "comments/report.html", context)
