"""The one door of the desk: who comes in, and what becomes of text that arrives after a login has ended."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import cache_control

LABELS = {
    "title": gettext_lazy("Title"),
    "source": gettext_lazy("Text"),
    "excerpt": gettext_lazy("Excerpt"),
    "text": gettext_lazy("Text"),
}
SECRET = ("password", "csrfmiddlewaretoken")


def at_the_desk(permission="core.use_desk"):
    """Lets a view answer people who have `permission`; guests are sent to log in, everybody else gets a 403.

    A guest who sends a form was logged in when they opened it: they get back what they typed.
    """

    def guarded(view):
        @wraps(view)
        @cache_control(private=True, no_store=True)
        def wrapper(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return keep_typed(request) if request.method == "POST" else redirect_to_login(request.get_full_path())
            if not (request.user.has_perm("core.use_desk") and request.user.has_perm(permission)):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return wrapper

    return guarded


def typed(request):
    """What a form brought, as (name, value), without secrets and without the button."""
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "action" and not any(secret in name for secret in SECRET)
    ]


def keep_typed(request, *, gone=False):
    """The page that gives back what somebody typed: their login or their form has expired, the post is gone, or it
    is not theirs to change any more. Its button leads to the write page, with the text."""
    fields = typed(request)
    context = {
        "texts": [(name, LABELS.get(name, name), value) for name, value in fields if is_text(name, value)],
        "rest": [(name, value) for name, value in fields if not is_text(name, value)],
        "files_lost": bool(request.FILES),
        "gone": gone,
        "may_not": request.user.is_authenticated and not gone,
        "go_on": reverse("write") if request.user.is_authenticated else request.get_full_path(),
    }
    return render(request, "desk/kept.html", context, status=404 if gone else 403)


def is_text(name, value):
    return name in LABELS or "\n" in value or len(value) > 60
