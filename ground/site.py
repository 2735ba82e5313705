"""The blog's one row of facts, and its address."""

from django.conf import settings

from ground.generation import kept_for_generation
from ground.models import Site


@kept_for_generation
def site() -> Site:
    """The Site row, shared by all threads for one generation: read it, never change it.

    Who changes it takes `Site.objects.get()`. Before the set-up it is an unsaved Site with the defaults.
    """
    return Site.objects.first() or Site()


def absolute(path: str) -> str:
    """The full address of a path on this blog, from LONGRUN_URL and never from the request's Host.

    Raises ValueError for anything that does not begin with "/".
    """
    if not path.startswith("/"):
        raise ValueError(f"not a path on this blog: {path!r}")
    return settings.LONGRUN_URL + path
