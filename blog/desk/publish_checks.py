"""The checks before publishing: the page in four sizes and schemes, its social card, and notes. They never prevent
publishing."""

from csp.constants import SELF
from csp.decorators import csp_replace
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from blog import publish_checks, social_cards, views
from blog.desk.access import at_the_desk
from blog.desk.markup_notices import post_messages
from blog.models import Post
from blog.models.autosave import TEXTS
from core.site import absolute_url

IFRAMES = [("phone", 360, ""), ("tablet", 768, ""), ("wide", 1280, ""), ("dark", 1280, "dark")]


@at_the_desk("blog.write")
@require_safe
def publish_checks_page(request, pk):
    post = unpublished_post(request, pk)
    context = {
        "post": post,
        "notes": [
            *(publish_checks.Note(sentence) for sentence in post_messages(post)),
            *publish_checks.run_checks(post),
        ],
        "iframes": IFRAMES,
        "picture": social_cards.of_post(post) or social_cards.of_page(post) or social_cards.of_blog(),
        "address": absolute_url(post.get_absolute_url()),
    }
    return render(request, "desk/publish_checks.html", context)


@csp_replace({"frame-ancestors": [SELF]})
@at_the_desk("blog.write")
@require_safe
def page_in_iframe(request, pk):
    """The real page, which only the desk may show in a frame."""
    post = unpublished_post(request, pk)
    scheme = "dark" if request.GET.get("scheme") == "dark" else "light"
    response = views.whole_page(request, post, is_preview=True, scheme=scheme)
    response["X-Robots-Tag"] = "noindex"
    return response


def unpublished_post(request, pk):
    """The post with its unpublished changes; saves nothing."""
    post = get_object_or_404(Post.objects.editable_by(request.user).select_related("author", "featured"), pk=pk)
    if not request.user.has_perm("blog.edit_post", post):
        raise PermissionDenied
    if unpublished := post.revisions.unpublished():
        for name in TEXTS:
            setattr(post, name, getattr(unpublished, name))
        post.render()
    return post
