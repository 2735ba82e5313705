"""The Site row (title, language, timezone), and absolute URLs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any

from django.conf import settings
from django.utils import timezone, translation

from core import languages
from core.cache_version import cached_per_version
from core.models import Site


@cached_per_version()
def site() -> Site:
    """The Site row, cached and shared by all threads: do not modify it.

    To change it, get it by `Site.objects.get()`. Before the set-up, an unsaved Site with the defaults.
    """
    return Site.objects.first() or Site()


@contextmanager
def site_locale() -> Iterator[None]:
    """Activate the desk's language and the blog's timezone, whoever made the request: for what owners and moderators
    read."""
    here = site()
    with timezone.override(here.zone), translation.override(languages.desk_interface(here.language)):
        yield


def in_desk_language(view: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator: render a page in the desk's language; for pages outside /desk/ that owners open from an email."""

    @wraps(view)
    def wrapper(request: Any, *args: Any, **kwargs: Any) -> Any:
        with site_locale():
            return view(request, *args, **kwargs)

    return wrapper


def absolute_url(path: str) -> str:
    """The absolute URL of a path on this blog, from LONGRUN_URL and never from the request's Host.

    Raises ValueError for anything that does not begin with "/".
    """
    if not path.startswith("/"):
        raise ValueError(f"not a path on this blog: {path!r}")
    return f"{settings.LONGRUN_URL}{path}"
