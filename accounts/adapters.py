"""allauth's adapters: who may log in, with which name and email address, and where to redirect afterwards."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse, ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts import (
    avatars,
    known_browsers,
    login_return,
    merge_accounts,
    pending_logins,
    provider_profile,
    reauthentication,
)
from core import dates, mail, rate_limits
from core.email_addresses import normalize_email
from core.models import Email
from core.refusals import log_refusal
from core.request import client_address, client_network
from core.site import absolute_url, site
from core.text import tidy_line


def redirects_to_desk(response):
    return urlsplit(response.get("Location", "")).path.startswith(reverse("desk"))


class AccountAdapter(DefaultAccountAdapter):
    """Only staff have passwords; readers log in by a provider or by a code sent by email."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "too_many_login_attempts": gettext_lazy(
            "Too many wrong passwords. Wait a few minutes, or log in with a passkey, with a code by email, or by "
            "the link that “manage.py login_link” prints."
        )
    }

    def is_open_for_signup(self, request):
        return False

    def get_client_ip(self, request):
        return client_address(request) or "::"  # clients of a Unix socket have no address

    def is_safe_url(self, url):
        """Whether the URL is on this blog's host."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={settings.LONGRUN_HOST}, require_https=settings.LONGRUN_HTTPS
        )

    def get_login_redirect_url(self, request):
        return reverse("desk") if request.user.has_perm("core.use_desk") else reverse("home")

    def pre_authenticate(self, request, **credentials):
        """Rate limit wrong passwords per email address and network, so that strangers cannot lock the owner out.

        A browser that has logged in with this address before is exempt; allauth's limit per network still applies.
        """
        super().pre_authenticate(request, **credentials)
        self.counted = ()
        email = normalize_email(credentials.get("email") or credentials.get("username") or "")
        if known_browsers.is_known(request, email):
            return
        tries = ("password", f"{email} {client_network(request)}"), ("password_address", email)
        if rate_limits.hit_all(*tries):
            log_refusal(request.META, "login")
            raise self.validation_error("too_many_login_attempts")
        self.counted = tries

    def authenticate(self, request, **credentials):
        """Undo the rate limit's hits if the password is right."""
        user = super().authenticate(request, **credentials)
        if user:
            rate_limits.undo_hits(*self.counted)
        return user

    def authentication_failed(self, request, **credentials):
        super().authentication_failed(request, **credentials)
        log_refusal(request.META, "login")

    def post_login(self, request, user, *, signal_kwargs=None, **kwargs):
        """Store the login provider in the session (the comment form shows it) and have the avatar fetched."""
        login = (signal_kwargs or {}).get("sociallogin")
        came_by = provider_profile.session_data(login) if login else {}
        request.session["logged_in_with"] = came_by
        avatars.request_avatar(user, came_by.get("picture"))
        response = super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)
        if redirects_to_desk(response) and not user.has_perm("core.use_desk"):
            response = redirect("account")  # a reader who logged in from a page of the desk
        if user.has_usable_password():
            known_browsers.remember(response, user)
        return response

    # Reauthentication before an account is changed.

    def is_reauthentication_required(self, *, app, **kwargs):
        if not reauthentication.is_fresh(self.request):
            raise ReauthenticationRequired
        if not self.request.user.has_usable_password():
            return False  # a recent login is enough, even if they have a passkey
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user):
        ways = super().get_reauthentication_methods(user)
        if user.is_authenticated and not user.has_usable_password():
            ways.append({"id": "log_in_again", "description": _("Log in once more"), "url": reverse("reauthenticate")})
        return ways

    def get_login_stages(self):
        """Leave out email verification: nobody can sign up with an unconfirmed address."""
        mine = {"allauth.mfa.stages.AuthenticateStage": "accounts.login_stages.SecondFactorStage"}
        stages = [mine.get(stage, stage) for stage in super().get_login_stages()]
        return [stage for stage in stages if not stage.endswith(".EmailVerificationStage")]

    # Emails are queued in the email log and sent by the worker, like all others.

    def send_notification_mail(self, *args, **kwargs):
        """Drop notifications while email is not set up: they would be outdated when they are sent one day."""
        if mail.is_configured():
            super().send_notification_mail(*args, **kwargs)

    def send_mail(self, template_prefix, email, context):
        letter = self.render_mail(template_prefix, email, context | {"email": email, "current_site": site()})
        return mail.queue(to=email, subject=letter.subject, text=letter.body, kind="account")

    def send_password_reset_mail(self, user, email, context):
        """For an address without an account, queue the email and delete it, so that the response takes equally long."""
        with transaction.atomic():
            letter = super().send_password_reset_mail(user, email, context)
            nobodys = Email.objects.filter(pk=0 if user.pk else letter.pk)
            nobodys._raw_delete(nobodys.db)  # one statement in both cases, for equal time

    def format_email_subject(self, subject):
        return f"[{site().title}] {subject}"

    def get_reset_password_from_key_url(self, key):
        uid, _, key = key.partition("-")
        return absolute_url(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))


