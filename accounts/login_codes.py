"""A code by mail: the way in for whoever has none of the providers, and the proof of who has no password.

Everybody gets the same answer, and everybody a letter: an address that nobody has here yet becomes an account when
its code comes back. Only what came back is an address that we believe.
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
from core.request import client_network
from core.site import site

MINUTES = 10
TRIES = 3


class TooManyCodes(Exception):
    """No more letters to this address or for this network now; `wait` in seconds."""

    def __init__(self, wait):
        super().__init__(wait)
        self.wait = wait


def too_many_codes_message():
    return _("Several codes were sent in a short time. Please wait a moment; the latest code still works.")


class Code(AbstractCodeVerificationProcess):
    """A code on its way through somebody's mail. What is known of it lives in the session of whoever asked."""

    key = ""

    def __init__(self, request, state):
        super().__init__(max_attempts=TRIES, timeout=MINUTES * 60, state=state)
        self.request = request

    @classmethod
    def begin(cls, request, email, **facts):
        """Send a letter and remember its code. Raises TooOften."""
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
        """The code that this browser waits for, or None."""
        state = request.session.get(cls.key)
        return cls(request, state).abort_if_invalid() if state else None

    def exceeds_tries(self):
        """Counts a try where tries that are sent at once are counted one after the other; the session does not."""
        return bool(rate_limits.hit("code_try", f"{self.email} {self.code} {self.state['at']}"))

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
    """Logs in whoever has this address, or makes them an account."""

    key = "login_code"
    template = "accounts/mail/login_code.txt"

    def send(self):
        person = user_with_address(self.email)
        if person is None or person.is_active:
            super().send()

    def finish(self):
        """Log in; answers where to."""
        self.abort()
        person = user_with_address(self.email) or get_or_create_user(self.email, self.state["name"])
        record_authentication(self.request, person, method="code", email=self.email)
        back = self.state["next"] or None
        if not person.name:
            back = name_form_url(back)
        return perform_login(self.request, Login(user=person, redirect_url=back, email=self.email))


class ReauthenticationCode(Code):
    """Shows that whoever sits here still reads the mail of the account."""

    key = "proof_code"
    template = "accounts/mail/proof_code.txt"

    def finish(self):
        """Believe it; answers with what was interrupted, or None."""
        self.abort()
        record_authentication(self.request, self.request.user, method="code", reauthenticated=True)
        return resume_request(self.request)


def name_form_url(back):
    return f"{reverse('account')}?{urlencode({'next': back})}" if back else reverse("account")


def user_with_address(email):
    """The person whose address this is for certain: theirs alone, or confirmed by mail."""
    confirmed = EmailAddress.objects.filter(email=email, verified=True).select_related("user").first()
    return confirmed.user if confirmed else get_user_model().objects.with_address(email).first()


def get_or_create_user(email, name=""):
    """An account for the reader of this address; if one came into being at this moment, that one."""
    try:
        with transaction.atomic():
            person = get_user_model().objects.create_user(email, name=name)
            EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    except IntegrityError:
        return user_with_address(email)
    return person


def send_login_code(request, email, *, name="", back=""):
    """Email a code to this address, and answer with the page that takes it; with the one that asks for an address where
    no code can be sent. A newcomer is called `name`; the login returns to the path `back`."""
    form = AddressForm({"email": email})
    try:
        if form.is_valid():
            LoginCode.begin(request, form.cleaned_data["email"], name=name, next=back)
            return redirect("login_code_enter")
    except TooManyCodes:
        messages.warning(request, too_many_codes_message())
    return redirect(f"{reverse('login_code')}?{urlencode({'next': back})}")
