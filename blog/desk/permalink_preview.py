"""The URL that a post will have, while its title is being typed."""

from django import forms
from django.http import JsonResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from blog.desk.access import at_the_desk
from blog.models import Post
from core.form_fields import LocalDateTimeField
from core.row_ids import row_id
from core.site import absolute_url
from core.text import tidy_line


class AddressFields(forms.Form):
    """The fields of the write page from which the URL is made."""

    title = forms.CharField(required=False)
    slug = forms.CharField(required=False)
    publish_at = LocalDateTimeField(required=False)
    parent = forms.ModelChoiceField(Post.objects.pages(), required=False)


@at_the_desk("blog.write")
@cache_control(private=True, no_store=True)
@require_safe
def permalink_preview(request):
    """JSON with the future URL. Saves nothing."""
    pk = row_id(request.GET.get("post"))
    post = Post.objects.editable_by(request.user).filter(pk=pk).first() if pk else None
    if post is None:
        kind = Post.Kind.PAGE if request.GET.get("kind") == Post.Kind.PAGE else Post.Kind.POST
        post = Post(author=request.user, kind=kind)
    form = AddressFields(request.GET)
    form.is_valid()  # invalid fields count as empty
    said = form.cleaned_data
    post.title, post.slug, post.derived_slug = tidy_line(said.get("title", ""))[:500], said.get("slug", "")[:200], ""
    post.publish_at, post.parent = said.get("publish_at"), said.get("parent")
    return JsonResponse({"address": absolute_url(post.coming_path())})
