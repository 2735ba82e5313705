"""A reader posts a comment: whatever happens, the typed text is not lost."""

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
    """The form was sent from somewhere else: nothing is stored, and the text is shown to whoever sent it."""
    why = _("This form was sent from another website. Nothing was stored; your text is below.")
    return text_kept(request, 403, why)


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def post_comment(request, post_id):
    """Take a comment: 303 to its place, or the page with the form, the text and the reason."""
    post = post_answered(post_id, request.user)
    if post is None or is_locked(request, post):
        return text_kept(request, 404, _("This post is not here any more. Your text is below."))
    form = CommentForm(request.POST, post=post, user=request.user)
    try:
        new_comment.refuse_where_closed(post, request.user)
        new_comment.refuse_as_somebody_else(request)
        if not form.is_valid():
            return again(request, form, 422)
        comment, browser = new_comment.create_comment(request, form)
    except new_comment.Refused as refusal:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, refusal.why)
        return again(request, form, refusal.status, first=refusal.first, wait=refusal.wait)
    except (OperationalError, IntegrityError):  # no turn came in time; what it belongs to was erased meanwhile
        logger.exception("a comment could not be stored")
        form.add_error(None, NOT_STORED)
        return again(request, form, 503)
    return thank(request, form, comment, browser)


def thank(request, form, comment, browser):
    """Lead to the comment in its place, and keep in the browser what the writer may need there."""
    place = threads.address_of(comment, request.user, browser)
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


def again(request, form, status, *, first=None, wait=0):
    """The page of the post with the form as it was sent, and what is to be done."""
    context = {"comment_form": form, "page_title": _("Error: %s") % form.post.display_title}
    if first:
        browser = cookies.browser_of(request)
        place = threads.address_of(first, request.user, browser)
        if Comment.objects.visible_to(request.user, browser).filter(pk=first.pk).exists():
            context["first_comment_url"] = place
    page = post_page(request, form.post, status=status, **context)
    if first:
        page.headers["Location"] = place
    if wait:
        rate_limits.too_many_requests(page, wait)
    return page


def text_kept(request, status, why):
    """Where no form can be shown: a page with the reason and the text to be copied."""
    context = {
        "why": why,
        "text": CONTROLS.sub("", request.POST.get("comment", "")),
        "page_title": _("Error: %s") % why,
    }
    return render(request, "comments/text_kept.html", context, status=status)
