"""The user's own account: name, website and email address."""

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
    """Edit name and website; a new user who logged in by code enters their name here before the redirect to `next`."""
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
    """Change the email address; the new one replaces the old when its code is entered."""

    @method_decorator(never_cache)
    def dispatch(self, request, *args, **kwargs):
        if request.user.is_authenticated and not mail.is_configured():
            return render(request, "account/email_without_mail.html")
        return super().dispatch(request, *args, **kwargs)


email = EmailAddresses.as_view()
