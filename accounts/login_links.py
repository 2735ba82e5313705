"""One-time login links: signed, valid for fifteen minutes, invalid after their first use.

Only somebody with access to the server can make one, so it also allows setting a new password (`may_set_password`).
The second factor is still asked for, unless the link was made without it.
"""

import time

from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from core.site import absolute_url

SALT = "accounts.login_link"
MINUTES = 15
PROVED_KEY = "password_by_link"  # session key: the time of a login by link


def create_link(person, *, without_second_factor=False):
    token = signing.dumps([person.pk, _now(person), without_second_factor], salt=SALT)
    return absolute_url(reverse("login_link", kwargs={"token": token}))


def read_link(token):
    """(the person to log in, whether to skip the second factor); (None, False) if it is forged, too old or used."""
    try:
        pk, then, without_second_factor = signing.loads(token, salt=SALT, max_age=MINUTES * 60)
    except (signing.BadSignature, ValueError):
        return None, False
    person = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if person is None or not constant_time_compare(then, _now(person)):
        return None, False
    return person, without_second_factor


def use_link(person):
    """Invalidate all links of this person. Of several concurrent requests exactly one gets True."""
    unused = get_user_model().objects.filter(pk=person.pk, last_login=person.last_login, password=person.password)
    return unused.update(last_login=timezone.now()) == 1


def remember_proof(request):
    request.session[PROVED_KEY] = time.time()


def may_set_password(request):
    """Whether this session logged in by a link in the last MINUTES, and may set a password without the old one."""
    return time.time() - request.session.get(PROVED_KEY, 0) < MINUTES * 60


def _now(person):
    """A hash that changes with every login, password and role, so that older links become invalid."""
    return salted_hmac(SALT, f"{person.last_login}|{person.password}|{person.role}", algorithm="sha256").hexdigest()
