"""The page that an invitation's link opens, where it is accepted."""

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import IntegrityError, transaction
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import roles
from accounts.forms import JoinForm
from accounts.login_codes import user_with_address
from accounts.models import Invitation
from core import cache_version
from core.models import SettingsChange


class InvitationUsed(Exception):
    """The invitation was accepted concurrently."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request, token):
    asked = Invitation.objects.meant_by(token)
    if asked is None:
        return render(request, "accounts/invitation_expired.html", status=403)
    known = user_with_address(asked.email)
    try:
        if known is None:
            return accept_as_newcomer(request, asked)
        if request.user == known:
            return take_role(request, asked)
    except InvitationUsed:
        return render(request, "accounts/invitation_expired.html", status=403)
    context = {"asked": asked, "must": "log in" if request.user.is_anonymous else "log out"}
    return render(request, "accounts/invitation.html", context | {"here": reverse("invitation", args=[token])})


def accept_as_newcomer(request, asked):
    """Create an account with a name and a password, and give it the role."""
    if request.user.is_authenticated:
        return render(request, "accounts/invitation.html", {"asked": asked, "must": "log out", "here": request.path})
    form = JoinForm(request.POST or None, email=asked.email)
    if request.method == "POST" and form.is_valid():
        person = create_staff(asked, form.cleaned_data)
        record_authentication(request, person, method="password", email=asked.email)
        return perform_login(request, Login(user=person, redirect_url=reverse("desk"), email=asked.email))
    return render(request, "accounts/invitation.html", {"asked": asked, "form": form})


def take_role(request, asked):
    """Give the role to the logged-in account, which has the invitation's address."""
    if request.method == "POST":
        with transaction.atomic():
            use_invitation(asked)
            if request.user.role != roles.OWNER:
                person = get_user_model().objects.get(pk=request.user.pk)
                before = person.get_role_display()
                person.become(asked.role)
                accepted(person, before)
            cache_version.invalidate(cache_version.EVERYTHING)
        messages.success(request, _("Welcome. This is your desk."))
        return redirect("desk")
    return render(request, "accounts/invitation.html", {"asked": asked})


def create_staff(asked, said):
    try:
        with transaction.atomic():
            use_invitation(asked)
            person = get_user_model().objects.create_user(asked.email, said["password"], name=said["name"])
            person.become(asked.role)
            accepted(person)
            # A link received by email proves the address; one that the owner passed on does not.
            EmailAddress.objects.create(user=person, email=person.email, verified=asked.mailed, primary=True)
            cache_version.invalidate(cache_version.EVERYTHING)
    except IntegrityError as error:
        raise InvitationUsed from error
    return person


def accepted(person, before=""):
    """Log the change of the role, made by the person who accepted."""
    change = [[_("Role"), str(before), str(person.get_role_display())]]
    SettingsChange.record(person, SettingsChange.Area.PEOPLE, change, about=person.name)


def use_invitation(asked):
    if not asked.take():
        raise InvitationUsed
