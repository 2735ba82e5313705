"""What allauth asks us: who may come in, under which name, with which address, and where to afterwards."""

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
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from ground import mail
from ground.site import absolute, site
from ground.visitor import address
from ground.words import tidy_line

from . import codes, drafts, facts, joining, pictures, proof
from .addresses import normal
from .forms import AddressForm


class AccountAdapter(DefaultAccountAdapter):
    """Passwords are for people whom the owner made; readers come by a provider or by a code in their mail."""

    def is_open_for_signup(self, request):
        return False

    def get_client_ip(self, request):
        return address(request) or "::"  # a socket in the file system has none

    def is_safe_url(self, url):
        """Only paths of this blog: no other host, in no spelling."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={settings.LONGRUN_HOST}, require_https=settings.LONGRUN_HTTPS
        )

    def get_login_redirect_url(self, request):
        return reverse("desk") if request.user.has_perm("ground.use_desk") else reverse("home")

    def post_login(self, request, user, *, signal_kwargs=None, **kwargs):
        """Write down which service the session came by: the comment form says it. Have their picture fetched."""
        login = (signal_kwargs or {}).get("sociallogin")
        came_by = facts.of_login(login) if login else {}
        request.session["logged_in_with"] = came_by
        pictures.want(user, came_by.get("picture"))
        return super().post_login(request, user, signal_kwargs=signal_kwargs, **kwargs)

    # Who may change an account: whoever is still the person that logged in.

    def is_reauthentication_required(self, *, app, **kwargs):
        if not proof.is_fresh(self.request):
            raise ReauthenticationRequired
        if not self.request.user.has_usable_password():
            return False  # their login counts, also when they have a passkey by now
        return super().is_reauthentication_required(app=app, **kwargs)

    def get_reauthentication_methods(self, user):
        ways = super().get_reauthentication_methods(user)
        if user.is_authenticated and not user.has_usable_password():
            ways.append({"id": "proof", "description": _("Log in once more"), "url": reverse("proof")})
        return ways

    def get_login_stages(self):
        """Nobody can sign up with an address that is not theirs, so none has to be confirmed at a login."""
        mine = {"allauth.mfa.stages.AuthenticateStage": "accounts.stages.SecondLock"}
        stages = [mine.get(stage, stage) for stage in super().get_login_stages()]
        return [stage for stage in stages if not stage.endswith(".EmailVerificationStage")]

    # For other apps, which know this adapter by Django's settings alone: a code by mail, and two accounts made one.

    def offers_codes(self):
        return mail.is_configured()

    def send_login_code(self, request, email, *, name="", back=""):
        """A letter to this address, and the page that takes its code; where none can go, the page that asks for one."""
        form = AddressForm({"email": email})
        try:
            if form.is_valid():
                codes.LoginCode.begin(request, form.cleaned_data["email"], name=name, next=back)
                return redirect("login_code_enter")
        except codes.TooOften:
            messages.warning(request, codes.too_often())
        return redirect(f"{reverse('login_code')}?{urlencode({'next': back})}")

    def account_to_join(self, request):
        return joining.offered(request)

    def join_accounts(self, user, other):
        joining.absorb(user, other)

    def leave_accounts(self, request):
        joining.withdraw(request)

    # Letters go the way of all letters: a row in the ledger, sent by the worker.

    def send_notification_mail(self, *args, **kwargs):
        """News of an account that would arrive when the blog learns to send mail one day are none."""
        if mail.is_configured():
            super().send_notification_mail(*args, **kwargs)

    def send_mail(self, template_prefix, email, context):
        letter = self.render_mail(template_prefix, email, context | {"email": email, "current_site": site()})
        mail.write(to=email, subject=letter.subject, text=letter.body, kind="account")

    def format_email_subject(self, subject):
        return f"[{site().title}] {subject}"

    def get_reset_password_from_key_url(self, key):
        uid, _, key = key.partition("-")
        return absolute(reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": key}))


class SocialAdapter(DefaultSocialAccountAdapter):
    """Readers: whoever logs in at a configured provider gets an account, and never somebody else's."""

    def is_open_for_signup(self, request, sociallogin):
        return True

    def can_authenticate_by_email(self, login, email):
        """Never: who you are is the provider's number for you, not an address that was yours once."""
        return False

    def populate_user(self, request, sociallogin, data):
        """Runs before anything is stored: the name to show, an address we may believe, and nothing else."""
        said = sociallogin.account.extra_data
        user = sociallogin.user
        user.name = tidy_line(facts.name(said) or data.get("name") or "")[:120]
        sociallogin.email_addresses = believable(sociallogin.email_addresses, said)
        user.email = sociallogin.email_addresses[0].email if sociallogin.email_addresses else None
        sociallogin.account.extra_data = facts.shown(said)
        return user

    def pre_social_login(self, request, sociallogin):
        """Accounts are never joined by address: a newcomer whose address is in use comes without it."""
        proof.take(request, sociallogin)
        if sociallogin.state.get("process") == AuthProcess.CONNECT:
            offer_to_join(request, sociallogin)
            return
        if sociallogin.is_existing:
            return
        if any(in_use(address.email) for address in sociallogin.email_addresses):
            without_address(sociallogin)

    def save_user(self, request, sociallogin, form=None):
        """Store the newcomer; an address that somebody took at this very moment stays theirs."""
        try:
            with transaction.atomic():
                return super().save_user(request, sociallogin, form)
        except IntegrityError:
            without_address(sociallogin)
            sociallogin.user.pk = sociallogin.account.pk = None
        try:
            with transaction.atomic():
                return super().save_user(request, sociallogin, form)
        except IntegrityError as error:
            raise PermissionDenied("The same person is logging in twice at once.") from error

    def on_authentication_error(self, request, provider, error=None, exception=None, extra_context=None):
        """Cancelled, refused, provider down, too late: back to the form and the text, with a plain word."""
        state = (extra_context or {}).get("state") or {}
        cancelled = error == AuthError.CANCELLED
        if back := drafts.sent_by(request, state):
            drafts.say_unchanged(request, provider, cancelled)
            raise ImmediateHttpResponse(redirect(back))
        if back := drafts.way_back(request, state.get("next")):
            drafts.say_why(request, provider, cancelled)
            raise ImmediateHttpResponse(redirect(back))


