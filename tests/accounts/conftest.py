from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.cache import cache

PASSWORD = "a quiet lamp on the table"


@pytest.fixture(autouse=True)
def nobody_is_too_fast_yet():
    cache.clear()


@pytest.fixture
def people():
    return get_user_model().objects


@pytest.fixture(autouse=True)
def owner(db, people):
    ada = people.create_owner("ada@example.org", PASSWORD, name="Ada", handle="ada")
    EmailAddress.objects.create(user=ada, email=ada.email, verified=True, primary=True)
    return ada


@pytest.fixture
def password():
    return PASSWORD


@pytest.fixture
def start():
    """Press a provider's button: the page "Connecting to …" answers."""

    def press(client, provider, next="/somewhere/#respond", **more):
        return client.post(login_address(provider), {"next": next, **more})

    return press


@pytest.fixture
def log_in(client, stand_in, start):
    """The whole way: button, provider's page, and back."""

    def go(provider, who, client=client, next="/somewhere/#respond", **more):
        page = start(client, provider, next, **more)
        back = urlsplit(stand_in.choose(page.context["address"], who))
        return client.get(f"{back.path}?{back.query}")

    return go


def login_address(provider):
    where = f"oidc/{provider}" if provider in ("oidc", "wordpress-com") else provider
    return f"/accounts/{where}/login/"


@pytest.fixture
def logged_in():
    """The person whom this browser is logged in as, or None."""

    def who(client):
        number = client.session.get("_auth_user_id")
        return get_user_model().objects.get(pk=number) if number else None

    return who
