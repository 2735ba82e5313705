"""The blog's one row of facts, and its address."""

from contextlib import contextmanager
from functools import wraps

from django.conf import settings
from django.utils import timezone, translation

from core import languages
from core.cache_version import kept_for_generation
from core.models import Site


@kept_for_generation
def site() -> Site:
    """The Site row, shared by all threads for one generation: read it, never change it.

    Who changes it takes `Site.objects.get()`. Before the set-up it is an unsaved Site with the defaults.
    """
    return Site.objects.first() or Site()


@contextmanager
def at_home():
    """In the desk's language and the blog's timezone: for what owners and moderators read, whoever caused it."""
    here = site()
    with timezone.override(here.zone), translation.override(languages.desk_interface(here.language)):
        yield


def in_desk_language(view):
    """A decorator for pages that owners and moderators open from an email, outside of /desk/."""

    @wraps(view)
    def wrapper(request, *args, **kwargs):
        with at_home():
            return view(request, *args, **kwargs)

    return wrapper


def absolute(path: str) -> str:
    """The full address of a path on this blog, from LONGRUN_URL and never from the request's Host.

    Raises ValueError for anything that does not begin with "/".
    """
    if not path.startswith("/"):
        raise ValueError(f"not a path on this blog: {path!r}")
    return settings.LONGRUN_URL + path
