"""Editing and deleting one's own comment for some minutes. The author is known by account or signed browser.

An edit is moderated like a new comment: all rules are evaluated again. The former text is kept for the owner.
"""

import logging

from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from blog.models import Post
from blog.post_password import is_locked
from comments import cookies, threads
from comments.forms import EditedForm
from comments.models import Comment, DiscussionSettings, ModerationAction
from comments.moderation.submission import apply_rules
from comments.notifications import owner, replies
from comments.views.create import NOT_STORED, refused_origin, typed_text_page
from core import anchored_messages, rate_limits
from core.request import client_network, same_origin

logger = logging.getLogger(__name__)

CHANGED = ["text", "state", "former_state", "reasons", "facts", "fingerprint", "edited_at", "state_since"]
REMOVED = [Comment.State.TRASH, Comment.State.GONE]


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@same_origin(refused=refused_origin)
def edit(request, pk):
    """The form with the text (GET); save it, or with `delete` move the comment to the trash (POST)."""
    comment = own_comment(request, pk)
    if comment is None:
        return gone(request)
    if not comment.is_fresh(DiscussionSettings.now()):
        why = _("The time in which you could edit this comment is over.")
        return (
            typed_text_page(request, 403, why)
            if request.method == "POST"
            else page(request, comment, why=why, status=403)
        )
    if request.method != "POST":
        return page(request, comment, EditedForm(post=comment.post, user=request.user, initial=initial_data(comment)))
    if "delete" in request.POST:
        return delete(request, comment)
    form = EditedForm(request.POST, post=comment.post, user=request.user)
    if not form.is_valid():
        return page(request, comment, form, status=422)
    if wait := rate_limits.hit("comment_edit", client_network(request)):
        form.add_error(None, _("Too many attempts. Please wait a moment; your text is safe."))
        return rate_limits.too_many_requests(page(request, comment, form), wait)
    form.prepare()
    try:
        save_edit(request, form, comment)
    except Comment.DoesNotExist:
        return gone(request)
    except (OperationalError, IntegrityError):
        logger.exception("a comment could not be changed")
        form.add_error(None, NOT_STORED)
        return page(request, comment, form, status=503)
    place = threads.comment_url(comment, request.user, cookies.browser_of(request))
    anchored_messages.add(request, messages.SUCCESS, _("Your changes are saved."), place)
    return HttpResponseRedirect(place, status=303)


def gone(request):
    """The comment is not theirs or was removed meanwhile: 404, with the typed text after a POST."""
    if request.method != "POST":
        raise Http404
    return typed_text_page(request, 404, _("This comment no longer exists. Your text is below."))


def own_comment(request, pk):
    """The comment if this visitor wrote it and can see its post, else None."""
    comment = Comment.objects.select_related("post", "person").filter(pk=pk).first()
    if comment is None:
        return None
    seen = Post.objects.visible_to(request.user).filter(pk=comment.post_id).exists()
    mine = comment.is_by(request.user, cookies.browser_of(request))
    theirs = seen and mine and not is_locked(request, comment.post)
    return comment if theirs and comment.state not in REMOVED else None


def initial_data(comment):
    return {"comment": comment.text}


def page(request, comment, form=None, *, why="", status=200):
    context = {"comment": comment, "form": form, "why": why, "minutes": DiscussionSettings.now().edit_minutes}
    context["page_title"] = _("Error: %s") % _("Your comment") if form and form.errors else _("Your comment")
    return render(request, "comments/edit.html", context, status=status)


@transaction.atomic
def save_edit(request, form, comment):
    """Save the new text and the rules' verdict; nothing if the text is unchanged. Raises Comment.DoesNotExist."""
    there = Comment.objects.exclude(state__in=REMOVED)
    comment = there.select_for_update().select_related("post").get(pk=comment.pk)
    if comment.text == form.cleaned_data["comment"]:
        return
    was, decided = comment.state, bool(comment.former_state)
    comment.keep_text(account(request))
    # Not approved while the rules are evaluated, or a first comment would count as its author's approved one.
    comment.itself.update(state=Comment.State.PENDING)
    comment.text = form.cleaned_data["comment"]
    apply_rules(request, form, comment)
    if decided and was in (Comment.State.PENDING, Comment.State.SPAM):
        comment.state = was  # an edit cannot override a moderator's decision to hold it or mark it as spam
    else:
        comment.former_state = ""
    comment.edited_at = comment.state_since = timezone.now()
    comment.fingerprint = None  # it was made of the former text
    comment.save(update_fields=CHANGED)
    if was == Comment.State.APPROVED and not comment.is_approved:
        Comment.objects.update_visibility([], [comment.pk])
    if comment.state != was and not request.user.has_perm("comments.moderate"):
        ModerationAction.of_the_rules(comment)
    owner.notify_owners(comment, again=was == Comment.State.APPROVED)
    if comment.is_approved and was != comment.state:
        replies.notify_approved([comment.pk])
    elif was == Comment.State.APPROVED != comment.state:
        replies.cancel_emails([comment.pk])


def delete(request, comment):
    ModerationAction.take(
        ModerationAction.What.TRASH, comment.itself, by=account(request), maker=ModerationAction.Maker.WRITER
    )
    place = f"{comment.post.get_absolute_url()}#comments"
    anchored_messages.add(request, messages.SUCCESS, _("Your comment is deleted."), place)
    return HttpResponseRedirect(place, status=303)


def account(request):
    return request.user if request.user.is_authenticated else None
