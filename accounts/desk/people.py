"""Who works here: helpers, what they may do, and who was asked to join them."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Case, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles
from accounts.desk.door import for_the_owner
from accounts.forms import HelperForm, InvitationForm
from accounts.models import Invitation
from ground import generation, mail


@for_the_owner
@require_http_methods(["GET", "HEAD", "POST"])
def people(request):
    """The list, and the form that invites one more."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            Invitation.objects.open().filter(email=form.cleaned_data["email"]).delete()
            invitation = form.save(commit=False)
            invitation.by = request.user
            invitation.save()
            invitation.send()
        messages.success(request, told(invitation))
        return redirect("desk_helpers")
    context = {
        "people": get_user_model().objects.helpers().order_by(by_role(), "name", "pk"),
        "invitations": Invitation.objects.open(),
        "letters_leave": mail.is_configured(),
        "form": form,
    }
    return render(request, "desk/people.html", context, status=422 if form.errors else 200)


@for_the_owner
@require_http_methods(["GET", "HEAD", "POST"])
def person(request, pk, moved):
    """One of them. `moved(path, person, public=…)` is told of an address that is no longer theirs."""
    with transaction.atomic():
        who = get_object_or_404(get_user_model().objects.helpers().select_for_update(), pk=pk)
        before = who.get_absolute_url()
        form = HelperForm(request.POST or None, instance=who)
        if request.method == "POST" and form.is_valid():
            form.save()
            if before and before != who.get_absolute_url():
                moved(before, who, public=True)
            generation.changed()
            messages.success(request, _("Saved."))
            return redirect("desk_helpers")
    context = {"who": get_user_model().objects.get(pk=pk), "form": form, "means": meaning()}
    return render(request, "desk/people_person.html", context, status=422 if form.errors else 200)


@for_the_owner
@require_POST
def withdraw(request, pk):
    Invitation.objects.open().filter(pk=pk).delete()
    messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return redirect("desk_helpers")


def told(invitation):
    if invitation.mailed:
        return _("A letter is on its way to %(email)s.") % {"email": invitation.email}
    return _("This blog sends no mail: pass the link in the list on to %(email)s yourself.") % {
        "email": invitation.email
    }


def by_role():
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(roles.NAMES)]
    return Case(*ranks, default=Value(len(ranks)))


def meaning():
    """What each role is for, in a line."""
    return [(roles.NAMES[role], line) for role, line in roles.MEANING.items()]
