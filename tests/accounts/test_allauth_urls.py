"""Our list of allauth's URLs is complete."""

import pytest
from django.urls import get_resolver
from django.urls.resolvers import URLPattern
from django.utils.module_loading import import_string

from accounts import allauth_urls


def routes(patterns, before=""):
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            yield route.replace("^", ""), pattern.name
        else:
            yield from routes(pattern.url_patterns, route)


def test_every_url_of_allauth_is_here():
    theirs = {found for found in routes(get_resolver("allauth.urls").url_patterns) if found[0][:7] != "social/"}
    ours = set(routes(allauth_urls.urlpatterns))
    assert ours == theirs
    assert len(ours) > 40


@pytest.mark.parametrize("pattern", [*allauth_urls.second_factors, *allauth_urls.passkeys], ids=lambda url: url.name)
def test_views_that_are_imported_at_their_first_request_exist(pattern):
    assert callable(import_string(pattern.callback.__doc__))
