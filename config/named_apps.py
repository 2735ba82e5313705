"""LONGRUN_APPS: Django apps of the blog's owner, found in `apps/` of the data folder or installed beside Longrun."""

import sys
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

from config.environment import words

OURS = frozenset("accounts blog comments config core server transfer".split())


def named_apps(data):
    """The names in LONGRUN_APPS; `apps/` of the data folder is where Python looks last. Raises ImproperlyConfigured."""
    names = words("LONGRUN_APPS")
    folder = str(data / "apps")
    if names and folder not in sys.path:
        sys.path.append(folder)
    for name in names:
        package = name.partition(".apps.")[0]
        if package.partition(".")[0] in OURS:
            raise ImproperlyConfigured(f"LONGRUN_APPS has {name}, which is a name of Longrun's own: rename the app.")
        try:
            is_there = find_spec(package) is not None
        except (ImportError, ValueError):
            is_there = False
        if not is_there:
            raise ImproperlyConfigured(
                f"LONGRUN_APPS has {name}, and Python finds no package {package}: put it into {folder}, install it, or "
                "take the name out."
            )
    return names
