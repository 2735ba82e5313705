"""The blog's one row of facts, and its address."""

from contextlib import contextmanager

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
    """In the interface's language and the blog's timezone, as LocalTime does for pages: for what the worker writes."""
    here = site()
    with timezone.override(here.zone), translation.override(languages.interface(here.language)):
        yield


def absolute(path: str) -> str:
    """The full address of a path on this blog, from LONGRUN_URL and never from the request's Host.

    Raises ValueError for anything that does not begin with "/".
    """
    if not path.startswith("/"):
        raise ValueError(f"not a path on this blog: {path!r}")
    return settings.LONGRUN_URL + path
