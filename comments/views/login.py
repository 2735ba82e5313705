"""Logging in and out from the comment form. The typed text is kept as a SavedComment, found again by a signed token."""

import logging
from dataclasses import dataclass

from allauth.socialaccount.adapter import get_adapter
from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, OperationalError
from django.http import Http404, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.login_codes import send_login_code
from blog.models import Post
from blog.post_password import is_locked
from comments.forms import CommentForm
from comments.models import Comment, SavedComment
from comments.models.saved_comment import MAX_LENGTH
from comments.views.create import NOT_STORED, redisplay_form, refused_origin, typed_text_page
from core import mail, rate_limits
from core.cache_version import cached_per_version
from core.cookies import RETURN_TO_COMMENT
from core.request import client_network, same_origin
from core.row_ids import row_id
from core.text import tidy_line

logger = logging.getLogger(__name__)

MAIL, PASSKEY = "mail", "passkey"  # login methods without an external provider
ICONS = {"twitter_oauth2": "x", "wordpress-com": "wordpress"}
WITH_ICON = {"google", "facebook", "twitter_oauth2", "github", "wordpress-com", MAIL}  # those with an icon
MAX_BUTTONS = 4  # buttons before "More", which hides at least two


@dataclass(frozen=True)
class Provider:
    """A login provider as configured for allauth, or a login method of our own."""

    id: str
    name: str

    @property
    def icon(self):
        return ICONS.get(self.id, self.id)


@cached_per_version()
def providers():
    found = get_adapter().list_providers(None)
    return tuple(Provider(provider.sub_id, provider.name) for provider in found)


def login_methods():
    """The login providers, a code by email if email is set up, and passkeys if there is any of these."""
    by_mail = [Provider(MAIL, _("Code by email"))] if mail.is_configured() else []
    known = [*providers(), *by_mail]
    return [*known, Provider(PASSKEY, _("Passkey"))] if known else []


def buttons_for(post):
    """(buttons below the form, buttons behind "More"), as dicts."""
    buttons = [
        {
            "id": provider.id,
            "name": provider.name,
            "icon": provider.icon,
            "has_icon": provider.id in WITH_ICON,
            "start_url": reverse("comment_login", args=[post.pk, provider.id]),
        }
        for provider in login_methods()
    ]
    shown = MAX_BUTTONS if len(buttons) > MAX_BUTTONS + 1 else len(buttons)
    return buttons[:shown], buttons[shown:]


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def log_in(request, post_id, provider):
    """Save the typed comment and redirect to the login provider."""
    post, form = post_and_form(request, post_id)
    if post is None:
        return typed_text_page(request, 404, _("This post no longer exists. Your text is below."))
    if provider not in {known.id for known in login_methods()}:
        raise Http404
    if request.user.has_perm("core.use_desk"):
        return redisplay_with_error(
            request, form, 403, _("You are logged in already, to work here. Log out before you change.")
        )
    if wait := rate_limits.hit_all(("login", client_network(request)), ("draft", client_network(request))):
        why = _("Too many attempts. Please wait a moment before you log in again; your text is safe.")
        return redisplay_with_error(request, form, 429, why, wait)
    if len(form.typed) > MAX_LENGTH:
        return redisplay_with_error(request, form, 422, _("This text is too long to be kept while you log in."))
    try:
        back = save_and_return_path(post, form)
        response = START.get(provider, start_at_provider)(request, form, provider, back)
    except (OSError, ImproperlyConfigured):  # unreachable, or without a login URL in its configuration document
        logger.exception("%s does not answer to a login", provider)
        return redisplay_with_error(request, form, 502, _("This service does not answer just now. Your text is safe."))
    except (OperationalError, IntegrityError):  # database lock timeout, or the disk is full
        logger.exception("a draft could not be stored")
        return redisplay_with_error(request, form, 503, NOT_STORED)
    return remember_return_path(request, response, back)


def start_at_provider(request, form, provider, back):
    chosen = get_adapter(request).get_provider(request, provider)
    return chosen.redirect(request, process="login", next_url=back)


def start_with_code(request, form, provider, back):
    """Email a login code to the address in the form; a new account gets the name in the form."""
    logout(request)
    said = {"email": form.data.get("email", ""), "name": tidy_line(form.data.get("author", ""))[:120]}
    return send_login_code(request, **said, back=back)


def start_with_passkey(request, form, provider, back):
    logout(request)
    return HttpResponseRedirect(f"{reverse('account_login')}?{urlencode({'next': back})}", status=303)


START = {MAIL: start_with_code, PASSKEY: start_with_passkey}


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def log_out(request, post_id):
    """Log out ("Log Out / Change") and return to the form with the typed text."""
    post, form = post_and_form(request, post_id)
    if post is None:
        return typed_text_page(request, 404, _("This post no longer exists. Your text is below."))
    if wait := rate_limits.hit("draft", client_network(request)):
        return redisplay_with_error(request, form, 429, _("Too many attempts. Please wait a moment."), wait)
    if len(form.typed) > MAX_LENGTH:
        return redisplay_with_error(request, form, 422, _("This text is too long to be kept while you log out."))
    try:
        back = save_and_return_path(post, form)
        logout(request)
    except (OperationalError, IntegrityError):
        logger.exception("a draft could not be stored")
        return redisplay_with_error(request, form, 503, NOT_STORED)
    return remember_return_path(request, HttpResponseRedirect(back, status=303), back)


def post_and_form(request, post_id):
    post = Post.objects.visible_to(request.user).filter(pk=post_id).first()
    if post is None or is_locked(request, post):
        return None, None
    return post, CommentForm(request.POST, post=post, user=request.user)


def save_and_return_path(post, form):
    """The path to return to after the login; saves the typed comment, if any, and adds its signed token."""
    kept = {name: form.data.get(name, "")[:most] for name, most in [("author", 245), ("email", 254), ("url", 400)]}
    parent = parent_of(post, form.data.get("parent", ""))
    if not (form.typed.strip() or parent or any(kept.values())):
        return f"{post.get_absolute_url()}#respond"
    # Update the row that the form was restored from, so that its URL in the browser's history has the text as well.
    earlier = SavedComment.objects.filter(post=post).signed_as(form.data.get("draft", ""))
    draft = SavedComment(
        **({"pk": earlier.pk, "token": earlier.token} if earlier else {}),
        post=post,
        parent=parent,
        text=form.typed,
        name=kept["author"],
        email=kept["email"],
        url=kept["url"],
        consent="consent" in form.data,
        subscribe="subscribe" in form.data,
        subscribe_blog="subscribe_blog" in form.data,
    )
    draft.save()
    return draft.return_path


def parent_of(post, number):
    parent = row_id(number)
    return Comment.objects.on(post).approved().filter(pk=parent).first() if parent else None


def remember_return_path(request, response, back):
    """Store the return path in session and cookie, for failed logins that lose `next` (accounts.login_return)."""
    request.session["last_draft"] = back
    response.set_signed_cookie(
        RETURN_TO_COMMENT.name,
        back,
        salt=RETURN_TO_COMMENT.name,
        max_age=RETURN_TO_COMMENT.seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.LONGRUN_HTTPS,
    )
    return response


def redisplay_with_error(request, form, status, why, wait=0):
    form.user = request.user  # the user may have been logged out since the form was made
    form.full_clean()
    form.errors.clear()
    form.add_error(None, why)
    return redisplay_form(request, form, status, wait=wait)
