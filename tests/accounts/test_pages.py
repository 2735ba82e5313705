"""Every account page wears the blog's clothes and is sound HTML."""

import html5lib
import pytest

FOR_EVERYBODY = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/done/",
    "/accounts/inactive/",
    "/accounts/google/login/",
    "/accounts/oidc/oidc/login/",
    "/accounts/3rdparty/login/cancelled/",
    "/accounts/login/code/",
]
FOR_PEOPLE = [
    "/accounts/logout/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/reauthenticate/",
    "/accounts/3rdparty/",
    "/accounts/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/sessions/",
]
AFTER_THE_PASSWORD = ["/accounts/2fa/webauthn/add/", "/accounts/2fa/totp/activate/"]


def look_at(answer, status=200):
    text = answer.content.decode()
    assert answer.status_code == status
    html5lib.HTMLParser(strict=True).parse(text)
    assert 'class="masthead"' in text
    assert text.count("<h1") == 1
    assert "Sign In" not in text
    return text


@pytest.mark.parametrize("path", FOR_EVERYBODY)
def test_a_page_for_everybody(client, settings, path):
    settings.EMAIL_HOST = "localhost"
    look_at(client.get(path))


def test_the_page_of_a_login_that_failed(client):
    look_at(client.get("/accounts/3rdparty/login/error/"), status=401)


@pytest.mark.parametrize("path", FOR_PEOPLE)
def test_a_page_for_people(client, owner, password, path, settings):
    settings.EMAIL_HOST = "localhost"
    client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
    text = look_at(client.get(path))
    assert owner.username not in text


@pytest.mark.parametrize("path", AFTER_THE_PASSWORD)
def test_a_page_that_asks_for_the_password_first(client, password, path):
    client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
    asked = client.get(path)
    assert asked["Location"].startswith("/accounts/reauthenticate/?next=")
    client.post(asked["Location"], {"password": password})
    look_at(client.get(path))


def test_the_way_through_an_email_is_sound(client, settings):
    settings.EMAIL_HOST = "localhost"
    client.post("/accounts/login/code/", {"email": "new@example.org"})
    look_at(client.get("/accounts/login/code/enter/"))
    assert "is not the code" in look_at(client.post("/accounts/login/code/enter/", {"code": "x"}))


def test_a_readers_pages_show_their_provider(client, log_in):
    log_in("github", "ann")
    assert "GitHub" in look_at(client.get("/accounts/3rdparty/"))


def test_the_login_page_offers_each_provider_as_a_button(client):
    text = look_at(client.get("/accounts/login/"))
    for name in ["Google", "Facebook", "X", "GitHub", "WordPress.com", "Example ID"]:
        assert f"<span>{name}</span></button>" in text


def test_the_way_to_a_provider_is_sound(client, start, stand_in):
    look_at(start(client, "google"))


def test_an_error_says_so_in_the_title_and_links_to_the_field(client):
    text = look_at(client.post("/accounts/login/", {"login": "no address", "password": ""}))
    assert "<title>Error:" in text.replace("\n", "")
    assert 'href="#id_login"' in text
    assert 'aria-invalid="true"' in text


def test_too_often_is_said_on_a_page_of_ours(client):
    answers = [client.post("/accounts/login/", {"login": "x@example.org", "password": "x"}) for _ in range(31)]
    look_at(answers[-1], status=429)
