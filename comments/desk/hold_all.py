"""The red switch: hold everything, or close everything, for some hours."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.access import at_the_desk
from comments.desk.filters import back
from comments.models import DiscussionSettings


@at_the_desk("comments.moderate")
@require_POST
def switch(request):
    """`do` is "hold 4", "close 4" or "off"."""
    if DiscussionSettings.obey(request.POST.get("do", ""), request.user):
        messages.success(request, said())
    return redirect(back(request))


def said():
    now = DiscussionSettings.objects.get()
    if now.switched == DiscussionSettings.Switch.HOLD:
        return _("All comments are held for moderation until then.")
    if now.switched == DiscussionSettings.Switch.CLOSE:
        return _("Comments are closed until then.")
    return _("Comments are open as usual.")
