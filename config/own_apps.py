"""The desk's pages of the apps in LONGRUN_APPS."""

from importlib import import_module
from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured
from django.urls import URLPattern, include, path

from blog.desk.access import at_the_desk
from core.own_apps import desk_permission, own_apps


def desk_urls():
    """The pages of each app with a module `urls`, at /desk/apps/LABEL/. Whoever opens one needs the app's
    `desk_permission`, whatever its view asks besides."""
    return [
        path(f"desk/apps/{config.label}/", include((guarded(config), config.label)))
        for config in own_apps()
        if find_spec(f"{config.name}.urls")
    ]


def guarded(config):
    guard, found = at_the_desk(desk_permission(config)), []
    for pattern in import_module(f"{config.name}.urls").urlpatterns:
        if not isinstance(pattern, URLPattern):
            raise ImproperlyConfigured(f"{config.name}.urls: each pattern needs a view; no include() there.")
        found.append(URLPattern(pattern.pattern, guard(pattern.callback), pattern.default_args, pattern.name))
    return found
