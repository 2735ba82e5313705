"""Merge two accounts of one person, who is logged in to one and has logged in to the other by its provider.

A staff account is never merged into another, and no accounts are merged because their email addresses are equal.
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
    """Store in the session that this browser has logged in to both; False if `other` cannot be merged."""
    if other.role != roles.READER or not other.is_active or other.has_usable_password() or has_second_factor(other):
        return False
    request.session[KEY] = {"me": request.user.pk, "other": other.pk, "at": time.time()}
    return True


def has_second_factor(other):
    """Whether `other` needs a second factor, which this session has not passed."""
    return is_mfa_enabled(other, second_factors_of(other))


def offered_account(request):
    """The account that may be merged into the current user, or None; an offer lasts SECONDS."""
    said = request.session.get(KEY) or {}
    if said.get("me") != request.user.pk or time.time() - said["at"] > SECONDS:
        return None
    other = get_user_model().objects.filter(pk=said["other"], role=roles.READER, is_active=True).first()
    return None if other is None or has_second_factor(other) else other


def cancel_offer(request):
    request.session.pop(KEY, None)


def merge(user, other):
    """Move the provider accounts of `other` to `user`, and its address if `user` has none; then delete `other`.

    Its passkeys are deleted too: they contain its user id.
    """
    with transaction.atomic():
        other.socialaccount_set.update(user=user)
        address = other.email
        other.delete()
        if address and not user.email:
            user.email = address
            user.save(update_fields=["email"])
            user.emailaddress_set.update_or_create(email=address, defaults={"verified": True, "primary": True})
