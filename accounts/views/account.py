"""Somebody's own account: what they are called, and where they are reached."""

from allauth.account.utils import get_next_redirect_url
from allauth.account.views import EmailView
from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from accounts.forms import NameForm
from core import anchored_messages, mail


@never_cache
@login_required
def account(request):
    """Name and website; a newcomer by mail is asked for their name here, on the way to where they were going."""
    back = get_next_redirect_url(request) or ""
    person = get_user_model().objects.get(pk=request.user.pk)
    form = NameForm(request.POST or None, instance=person)
    if request.method == "POST" and form.is_valid():
        person.save(update_fields=["name", "website"])
        said = _("Saved. It stands beside what you write from now on.")
        anchored_messages.add(request, messages.SUCCESS, said, back)
        return redirect(back or "account")
    return render(request, "accounts/account.html", {"form": form, "next": back})


class EmailAddresses(EmailView):
    """One address; a new one takes the place of the old when its code has come back."""

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not mail.is_configured():
            return render(request, "account/email_without_mail.html")
        return super().dispatch(request, *args, **kwargs)


email = EmailAddresses.as_view()
