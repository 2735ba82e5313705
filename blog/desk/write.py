"""The write page. Text that cannot be saved is shown again or stored as a revision, never lost."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from blog import views
from blog.desk import autosave
from blog.desk.access import at_the_desk, keep_typed
from blog.desk.forms import WriteForm, guid_of, is_later
from blog.desk.markup_notices import post_messages
from blog.desk.write_actions import WriteActions
from blog.media import uploads
from blog.models import Post
from blog.models.autosave import TEXTS
from blog.models.rendering import LONG
from blog.models.secret_link import SecretLink
from core import rate_limits
from core.site import absolute_url


@at_the_desk("blog.write")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, pk=None):
    """Edit a new or an existing post or page. POST saves the form, then performs the action of its button."""
    if request.method == "POST":
        return save(request, pk)
    if not pk and (post := autosave.saved_post(request)):
        return redirect("desk_post", pk=post.pk)
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk) if pk else new_post(request)
    if not request.user.has_perm("blog.edit_post", post):
        return render(
            request, "403.html", {"reason": _("This post is published: an editor has to change it.")}, status=403
        )
    form, row = autosave.restored_form(request, post)
    unpublished = post.revisions.unpublished() if post.pk and not row else None
    if unpublished:
        form.initial |= {name: getattr(unpublished, name) for name in TEXTS}
    return page(request, form, row, unpublished=unpublished)


def again(request, pk=None):
    """The write page with the fields of another form, which had expired. Saves nothing."""
    if not request.user.has_perm("blog.write"):
        return keep_typed(request)
    post = Post.objects.editable_by(request.user).filter(pk=pk).first() if pk else new_post(request)
    if post is None or not request.user.has_perm("blog.edit_post", post):
        return keep_typed(request)
    form = WriteForm(instance=post, user=request.user)
    form.show(request.POST)
    return page(request, form, status=403, not_saved=_("Nothing is saved yet: please press the button again."))


def save(request, pk):
    try:
        return save_once(request, pk)
    except IntegrityError:
        # A double click on PostgreSQL sends the same new form twice at once. The first one is saved now.
        return save_once(request, pk)


def save_once(request, pk):
    if request.POST.get("action") == "again":
        return again(request, pk)
    ready = rendered_before(request, pk)
    with transaction.atomic():
        post = written_before(request, pk) or (None if pk else new_post(request))
        if post is None or not request.user.has_perm("blog.edit_post", post):
            return keep_typed(request, gone=post is None)
        post.acting = request.user
        form = WriteForm(request.POST, instance=post, user=request.user)
        if ready:
            post.reuse(ready)
            post.guid = post.guid if post.pk else ready.guid
            post.try_again()
        answer = WriteActions(request, form, page).run()
    return answer()


def rendered_before(request, pk):
    """The post with the form's values, rendered before the transaction; None if nothing will be saved."""
    posts = Post.objects.editable_by(request.user)
    guid = guid_of(request.POST.get("mark", ""))
    post = posts.filter(pk=pk).first() if pk else posts.filter(guid=guid).first() or new_post(request)
    if post is None or not request.user.has_perm("blog.edit_post", post):
        return None
    post.acting = request.user
    form = WriteForm(request.POST, instance=post, user=request.user)
    if not form.is_valid():
        return None
    if not post.pk and form.cleaned_data["mark"]:
        post.guid = guid
    post.try_again()
    post.get_ready()
    return post


def new_post(request):
    kind = Post.Kind.PAGE if request.GET.get("kind") == "page" else Post.Kind.POST
    is_post = kind == Post.Kind.POST
    return Post(author=request.user, kind=kind, comments_open=is_post, extended_markdown=True)


def written_before(request, pk):
    """The post of this form, locked; for a new form the post that an earlier submission has created, if any."""
    posts = Post.objects.editable_by(request.user).select_for_update()
    if pk:
        return posts.filter(pk=pk).first()
    return posts.filter(guid=guid_of(request.POST.get("mark", ""))).first()


def page(request, form, autosaved=None, *, status=200, **context):
    # The form's instance has the submitted values; the status above the form shows the stored ones.
    post = form.instance
    stored = Post.objects.filter(pk=post.pk).first() if post.pk and form.is_bound else post
    is_out = stored.is_published
    context |= autosave.autosave_context(request, form, autosaved)
    context |= {
        "form": form,
        "accepted": uploads.ACCEPTED,
        "largest": uploads.LARGEST_DOCUMENT,
        "post": stored,
        "secret_link": SecretLink.objects.filter(post=post).first() if post.pk else None,
        "revisions_count": post.revisions.count() if post.pk else 0,
        "may_publish": request.user.has_perm("blog.publish_post", post),
        "may_delete": bool(post.pk) and request.user.has_perm("blog.delete_post", post),
        "is_published": stored.status == Post.Status.PUBLISHED,
        "is_out": is_out,
        "is_later": is_later(stored.publish_at),
        "address": absolute_url(stored.path if is_out and stored.path else stored.coming_path()),
        "long_text": LONG,
        "notice_messages": post_messages(stored) if stored.pk else (),
        "first_steps": any("next-steps" in message.tags for message in messages.get_messages(request)),
    }
    return render(request, "desk/write.html", context, status=status)


@at_the_desk("blog.write")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, pk):
    """The real page of a post: as it is saved, or (POST) with the form's values, which are not saved."""
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk)
    if request.method == "POST":
        if wait := rate_limits.hit("preview", request.user.pk):
            return rate_limits.too_many_requests(
                HttpResponse(_("Too many previews; wait a moment. Your text is still in the form.")), wait
            )
        WriteForm(request.POST, instance=post, user=request.user).full_clean()
        post.acting = request.user
        post.render()
    response = views.post_page(
        request, post, is_preview=True, notice_messages=post_messages(post, is_saved=request.method != "POST")
    )
    response.headers["X-Robots-Tag"] = "noindex"
    return response
