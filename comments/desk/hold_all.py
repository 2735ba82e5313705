"""The switch that holds or closes all comments for some hours. If it was changed since the page was made, nothing is
changed, and a message says who changed it and its present state."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from comments.desk.conflicts import ago
from comments.desk.filters import return_url
from comments.models import DiscussionSettings
from core.models import SettingsChange
from core.text import isolated


@at_the_desk("comments.moderate")
@require_POST
def switch(request):
    """`do` is "hold 4", "close 4" or "off"; `saw` is the state that the page showed (`switch_mark`)."""
    saw = request.POST.get("saw")
    applied = DiscussionSettings.apply_command(request.POST.get("do", ""), request.user, saw)
    now = DiscussionSettings.objects.get()
    if applied:
        messages.success(request, result_message(now))
    elif saw not in (None, now.switch_mark):
        messages.warning(
            request, f"{change_message(now, request.user)} {state_message(now)} {_('So nothing was changed.')}"
        )
    return redirect(return_url(request))


def change_message(now, user):
    """A sentence about what changed the switch since the page was made."""
    if now.switched and now.switched_by_wave:
        return _("Many similar comments came in meanwhile.")
    if now.switch and not now.switched:
        return _("The hours were over meanwhile.")
    last = SettingsChange.objects.filter(area=SettingsChange.Area.SWITCH).first()
    if last is None:
        return _("Somebody has used this switch meanwhile.")
    who = _("You") if last.by_number == user.pk else isolated(last.by_name)
    return _("%(who)s used this switch %(when)s.") % {"who": who, "when": ago(last.created_at)}


def state_message(now):
    if now.switched == DiscussionSettings.Switch.HOLD:
        return _("All comments are held for moderation now.")
    if now.switched == DiscussionSettings.Switch.CLOSE:
        return _("Comments are closed now.")
    return _("Comments are open as usual.")


def result_message(now):
    if now.switched == DiscussionSettings.Switch.HOLD:
        return _("All comments are held for moderation until then.")
    if now.switched == DiscussionSettings.Switch.CLOSE:
        return _("Comments are closed until then.")
    return _("Comments are open as usual.")
