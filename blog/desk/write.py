"""The write page. Whatever happens to a form, what was typed in it comes back or lies among the revisions."""

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
from blog.desk.markup_notices import told_of
from blog.desk.revisions import differences
from blog.media import uploads
from blog.models import Post, Revision
from blog.models.autosave import TEXTS
from blog.models.rendering import LONG
from blog.models.secret_link import SecretLink
from core import dates, rate_limits
from core.row_ids import row_id
from core.site import absolute
from core.text import isolated, tidy


@at_the_desk("blog.write")
@require_http_methods(["GET", "HEAD", "POST"])
def write(request, pk=None):
    """A new post or page, or an old one. What the form brings is saved, then its button says what else."""
    if request.method == "POST":
        return save(request, pk)
    if not pk and (post := autosave.written_as(request)):
        return redirect("desk_post", pk=post.pk)
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk) if pk else new_post(request)
    if not request.user.has_perm("blog.edit_post", post):
        return render(
            request, "403.html", {"reason": _("This post is published: an editor has to change it.")}, status=403
        )
    form, row = autosave.brought_back(request, post)
    unpublished = post.revisions.unpublished() if post.pk and not row else None
    if unpublished:
        form.initial |= {name: getattr(unpublished, name) for name in TEXTS}
    return page(request, form, row, unpublished=unpublished)


def again(request, pk=None):
    """The write page with what was typed in another form, which had expired. Saves nothing."""
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
        # A double click on PostgreSQL: the same new form twice in one moment. Now the other one is done.
        return save_once(request, pk)


def save_once(request, pk):
    action = request.POST.get("action", "save")
    if action == "again":
        return again(request, pk)
    ready = rendered_before(request, pk)
    with transaction.atomic():
        post = written_before(request, pk) or (None if pk else new_post(request))
        if post is None or not request.user.has_perm("blog.edit_post", post):
            return keep_typed(request, gone=post is None)
        post.acting = request.user
        form = WriteForm(request.POST, instance=post, user=request.user)
        if ready:
            post.prepared, post.guid = ready.prepared, post.guid if post.pk else ready.guid
            post.try_again()
        outcome = carry_out(form, action, request.user)
    return OUTCOMES[outcome](request, form, action)


def rendered_before(request, pk):
    """The post as the form has it, rendered before the database is held; None where nothing will be saved."""
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
    return Post(author=request.user, kind=kind, comments_open=kind == Post.Kind.POST)


def written_before(request, pk):
    """The post of this form, locked until it is saved: also that of a new form which was sent before."""
    posts = Post.objects.editable_by(request.user).select_for_update()
    if pk:
        return posts.filter(pk=pk).first()
    return posts.filter(guid=guid_of(request.POST.get("mark", ""))).first()


def carry_out(form, action, by):
    """Does what the button says and answers how it went: a word of OUTCOMES."""
    post, over = form.instance, None
    if action == "trash" and post.pk and by.has_perm("blog.delete_post", post):
        post.set_aside(by, **form.texts())
        post.refresh_from_db()
        post.trash()
        autosave.is_saved(form, by)
        return "trashed"
    if action == "overwrite":
        over, action = row_id(form.data.get("over")), form.data.get("wanted", "save")
    if not form.is_valid():
        return "wrong"
    if action in PUBLISHES and not by.has_perm("blog.publish_post", post):
        form.add_error(None, _("You may write this post, but an editor has to publish it: submit it for review."))
        return "wrong"
    if form.is_stale(over):
        post.set_aside(by, **form.texts())
        return "stale"
    if action in DEEDS_BESIDE and post.pk:
        return DEEDS_BESIDE[action](form, by)
    was_trash = post.status == Post.Status.TRASH
    if was_trash:
        post.trashed_from = Post.Status.DRAFT
        post.restore()
    was_scheduled = post.is_scheduled
    form.keep(by)
    autosave.is_saved(form, by)
    if action in PUBLISHES or (was_scheduled and not post.is_scheduled and not form.changes_status()):
        post.publish(by=by)
    elif action == "submit":
        post.withdraw(Post.Status.PENDING)
    elif form.changes_status() and not was_trash:
        post.withdraw(form.cleaned_data["status"])
    if action == "share":
        SecretLink.objects.get_or_create(post=post, defaults={"by": by})
    elif action == "unshare":
        SecretLink.objects.filter(post=post).delete()
    return "saved"


def keep_as_draft(form, by):
    """The texts wait among the revisions until “Update” is pressed; readers see what they saw."""
    post = form.instance
    post.set_aside(by, kind=Revision.Kind.KEPT, **form.texts())
    autosave.is_saved(form, by)
    return "kept"


