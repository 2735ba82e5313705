"""Creates a draft as a copy of a post."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog import duplicate as duplicate_post
from blog.desk.access import at_the_desk
from blog.models import Post
from core.text import isolated


@at_the_desk("blog.write")
@require_POST
def duplicate(request, pk):
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk)
    if post.status == Post.Status.TRASH or not request.user.has_perm("blog.edit_post", post):
        raise PermissionDenied
    copy = duplicate_post.duplicate(post, request.user)
    messages.success(request, _("This is a copy of “%s”, and a draft.") % isolated(post))
    return redirect("desk_post", pk=copy.pk)
