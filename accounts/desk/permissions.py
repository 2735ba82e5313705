from functools import wraps

from allauth.account.decorators import reauthentication_required
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.views.decorators.cache import cache_control


def owner_required(view):
    """Decorator: guests are redirected to log in, non-owners get 403, and a POST needs reauthentication."""

    @wraps(view)
    @cache_control(private=True, no_store=True)
    @login_required
    def wrapper(request, *args, **kwargs):
        if not request.user.has_perm("accounts.manage_people"):
            raise PermissionDenied
        return proven(request, *args, **kwargs)

    proven = reauthentication_required(view, allow_get=True)
    return wrapper
