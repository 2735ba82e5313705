from django.contrib import messages
from django.contrib.auth import login
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import get_language_from_request
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from server.setup.create_site import AlreadySetUp, create_blog
from server.setup.forms import SetUpForm
from server.setup.middleware import not_set_up, owner_exists
from server.setup.setup_link import is_valid_link


@never_cache
@sensitive_post_parameters("password")
def setup_page(request, token):
    """The form that creates the owner, then logs them in and redirects to the write page."""
    if owner_exists():
        raise Http404
    if not is_valid_link(token):
        return not_set_up(request)
    form = SetUpForm(request.POST or None, initial={"language": get_language_from_request(request)})
    if not form.is_valid():
        return render(request, "setup/setup.html", {"form": form}, status=422 if form.is_bound else 200)
    try:
        owner = create_blog(**form.cleaned_data)
    except AlreadySetUp:
        return redirect("account_login")
    login(request, owner, backend="allauth.account.auth_backends.AuthenticationBackend")
    # The write page shows three next steps when this message is present.
    messages.success(request, _("Your blog is ready."), extra_tags="next-steps")
    return redirect("write")
