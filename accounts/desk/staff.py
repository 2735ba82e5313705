"""The desk's pages of staff: people with a role, their permissions, and invitations."""

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Case, Value, When
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import roles, sessions
from accounts.desk.permissions import owner_required
from accounts.forms import HelperForm, InvitationForm
from accounts.models import Invitation
from core import cache_version, dates, mail
from core.models import SettingsChange
from core.models.settings_change import changed_values
from core.text import isolated


@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def staff_list(request):
    """All staff, open invitations, and the form for a new one."""
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with transaction.atomic():
            Invitation.objects.open().filter(email=form.cleaned_data["email"]).delete()
            invitation = form.save(commit=False)
            invitation.by = request.user
            invitation.save()
            invitation.send()
            asked = [[_("Invitation"), "", str(invitation.get_role_display())]]
            SettingsChange.record(request.user, SettingsChange.Area.PEOPLE, asked, about=invitation.email)
        messages.success(request, invitation_label(invitation))
        return redirect("desk_staff")
    context = {
        "people": get_user_model().objects.helpers().order_by(by_role(), "name", "pk"),
        "invitations": Invitation.objects.open(),
        "email_is_configured": mail.is_configured(),
        "form": form,
    }
    return render(request, "desk/staff_list.html", context, status=422 if form.errors else 200)


@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def staff_detail(request, pk, moved):
    """Edit one person. `moved(old_path, person, public=True)` is called when the URL of their page changes."""
    with transaction.atomic():
        who = get_object_or_404(get_user_model().objects.helpers().select_for_update(), pk=pk)
        before = who.get_absolute_url()
        form = HelperForm(request.POST or None, request.FILES or None, instance=who)
        if request.method == "POST" and form.is_valid():
            form.save()
            SettingsChange.record(request.user, SettingsChange.Area.PEOPLE, changed_values(form), about=who.name)
            if before and before != who.get_absolute_url():
                moved(before, who, public=True)
            cache_version.invalidate(cache_version.SITE)
            messages.success(request, _("Saved."))
            return redirect("desk_staff")
    context = {"who": get_user_model().objects.get(pk=pk), "form": form, "means": meaning()}
    context |= {"sessions": sessions.open_sessions(who), "here": request.session.session_key}
    return render(request, "desk/staff_detail.html", context, status=422 if form.errors else 200)


@owner_required
@require_POST
def end_sessions(request, pk, number=None):
    """Log a staff member out in one browser (`number` is its session's pk) or in all."""
    who = get_object_or_404(get_user_model().objects.helpers(), pk=pk)
    is_own = who.pk == request.user.pk
    with transaction.atomic():
        chosen = sessions.open_sessions(who)
        if number is not None:
            chosen = chosen.filter(pk=number)
        ended = sessions.end(chosen)
        browsers = [[_("Logged in"), session_label(session), _("logged out")] for session in ended]
        SettingsChange.record(request.user, SettingsChange.Area.PEOPLE, browsers, about=who.name)
    if is_own and request.session.session_key in {session.session_key for session in ended}:
        return redirect("home")
    if ended:
        told = ngettext("%(name)s is logged out in %(count)d browser.", "%(name)s is logged out in %(count)d browsers.",
                        len(ended))  # fmt: skip
        messages.success(request, told % {"name": isolated(who.name), "count": len(ended)})
    else:
        messages.info(request, _("That browser was logged out already."))
    return redirect(f"{reverse('desk_staff_member', args=[pk])}#sessions")


def session_label(session):
    """The session's browser and login time, for the log of changes."""
    since = {"moment": dates.day_and_time(localtime(session.created_at))}
    return f"{session.user_agent[:120]} · {_('Since %(moment)s') % since}"


@owner_required
@require_POST
def withdraw(request, pk):
    with transaction.atomic():
        for invitation in Invitation.objects.open().filter(pk=pk):
            withdrawn = [[_("Invitation"), str(invitation.get_role_display()), ""]]
            SettingsChange.record(request.user, SettingsChange.Area.PEOPLE, withdrawn, about=invitation.email)
            invitation.delete()
    messages.success(request, _("The invitation is withdrawn; its link opens nothing any more."))
    return redirect("desk_staff")


def invitation_label(invitation):
    if invitation.mailed:
        return _("We have sent an email to %(email)s.") % {"email": isolated(invitation.email)}
    return _("Email is not set up: pass the link in the list on to %(email)s yourself.") % {
        "email": isolated(invitation.email)
    }


def by_role():
    ranks = [When(role=role, then=Value(rank)) for rank, role in enumerate(roles.NAMES)]
    return Case(*ranks, default=Value(len(ranks)))


def meaning():
    """[(role's name, one-line description)]."""
    return [(roles.NAMES[role], line) for role, line in roles.DESCRIPTIONS.items()]
