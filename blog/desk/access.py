"""Access to the desk: permissions, and what happens to a form that is sent after the login has expired."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control

View = Callable[..., HttpResponseBase]
LABELS = {
    "title": gettext_lazy("Title"),
    "source": gettext_lazy("Text"),
    "excerpt": gettext_lazy("Excerpt"),
    "text": gettext_lazy("Text"),
}
SECRET = ("password", "csrfmiddlewaretoken")


def at_the_desk(permission: str = "core.use_desk") -> Callable[[View], View]:
    """Decorator: only users with `permission` reach the view. Guests are sent to the login, other users get a 403.

    A guest who sends a form was logged in when they opened it, so they get back what they typed.
    """

    def guarded(view: View) -> View:
        @wraps(view)
        @cache_control(private=True, no_store=True)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return keep_typed(request) if request.method == "POST" else redirect_to_login(request.get_full_path())
            if not (request.user.has_perm("core.use_desk") and request.user.has_perm(permission)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapper

    return guarded


def submitted_fields(request):
    """The fields of a form as [(name, value), …], without passwords, the CSRF token and the pressed button."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "action" and not any(secret in name for secret in SECRET)
    ]


def keep_typed(request, *, gone=False):
    """A page with the submitted text, for a form that cannot be saved: the login or the form has expired, the post is
    deleted, or the user may no longer change it. Its button opens the write page with that text."""
    fields = submitted_fields(request)
    context = {
        "texts": [(name, LABELS.get(name, name), value) for name, value in fields if is_text(name, value)],
        "rest": [(name, value) for name, value in fields if not is_text(name, value)],
        "files_lost": bool(request.FILES),
        "gone": gone,
        "may_not": request.user.is_authenticated and not gone,
        "go_on": reverse("write") if request.user.is_authenticated else request.get_full_path(),
    }
    return render(request, "desk/unsaved_form.html", context, status=404 if gone else 403)


def is_text(name, value):
    return name in LABELS or "\n" in value or len(value) > 60
