"""Posting a comment. Whatever fails, the response contains the typed text."""

import logging

from django.contrib import messages
from django.db import IntegrityError, OperationalError
from django.http import HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from blog.post_password import is_locked
from blog.post_queries import post_answered
from blog.views import post_page
from comments import cookies, threads
from comments.forms import CONTROLS, CommentForm
from comments.models import Comment, SavedComment
from comments.notifications import subscriptions
from comments.views import new_comment
from core import anchored_messages, rate_limits
from core.request import same_origin

logger = logging.getLogger(__name__)

NOT_STORED = gettext_lazy("Your comment could not be stored just now. Your text is safe; try again in a minute.")


def refused_origin(request):
    """The response to a cross-origin POST: nothing is stored, and the text is shown again."""
    why = _("This form was sent from another website. Nothing was stored; your text is below.")
    return typed_text_page(request, 403, why)


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def post_comment(request, post_id):
    """Store a comment: 303 to its place, or the post's page with the form, the text and the error."""
    post = post_answered(post_id, request.user)
    if post is None or is_locked(request, post):
        return typed_text_page(request, 404, _("This post no longer exists. Your text is below."))
    form = CommentForm(request.POST, post=post, user=request.user)
    try:
        new_comment.reject_when_closed(post, request.user)
        new_comment.reject_when_user_changed(request)
        if not form.is_valid():
            return redisplay_form(request, form, 422)
        comment, browser = new_comment.create_comment(request, form)
    except new_comment.Rejected as refusal:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, refusal.why)
        return redisplay_form(request, form, refusal.status, first=refusal.first, wait=refusal.wait)
    except (OperationalError, IntegrityError):  # database lock timeout; post or parent deleted concurrently
        logger.exception("a comment could not be stored")
        form.add_error(None, NOT_STORED)
        return redisplay_form(request, form, 503)
    return redirect_to_comment(request, form, comment, browser)


def redirect_to_comment(request, form, comment, browser):
    """Redirect to the comment with messages, set the cookies, and delete the saved draft."""
    place = threads.comment_url(comment, request.user, browser)
    response = HttpResponseRedirect(place, status=303)
    if comment.is_approved:
        anchored_messages.add(request, messages.SUCCESS, _("Your comment is published."), place)
    if comment.email and (form.cleaned_data["subscribe"] or form.cleaned_data["subscribe_blog"]):
        anchored_messages.add(request, messages.SUCCESS, subscriptions.notice(request, comment.email), place)
    if browser:
        cookies.remember_browser(response, browser)
        if form.cleaned_data["consent"]:
            cookies.remember_details(response, comment.name, comment.email, comment.url)
        elif cookies.ME in request.COOKIES:
            cookies.forget_details(response)
    if (kept := form.cleaned_data["draft"]) and (draft := SavedComment.objects.signed_as(kept)):
        draft.delete()
    if "last_draft" in request.session:
        del request.session["last_draft"]
    return response


def redisplay_form(request, form, status, *, first=None, wait=0):
    """The post's page with the submitted form and its errors; `first` is the comment that a duplicate repeats."""
    context = {"comment_form": form, "page_title": _("Error: %s") % form.post.display_title}
    if first:
        browser = cookies.browser_of(request)
        place = threads.comment_url(first, request.user, browser)
        if Comment.objects.visible_to(request.user, browser).filter(pk=first.pk).exists():
            context["first_comment_url"] = place
    page = post_page(request, form.post, status=status, **context)
    if first:
        page.headers["Location"] = place
    if wait:
        rate_limits.too_many_requests(page, wait)
    return page


def typed_text_page(request, status, why):
    """A page with the error and the text to copy, for cases in which no form can be shown."""
    context = {
        "why": why,
        "text": CONTROLS.sub("", request.POST.get("comment", "")),
        "page_title": _("Error: %s") % why,
    }
    return render(request, "comments/typed_text.html", context, status=status)
