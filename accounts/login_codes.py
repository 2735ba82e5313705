"""Codes by email: for logging in without a provider, and for reauthentication without a password.

The response is the same for known and unknown addresses, and both get an email: an unknown address becomes an account
when its code is entered. Only that confirms an address.
"""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.models import EmailAddress, Login
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts.forms import AddressForm
from core import mail, rate_limits
from core.email_addresses import normalize_email
from core.refusals import log_refusal
from core.request import client_network
from core.site import site

MINUTES = 10
TRIES = 3


class TooManyCodes(Exception):
    """The rate limit of codes for this address, network or site is reached; `wait` in seconds."""

    def __init__(self, wait):
        super().__init__(wait)
        self.wait = wait


def too_many_codes_message():
    return _("Several codes were sent in a short time. Please wait a moment; the latest code still works.")


class Code(AbstractCodeVerificationProcess):
    """A code sent by email; its state is stored in the session of the browser that asked for it."""

    key = ""

    def __init__(self, request, state):
        super().__init__(max_attempts=TRIES, timeout=MINUTES * 60, state=state)
        self.request = request

    @classmethod
    def begin(cls, request, email, **facts):
        """Email a new code and store it in the session. Raises TooManyCodes."""
        code = cls(request, cls.initial_state(user=None, email=normalize_email(email)) | facts)
        code.state["code"] = get_adapter().generate_login_code()
        if wait := rate_limits.hit_all(
            ("code", code.email), ("code_network", client_network(request)), ("code_site", "")
        ):
            raise TooManyCodes(wait)
        code.send()
        code.persist()
        return code

    @classmethod
    def pending(cls, request):
        """The valid code of this session, or None."""
        state = request.session.get(cls.key)
        return cls(request, state).abort_if_invalid() if state else None

    def exceeds_tries(self):
        """Count an attempt and say whether it is one too many. The rate limit also counts concurrent requests, which
        the session does not."""
        is_too_many = bool(rate_limits.hit("code_try", f"{self.email} {self.code} {self.state['at']}"))
        if is_too_many:
            log_refusal(self.request.META, "login")
        return is_too_many

    def record_invalid_attempt(self):
        log_refusal(self.request.META, "login")
        return super().record_invalid_attempt()

    @property
    def email(self):
        return self.state["email"]

    def send(self):
        words = {"code": self.state["code"], "minutes": MINUTES, "site": site()}
        mail.queue(
            to=self.email,
            subject=_("[%(site)s] Your code: %(code)s") % {"site": site().title, "code": self.state["code"]},
            text=render_to_string(self.template, words),
            kind="code",
        )

    def persist(self):
        self.request.session[self.key] = self.state

    def abort(self):
        self.request.session.pop(self.key, None)


class LoginCode(Code):
    """Logs in the account with this address, or creates it."""

    key = "login_code"
    template = "accounts/mail/login_code.txt"

    def send(self):
        person = user_with_address(self.email)
        if person is None or person.is_active:
            super().send()

    def finish(self):
        """Log in. Returns the redirect response."""
        self.abort()
        person = user_with_address(self.email) or get_or_create_user(self.email, self.state["name"])
        record_authentication(self.request, person, method="code", email=self.email)
        back = self.state["next"] or None
        if not person.name:
            back = name_form_url(back)
        return perform_login(self.request, Login(user=person, redirect_url=back, email=self.email))


class ReauthenticationCode(Code):
    """Reauthenticates by a code sent to the account's address."""

    key = "proof_code"
    template = "accounts/mail/proof_code.txt"

    def finish(self):
        """Record the reauthentication. Returns the response of the interrupted request, or None."""
        self.abort()
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        return resume_request(self.request)


def name_form_url(back):
    return f"{reverse('account')}?{urlencode({'next': back})}" if back else reverse("account")


def user_with_address(email):
    """The account with this address, or None: the one that has confirmed it, else the one that has it."""
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return confirmed.user if confirmed else get_user_model().objects.with_address(email).first()


def get_or_create_user(email, name=""):
    """Create an account with this confirmed address; if one was created concurrently, return that."""
    try:
        with transaction.atomic():
            person = get_user_model().objects.create_user(email, name=name)
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    except IntegrityError:
        return user_with_address(email)
    return person


def send_login_code(request, email, *, name="", back=""):
    """Email a code to this address and redirect to the page where it is entered; if none can be sent, to the page that
    asks for an address. A new account is called `name`; the login returns to the path `back`."""
    form = AddressForm({"email": email})
    try:
        if form.is_valid():
            LoginCode.begin(request, form.cleaned_data["email"], name=name, next=back)
            return redirect("login_code_enter")
    except TooManyCodes:
        messages.warning(request, too_many_codes_message())
    return redirect(f"{reverse('login_code')}?{urlencode({'next': back})}")
