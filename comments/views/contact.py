"""Sending a message by the contact form of a page. Whatever fails, the response contains the typed text."""

import logging

from django.contrib import messages
from django.db import IntegrityError, OperationalError, transaction
from django.http import HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from blog.layout import current_layout
from blog.post_password import is_locked
from blog.post_queries import post_answered
from blog.views import post_page
from comments.forms import ContactForm
from comments.models import Message
from comments.moderation.rules import MESSAGE_RULES
from comments.moderation.submission import apply_rules
from comments.notifications import contact_messages
from comments.views.create import refused_origin, typed_text_page
from comments.views.new_comment import Rejected, commenter_of, reject_when_user_changed
from core import anchored_messages, file_locks, rate_limits, refusals
from core.request import same_origin

logger = logging.getLogger(__name__)


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def send_message(request, post_id):
    """Store a message and email it: 303 to the page, or the page with the form, the text and the error."""
    post = post_answered(post_id, request.user)
    if post is None or is_locked(request, post):
        return typed_text_page(request, 404, _("This page no longer exists. Your text is below."))
    if not post.takes_messages:
        return typed_text_page(request, 403, _("This page has no contact form any more. Your text is below."))
    form = ContactForm(request.POST, post=post, user=request.user)
    try:
        reject_when_user_changed(request)
        if not form.is_valid():
            return redisplay_form(request, form, 422)
        store_message(request, form)
    except Rejected as refusal:
        form.full_clean()
        form.errors.clear()
        form.add_error(None, refusal.why)
        return redisplay_form(request, form, refusal.status, wait=refusal.wait)
    except (OperationalError, IntegrityError):  # database lock timeout; page deleted concurrently
        logger.exception("a message could not be stored")
        form.add_error(None, _("Your message could not be stored just now. Your text is safe; try again in a minute."))
        return redisplay_form(request, form, 503)
    is_front_page = post.path == current_layout().front_path
    place = f"{'/' if is_front_page else post.get_absolute_url()}#message-sent"
    # The same for spam, so that its sender learns nothing.
    anchored_messages.add(request, messages.SUCCESS, _("Your message was sent."), place)
    return HttpResponseRedirect(place, status=303)


def store_message(request, form):
    """Moderate, save and email the message of a valid form; nothing if the same was sent before. Raises Rejected."""
    form.prepare()
    with file_locks.serialize_writes(), transaction.atomic():
        comment = form.as_comment(commenter_of(request)[0])
        apply_rules(request, form, comment, MESSAGE_RULES)
        message = Message.of_judged(comment)
        try:
            with transaction.atomic():
                message.save()
        except IntegrityError:  # its fingerprint is there; foreign keys are checked at the end of the transaction
            return
        reject_too_many(request, message)
        if not request.user.has_perm("comments.moderate"):
            message.record_verdict()
        contact_messages.notify_owners(message)
    if message.state in (Message.State.SPAM, Message.State.TRASH):
        refusals.log_refusal(request.META, "spam")


def reject_too_many(request, message):
    """Apply the rate limits, after the message is saved, which is then rolled back: so that of equal messages all but
    one are taken for repeated, not for too many."""
    if request.user.has_perm("comments.moderate"):
        return
    asked = [("message", message.email.casefold()), ("message_network", message.facts["network"]), ("message_site", "")]
    if wait := rate_limits.hit_all(*asked):
        raise Rejected(429, _("Too many messages in a short time. Your text is safe; try again later."), wait=wait)


def redisplay_form(request, form, status, *, wait=0):
    """The page with the submitted form and its errors."""
    context = {"contact_form": form, "page_title": _("Error: %s") % form.post.display_title}
    page = post_page(request, form.post, status=status, **context)
    return rate_limits.too_many_requests(page, wait) if wait else page
