"""Two accounts of one person. Who is logged in to one and logs in to the other may make them one.

Never the other way round: an account of somebody who works here is not swallowed, and none is joined by address.
"""

import time

from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth import get_user_model
from django.db import transaction

from accounts import roles
from accounts.mfa import second_factors_of

KEY = "joining"
SECONDS = 600


def offer(request, other):
    """Remember that this browser has shown that both are theirs; False if the other cannot be joined."""
    if other.role != roles.READER or not other.is_active or other.has_usable_password() or has_second_factor(other):
        return False
    request.session[KEY] = {"me": request.user.pk, "other": other.pk, "at": time.time()}
    return True


def has_second_factor(other):
    """Whether it asks for more than the login that was shown: this session has not passed that."""
    return is_mfa_enabled(other, second_factors_of(other))


def offered_account(request):
    """The account that may be joined to the one that is logged in, or None."""
    said = request.session.get(KEY) or {}
    if said.get("me") != request.user.pk or time.time() - said["at"] > SECONDS:
        return None
    other = get_user_model().objects.filter(pk=said["other"], role=roles.READER, is_active=True).first()
    return None if other is None or has_second_factor(other) else other


def cancel_offer(request):
    request.session.pop(KEY, None)


def merge(user, other):
    """The services that log the other in log this one in; then the other goes.

    Its passkeys go with it: they carry its number.
    """
    with transaction.atomic():
        other.socialaccount_set.update(user=user)
        address = other.email
        other.delete()
        if address and not user.email:
            user.email = address
            user.save(update_fields=["email"])
            user.emailaddress_set.update_or_create(email=address, defaults={"verified": True, "primary": True})
