from urllib.parse import quote

from django import forms
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from blog import social_cards
from blog.json_script import as_script
from blog.layout import current_layout
from blog.models import Post
from blog.page_metadata import blog_posting, comments_feed_of, front_title, head
from blog.page_response import render_page
from blog.post_password import cookie_name, cookie_value, is_locked
from blog.post_queries import attach_terms
from blog.post_rendering import has_special_content, render_article, render_more_posts
from blog.related import adjacent_and_related
from core import rate_limits
from core.cookies import POST_PASSWORD
from core.request import client_network, same_origin
from core.site import absolute_url


def post_page(request, post, *, status=200, **context):
    """The page of a post, or its password form. Also for views that respond with it, such as after an error."""
    if is_locked(request, post):
        return password_page(request, post, status=status)
    return whole_page(request, post, status=status, **context)


def whole_page(request, post, *, status=200, **context):
    """The page of a post, for somebody who may read it."""
    attach_terms([post])
    is_front_page = bool(post.path) and post.path == current_layout().front_path
    address = "/" if is_front_page else post.get_absolute_url()
    page = head(
        *([] if is_front_page else [post.display_title]),
        path=address,
        description=post.description,
        feeds=[comments_feed_of(post)] if post.path else [],
        kind="website" if is_front_page else "article",
        picture=social_cards.of_public_post(post) if is_front_page else social_cards.of_page(post),
        times=times_of(post) if post.is_public else (),
        language=post.language_written,
        indexed=post.is_public and not {"replytocom", "draft"} & request.GET.keys(),
    )
    if is_front_page:
        page["page_title"] = front_title()
    at_home = quote(request.path) == post.get_absolute_url()
    body = post.body if at_home else post.body_elsewhere
    can_edit = request.user.has_perm("blog.edit_post", post)
    page["shortlink"] = absolute_url(f"/?p={post.pk}")
    page["visit_url"] = reverse("visit", args=[post.pk]) if post.path else ""
    if post.kind == Post.Kind.PAGE:
        context |= {"post": post, "can_edit": can_edit, "body": body, "special": has_special_content(body)}
        return render(request, "blog/page.html", page | context, status=status)
    is_secret = context.get("is_secret", False)
    page |= {
        "article": render_article(post, body, shared_as="" if is_secret else page["canonical"], can_edit=can_edit),
        "more_posts": render_more_posts(**adjacent_and_related(post)),
        "conversation": "" if is_secret else comments_below(request, post, context),
        "jsonld": as_script(blog_posting(post)) if post.is_open else "",
    }
    if can_edit or context or status != 200:
        context |= {"post": post, "can_edit": can_edit}
        return render(request, "blog/post.html", page | context, status=status)
    return render_page(request, "blog/post.html", page)


def comments_below(request, post, context):
    """The comments, by a template: the blog does not know who comments."""
    return render_to_string("blog/_comments_below.html", {"request": request, "post": post} | context)


def times_of(post):
    return [moment.isoformat(timespec="seconds") for moment in (post.publish_at, post.changed_at)]


class PasswordForm(forms.Form):
    password = forms.CharField(label=_("Password"), max_length=200)

    def __init__(self, *args, post, **kwargs):
        super().__init__(*args, **kwargs)
        self.post = post

    def clean_password(self):
        if not self.post.opens_with(self.cleaned_data["password"]):
            raise ValidationError(_("That is not the password of this post."))


def password_page(request, post, form=None, *, status=200):
    title = format_lazy("{} {}", _("Error:"), post.display_title) if form else post.display_title
    context = head(title, path=post.get_absolute_url(), indexed=False)
    context |= {"post": post, "form": form, "unlock_url": reverse("unlock", args=[post.pk])}
    response = render(request, "blog/password.html", context, status=status)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
@same_origin
def unlock(request, pk):
    """Check the password of a protected post and set a cookie that unlocks it for ten days."""
    post = get_object_or_404(Post.objects.published().filter(visibility=Post.Visibility.PASSWORD), pk=pk)
    form = PasswordForm(request.POST, post=post)
    if wait := rate_limits.hit("post_password", client_network(request)):
        form.errors.clear()
        form.add_error("password", _("Too many tries. Please wait a few minutes and try again."))
        return rate_limits.too_many_requests(password_page(request, post, form), wait)
    if not form.is_valid():
        return password_page(request, post, form, status=422)
    response = redirect(post.get_absolute_url())
    response.set_signed_cookie(
        cookie_name(post),
        cookie_value(post),
        max_age=POST_PASSWORD.seconds,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response
