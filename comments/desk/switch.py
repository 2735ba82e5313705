"""The red switch: hold everything, or close everything, for some hours."""

from django.contrib import messages
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from blog.desk.guard import at_the_desk
from comments.desk.piles import back
from comments.models import Discussion


@at_the_desk("comments.moderate")
@require_POST
def switch(request):
    """`do` is "hold 4", "close 4" or "off"."""
    if Discussion.obey(request.POST.get("do", "")):
        messages.success(request, said())
    return redirect(back(request))


def said():
    now = Discussion.objects.get()
    if now.switched == Discussion.Switch.HOLD:
        return _("Every comment waits now, until the hours are over.")
    if now.switched == Discussion.Switch.CLOSE:
        return _("Nobody can comment now, until the hours are over.")
    return _("Comments are received as usual.")
