"""The desk's page of login providers: for each its keys, callback URL, set-up steps and problems."""

from django.conf import settings
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts.desk.permissions import owner_required
from accounts.login_providers import SERVICES, check_provider, check_settings
from core import mail


@owner_required
@require_http_methods(["GET", "HEAD", "POST"])
def login(request):
    """GET checks the settings only; POST also contacts every provider."""
    check = check_provider if request.method == "POST" else check_settings
    context = {
        "findings": [check(service) for service in SERVICES],
        "asked": request.method == "POST",
        "email_is_configured": mail.is_configured(),
        "is_https": settings.LONGRUN_HTTPS,
    }
    return render(request, "desk/login.html", context)
