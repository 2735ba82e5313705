"""Accounts and what belongs to them: one of each for every role, and the POST data that changes it."""

import time
from datetime import timedelta

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.forms import HelperForm
from comments.models import Comment, Person, Subscription
from tests.rights_forms import filled

# URLs that concern only the visitor's own account, or that contain a secret which only its owner has.
WITHOUT_A_THING = (
    "my_comments", "my_comments_export", "earlier_comments", "merge_accounts", "picture", "account_login",
    "login_link", "login_code", "login_code_enter", "invitation", "account_change_password", "account_reset_password",
    "reauthenticate", "reauthenticate_by_email", "reauthenticate_at_provider", "account_logout", "account_inactive",
    "account_signup",
    "account_reauthenticate", "account_email_verification_sent", "account_set_password", "account_confirm_login_code",
    "account_reset_password_from_key_done", "account_reset_password_from_key", "account_reset_password_done",
    "mfa_index", "mfa_authenticate", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp",
    "mfa_view_recovery_codes", "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn",
    "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_login_webauthn", "socialaccount_login_cancelled",
    "socialaccount_login_error", "socialaccount_signup", "usersessions_list",
)  # fmt: skip


def belongings(person, role, post):
    """{kind: object, or list of objects} of this account."""
    address = person.email
    comment = {"post": post, "person": Person.objects.of_account(person), "name": person.name, "state": "approved"}
    follows = {"person": Person.objects.of_account(person), "address": address, "confirmed_at": timezone.now()}
    EmailAddress.objects.create(user=person, email=address, verified=True, primary=True)
    second = EmailAddress.objects.create(user=person, email=f"second-{address}", verified=False)
    session = {"user": person, "ip": "192.0.2.1", "user_agent": "Firefox", "session_key": f"session-of-{role}"}
    Session.objects.create(session_key=f"session-of-{role}", expire_date=timezone.now() + timedelta(days=1))
    return {
        "email": [second],
        "session": [UserSession.objects.create(**session)],
        "passkey": [Authenticator.objects.create(user=person, type="webauthn", data={"name": "Key"})],
        "service": [SocialAccount.objects.create(user=person, provider="github", uid=f"uid-{role}")],
        "subscription": [Subscription.objects.create(what="posts", **follows)],
        "comment of an account": [Comment.objects.create(text=f"Said by {role}", **comment)],
    }


def show_who_it_is(client, person):
    """Mark the session as reauthenticated by password just now."""
    session = client.session
    session["account_authentication_methods_user"] = str(person.pk)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()


def helper_form(account, **changes):
    return {name: value for name, value in (filled(HelperForm(instance=account)) | changes).items() if value != ""}


def bio_changed(_user, account):
    return helper_form(account, bio="Changed")


def role_taken(_user, account):
    return helper_form(account, role="contributor" if account.role != "contributor" else "author")


def closed(_user, account):
    return helper_form(account, is_active="")


def everything_changed(_user, account):
    """Data for the page of one's own account, with fields that the page must not change (role, id, others' data)."""
    others = dict.fromkeys(("pk", "id", "user", "account"), account.pk)
    return others | {"name": "Changed", "website": "", "role": "owner", "handle": "changed", "email": "x@example.org",
                     "is_active": "", "bio": "Changed", "worked_here": "on"}  # fmt: skip


def shown(account):
    """(name, website), which the account page may change; asserts that the other fields are unchanged."""
    found = type(account).objects.get(pk=account.pk)
    rest = ("role", "handle", "email", "is_active", "bio", "worked_here", "password", "username")
    assert all(getattr(found, name) == getattr(account, name) for name in rest), "more than the name was changed"
    return found.name, found.website


def address_removed(_user, address):
    return {"email": address.email, "action_remove": ""}