def believable(addresses, said):
    """The one address that the provider itself has checked, if there is one.

    An unchecked address would keep its real owner from using it. One with letters outside ASCII may
    have become somebody else's while it was lower-cased on its way here.
    """
    if any(not word.isascii() for word in facts.addresses_in(said)):
        return []
    return [as_verified(address) for address in addresses if is_yes(address.verified)][:1]


def is_yes(claim):
    """Some services write "true" and "false" as words; any word would count as yes."""
    return str(claim).lower() == "true"


def as_verified(address):
    address.verified = True
    return address


def offer_to_join(request, sociallogin):
    """Somebody connects what logs in another account: they are logged in to both, and may make them one."""
    both = request.user.is_authenticated and sociallogin.is_existing and sociallogin.user != request.user
    if not both:
        return
    if joining.offer(request, sociallogin.user):
        raise ImmediateHttpResponse(redirect("join_accounts"))
    if joining.has_second_lock(sociallogin.user):
        messages.warning(
            request,
            _("The other account asks for an authenticator app too. Turn that off there, and the two can be made one."),
        )
        raise ImmediateHttpResponse(redirect("socialaccount_connections"))


def in_use(email):
    email = normal(email)
    people = get_user_model().objects.with_address(email)
    return people.exists() or EmailAddress.objects.filter(email=email).exists()


def without_address(sociallogin):
    sociallogin.email_addresses = []
    sociallogin.user.email = None


class KeyAdapter(DefaultMFAAdapter):
    """Passkeys and authenticator apps, under the blog's own name and address."""

    def get_totp_issuer(self):
        return site().title or settings.LONGRUN_HOST

    def get_totp_label(self, user):
        return user.email or user.name

    def get_public_key_credential_rp_entity(self):
        return {"id": urlsplit(settings.LONGRUN_URL).hostname, "name": self.get_totp_issuer()}

    def get_public_key_credential_user_entity(self, user):
        return super().get_public_key_credential_user_entity(user) | {"name": self.get_totp_label(user)}

    def generate_authenticator_name(self, user, type):
        return _("Passkey of %(day)s") % {"day": date_format(localdate(), "SHORT_DATE_FORMAT")}