def discard(form, by):
    post = Post.objects.get(pk=form.instance.pk)
    post.set_aside(by, **form.texts())
    post.overtake_unpublished(by)
    autosave.is_saved(form, by)
    return "discarded"


PUBLISHES = {"publish", "publish-now"}

# What leaves the post as it is; of a post that is not public yet a draft is simply saved.
DEEDS_BESIDE = {"keep": keep_as_draft, "discard": discard}


# How it went

LEADS_TO = {"preview": "desk_post_preview", "preflight": "desk_post_preflight"}


def saved(request, form, action):
    post = form.instance
    if action in LEADS_TO:
        return redirect(LEADS_TO[action], pk=post.pk)
    messages.success(request, what_happened(post))
    for new, old in form.twins:
        said = _("The tag “%(new)s” is new. There is “%(old)s” already.")
        messages.warning(request, said % {"new": isolated(new), "old": isolated(old)})
    return redirect("desk_post", pk=post.pk)


def what_happened(post):
    if post.is_scheduled:
        moment = dates.short_day_and_time(post.publish_at)
        if post.was_public:
            return _("Saved. Scheduled for: %s. Until then readers do not see it.") % moment
        return _("Saved. Scheduled for: %s") % moment
    if post.status == Post.Status.PUBLISHED:
        if post.visibility == Post.Visibility.PRIVATE:
            return _("Saved. Privately published: only you and the editors can see it.")
        return _("Saved. It is published.")
    if post.status == Post.Status.PENDING:
        return _("Saved. It waits for review.")
    return _("Draft saved.")


def kept(request, form, action):
    if form.instance.is_scheduled:
        messages.success(request, _("Kept as a draft. The text as it was is still scheduled."))
    else:
        messages.success(request, _("Kept as a draft. Readers see the text as it was."))
    if others := form.changed_beside_the_text():
        said = _("Not kept with it: %s. A draft of changes is their text alone; “Update” saves what stands here.")
        messages.warning(request, said % ", ".join(others))
        return page(request, form)
    return redirect("desk_post", pk=form.instance.pk)


def discarded(request, form, action):
    messages.success(request, _("Discarded. The changes lie among the revisions."))
    return redirect("desk_post", pk=form.instance.pk)


def trashed(request, form, action):
    messages.success(request, _("Moved to the trash. You can restore it there."))
    return redirect("desk_pages" if form.instance.kind == Post.Kind.PAGE else "desk_posts")


def wrong(request, form, action):
    return page(request, form, status=403 if form.errors.get("__all__") else 422)


def stale(request, form, action):
    """Two people or two tabs: both texts, and the choice is the writer's."""
    newer = form.instance.newest_revision
    wanted = request.POST.get("wanted", "save") if action == "overwrite" else action
    mine = Revision(**{name: tidy(text) for name, text in form.texts().items()})
    return page(request, form, status=409, newer=newer, wanted=wanted, differences=differences(newer, mine))


OUTCOMES = {"saved": saved, "kept": kept, "discarded": discarded, "trashed": trashed, "wrong": wrong, "stale": stale}


def page(request, form, autosaved=None, *, status=200, **context):
    # The instance of a form carries what was typed; what stands above the form is what is stored.
    post = form.instance
    stored = Post.objects.filter(pk=post.pk).first() if post.pk and form.is_bound else post
    is_out = stored.status == Post.Status.PUBLISHED and not stored.is_scheduled
    context |= autosave.beside(request, form, autosaved)
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
        "address": absolute(stored.path if is_out and stored.path else stored.coming_path()),
        "long_text": LONG,
        "told": told_of(stored) if stored.pk else (),
        "first_steps": any("next-steps" in message.tags for message in messages.get_messages(request)),
    }
    return render(request, "desk/write.html", context, status=status)


@at_the_desk("blog.write")
@require_http_methods(["GET", "HEAD", "POST"])
def preview(request, pk):
    """The real page of a post: as it is saved, or (POST) as it stands in the form, which saves nothing."""
    post = get_object_or_404(Post.objects.editable_by(request.user), pk=pk)
    if request.method == "POST":
        if wait := rate_limits.hit("preview", request.user.pk):
            return rate_limits.too_fast(HttpResponse(_("Too many previews. Your text is safe in its form.")), wait)
        WriteForm(request.POST, instance=post, user=request.user).full_clean()
        post.acting = request.user
        post.render()
    response = views.post_page(request, post, is_preview=True, told=told_of(post, is_saved=request.method != "POST"))
    response.headers["X-Robots-Tag"] = "noindex"
    return response
