"""One-time links that log somebody in: signed, for fifteen minutes, dead after the next login."""

from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from ground.site import absolute

SALT = "accounts.login_link"
MINUTES = 15


def link_for(person):
    token = signing.dumps([person.pk, _now(person)], salt=SALT)
    return absolute(reverse("login_link", kwargs={"token": token}))


def whose(token):
    """The person whom this link logs in, or None when it is forged, too old or used."""
    try:
        pk, then = signing.loads(token, salt=SALT, max_age=MINUTES * 60)
    except signing.BadSignature:
        return None
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    return person if person and constant_time_compare(then, _now(person)) else None


def _now(person):
    """Changes with every login, password and role: a link of before is worth nothing after."""
    return salted_hmac(SALT, f"{person.last_login}|{person.password}|{person.role}", algorithm="sha256").hexdigest()
