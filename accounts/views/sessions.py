from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST


@require_POST
@login_required
def end_session(request, pk):
    """Log the user out in one of their browsers, this one or another."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    is_here = session.session_key == request.session.session_key
    session.end()
    if is_here:
        return redirect("home")
    messages.success(request, _("That browser is logged out."))
    return redirect("usersessions_list")