class SocialAdapter(DefaultSocialAccountAdapter):
    """Readers who log in at a configured provider get an account of their own, never an existing one by email."""

    def is_open_for_signup(self, request, sociallogin):
        return True

    def can_authenticate_by_email(self, login, email):
        """Never: the provider's user id identifies a person; an email address may have had another owner."""
        return False

    def populate_user(self, request, sociallogin, data):
        """Before anything is stored: reduce the provider's data to the name, a verified address and what is shown."""
        said = sociallogin.account.extra_data
        user = sociallogin.user
        user.name = tidy_line(provider_profile.name(said) or provider_profile.name(data))[:120]
        sociallogin.email_addresses = verified_addresses(sociallogin.email_addresses, said)
        user.email = sociallogin.email_addresses[0].email if sociallogin.email_addresses else None
        sociallogin.account.extra_data = provider_profile.stored_claims(said)
        return user

    def pre_social_login(self, request, sociallogin):
        """Accounts are never merged by email address: a new account whose address is in use is created without it.

        A missing user id ("sub": null) is rejected, since all such logins would share one account.
        """
        if str(sociallogin.account.uid).strip() in ("", "None", "null"):
            raise ValueError(f"{sociallogin.account.provider} did not say who logged in")
        pending_logins.mark_finished(request)
        reauthentication.handle_login(request, sociallogin)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            offer_merge(request, sociallogin)
            return
        if sociallogin.is_existing:
            return
        if any(is_address_in_use(address.email) for address in sociallogin.email_addresses):
            remove_address(sociallogin)

    def save_user(self, request, sociallogin, form=None):
        """Save a new account; if its address was taken concurrently, save it without the address."""
        try:
            with transaction.atomic():
                return super().save_user(request, sociallogin, form)
        except IntegrityError:
            remove_address(sociallogin)
            sociallogin.user.pk = sociallogin.account.pk = None
        try:
            with transaction.atomic():
                return super().save_user(request, sociallogin, form)
        except IntegrityError as error:
            raise PermissionDenied("The same person is logging in twice at once.") from error

    def generate_state_param(self, state):
        key = super().generate_state_param(state)
        pending_logins.remember(key, state)
        return key

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """After a failed or cancelled login, redirect to the form, with its text and a message."""
        if "state_id" in (extra_context or {}):
            answer = login_return.respond_to_unknown_state(request, provider)
            raise ImmediateHttpResponse(answer)
        state = (extra_context or {}).get("state") or {}
        cancelled = error == AuthError.CANCELLED
        if back := login_return.origin_page(request, state):
            login_return.add_unchanged_message(request, provider, cancelled)
            raise ImmediateHttpResponse(redirect(back))
        if back := login_return.return_path(request, state.get("next")):
            login_return.add_failure_message(request, provider, cancelled, back)
            raise ImmediateHttpResponse(redirect(back))


def verified_addresses(addresses, said):
    """[the first address that the provider has verified], or [].

    An unverified address would keep its real owner from using it. A non-ASCII address is rejected: lower-casing, done
    before it gets here, may turn it into somebody else's.
    """
    if any(not word.isascii() for word in provider_profile.addresses_in(said)):
        return []
    return [as_verified(address) for address in addresses if is_true(address.verified)][:1]


def is_true(claim):
    """Some providers send booleans as strings; the string "false" would be truthy."""
    return str(claim).lower() == "true"


def as_verified(address):
    address.verified = True
    return address


def offer_merge(request, sociallogin):
    """The provider account to connect belongs to another user: the person controls both, so offer to merge them."""
    both = request.user.is_authenticated and sociallogin.is_existing and sociallogin.user != request.user
    if not both:
        return
    if merge_accounts.offer(request, sociallogin.user):
        raise ImmediateHttpResponse(redirect("merge_accounts"))
    if merge_accounts.has_second_factor(sociallogin.user):
        messages.warning(
            request,
            _("The other account asks for an authenticator app too. Turn that off there, and the two can be merged."),
        )
        raise ImmediateHttpResponse(redirect("socialaccount_connections"))


def is_address_in_use(email):
    email = normalize_email(email)
    people = get_user_model().objects.with_address(email)
    return people.exists() or EmailAddress.objects.filter(email=email).exists()


def remove_address(sociallogin):
    sociallogin.email_addresses = []
    sociallogin.user.email = None


class MFAAdapter(DefaultMFAAdapter):
    """Names passkeys and authenticator apps by the blog's title and host."""

    def get_totp_issuer(self):
        return site().title or settings.LONGRUN_HOST

    def get_totp_label(self, user):
        return user.email or user.name

    def get_public_key_credential_rp_entity(self):
        return {"id": urlsplit(settings.LONGRUN_URL).hostname, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user):
        return super().get_public_key_credential_user_entity(user) | {"name": self.get_totp_label(user)}

    def generate_authenticator_name(self, user, type):
        return _("Passkey of %(day)s") % {"day": dates.short_day(localdate())}
