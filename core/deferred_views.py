"""Views that are imported at their first request, because they load what an idle blog does not need."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.module_loading import import_string


def view_at(name: str) -> Callable[..., HttpResponseBase]:
    """The view "package.module.view", as a view that imports it when it is called."""

    def view(request: HttpRequest, *args: Any, **options: Any) -> HttpResponseBase:
        answer: HttpResponseBase = import_string(name)(request, *args, **options)
        return answer

    view.__doc__ = name
    return view
