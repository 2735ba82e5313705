"""Logging in and out from the form below a post. The typed text waits in a row and comes back by its signed name."""

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
from comments.models.saved_comment import LONGEST
from comments.views.create import NOT_STORED, again, refused_origin, text_kept
from core import mail, rate_limits
from core.cache_version import cached_per_version
from core.cookies import RETURN_TO_COMMENT
from core.request import client_network, same_origin
from core.row_ids import row_id
from core.text import tidy_line

logger = logging.getLogger(__name__)

MAIL, PASSKEY = "mail", "passkey"  # ways in that ask no other service
ICONS = {"twitter_oauth2": "x", "wordpress-com": "wordpress"}
MARKED = {"google", "facebook", "twitter_oauth2", "github", "wordpress-com", MAIL}  # known by a drawing of their own
IN_A_ROW = 4  # beside "More", which stands for two at least


@dataclass(frozen=True)
class Provider:
    """A service at which readers may log in, as allauth knows it from the settings."""

    id: str
    name: str

    @property
    def icon(self):
        return ICONS.get(self.id, self.id)


@cached_per_version
def providers():
    found = get_adapter().list_providers(None)
    return tuple(Provider(provider.sub_id, provider.name) for provider in found)


def ways_in():
    """The services, and what needs none: a code by mail where letters leave, and a passkey for who came by those."""
    by_mail = [Provider(MAIL, _("Code by mail"))] if mail.is_configured() else []
    known = [*providers(), *by_mail]
    return [*known, Provider(PASSKEY, _("Passkey"))] if known else []


def buttons_for(post):
    """(those in the row below the form, those behind "More")."""
    buttons = [
        {
            "id": provider.id,
            "name": provider.name,
            "icon": provider.icon,
            "has_mark": provider.id in MARKED,
            "start_url": reverse("comment_login", args=[post.pk, provider.id]),
        }
        for provider in ways_in()
    ]
    shown = IN_A_ROW if len(buttons) > IN_A_ROW + 1 else len(buttons)
    return buttons[:shown], buttons[shown:]


@require_POST
@never_cache
@same_origin(refused=refused_origin)
def log_in(request, post_id, provider):
    """A button below the form: keep what was typed, and go to the provider."""
    post, form = post_and_form(request, post_id)
    if post is None:
        return text_kept(request, 404, _("This post is not here any more. Your text is below."))
    if provider not in {known.id for known in ways_in()}:
        raise Http404
    if request.user.has_perm("core.use_desk"):
        return said_again(request, form, 403, _("You are logged in already, to work here. Log out before you change."))
    if wait := rate_limits.hit_all(("login", client_network(request)), ("draft", client_network(request))):
        why = _("Too many attempts. Please wait a moment before you log in again; your text is safe.")
        return said_again(request, form, 429, why, wait)
    if len(form.typed) > LONGEST:
        return said_again(request, form, 422, _("This text is too long to be kept while you log in."))
    try:
        back = way_back(post, form)
        response = START.get(provider, start_at_service)(request, form, provider, back)
    except (OSError, ImproperlyConfigured):  # it is away, or does not say where one logs in
        logger.exception("%s does not answer to a login", provider)
        return said_again(request, form, 502, _("This service does not answer just now. Your text is safe."))
    except (OperationalError, IntegrityError):  # no turn came in time, or the disk is full
        logger.exception("a draft could not be stored")
        return said_again(request, form, 503, NOT_STORED)
    return with_way_back(request, response, back)


def start_at_service(request, form, provider, back):
    chosen = get_adapter(request).get_provider(request, provider)
    return chosen.redirect(request, process="login", next_url=back)


def start_with_code(request, form, provider, back):
    """A letter to the address in the form; the name that stands there is the one a newcomer gets."""
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
def leave(request, post_id):
    """Log Out and Change: the form again for a guest, with what was typed."""
    post, form = post_and_form(request, post_id)
    if post is None:
        return text_kept(request, 404, _("This post is not here any more. Your text is below."))
    if wait := rate_limits.hit("draft", client_network(request)):
        return said_again(request, form, 429, _("Too many attempts. Please wait a moment."), wait)
    if len(form.typed) > LONGEST:
        return said_again(request, form, 422, _("This text is too long to be kept while you log out."))
    try:
        back = way_back(post, form)
        logout(request)
    except (OperationalError, IntegrityError):
        logger.exception("a draft could not be stored")
        return said_again(request, form, 503, NOT_STORED)
    return with_way_back(request, HttpResponseRedirect(back, status=303), back)


def post_and_form(request, post_id):
    post = Post.objects.visible_to(request.user).filter(pk=post_id).first()
    if post is None or is_locked(request, post):
        return None, None
    return post, CommentForm(request.POST, post=post, user=request.user)


def way_back(post, form):
    """The path to which a login returns; it carries a draft if there is anything to bring back."""
    kept = {name: form.data.get(name, "")[:most] for name, most in [("author", 245), ("email", 254), ("url", 400)]}
    parent = parent_of(post, form.data.get("parent", ""))
    if not (form.typed.strip() or parent or any(kept.values())):
        return f"{post.get_absolute_url()}#respond"
    # The row that brought it here is written anew: whoever goes Back finds the text there too.
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
    return draft.way_back


def parent_of(post, number):
    parent = row_id(number)
    return Comment.objects.on(post).approved().filter(pk=parent).first() if parent else None


def with_way_back(request, response, back):
    """Remember where to return to, for a login that fails so badly that it forgets."""
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


def said_again(request, form, status, why, wait=0):
    form.user = request.user  # who may have been logged out meanwhile
    form.full_clean()
    form.errors.clear()
    form.add_error(None, why)
    return again(request, form, status, wait=wait)
