"""The red switch: hold everything, or close everything, for some hours."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.guard import at_the_desk
from comments.desk.piles import back
from comments.models import Discussion

HOURS = [1, 4, 12, 24]


@at_the_desk("comments.moderate")
@require_POST
def switch(request):
    """`do` is "hold 4", "close 4" or "off"."""
    if throw(request.POST.get("do", "")):
        messages.success(request, said())
    return redirect(back(request))


def throw(words):
    """Do what a button says; False for nonsense."""
    what, _space, hours = words.partition(" ")
    if what == "off":
        Discussion.throw_switch(Discussion.Switch.OFF)
    elif what in ("hold", "close") and hours in map(str, HOURS):
        Discussion.throw_switch(what, int(hours))
    else:
        return False
    return True


def said():
    now = Discussion.objects.get()
    if now.switched == Discussion.Switch.HOLD:
        return _("Every comment waits now, until the hours are over.")
    if now.switched == Discussion.Switch.CLOSE:
        return _("Nobody can comment now, until the hours are over.")
    return _("Comments are received as usual.")
