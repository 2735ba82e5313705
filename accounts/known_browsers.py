"""A signed cookie marks browsers that have logged in with a password, so that strangers' wrong attempts, which count
towards the rate limit of the address, do not lock them out."""

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from core.cookies import KNOWN_BROWSER
from core.email_addresses import normalize_email


def is_known(request, email):
    """Whether somebody logged in with this email address in this browser before."""
    known = request.get_signed_cookie(KNOWN_BROWSER.name, "", salt=KNOWN_BROWSER.name, max_age=KNOWN_BROWSER.seconds)
    return bool(email) and constant_time_compare(known, email_hash(email))


def remember(response, user):
    response.set_signed_cookie(
        KNOWN_BROWSER.name,
        email_hash(normalize_email(user.email)),
        salt=KNOWN_BROWSER.name,
        max_age=KNOWN_BROWSER.seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.LONGRUN_HTTPS,
    )


def email_hash(email):
    return salted_hmac("accounts.known_browsers", email, algorithm="sha256").hexdigest()[:32]
