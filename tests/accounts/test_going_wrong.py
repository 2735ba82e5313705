"""Cancelled, refused, down, too late: the reader is back at the form, with a plain word, and logged in as nobody."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.signing import get_cookie_signer

FORM = "/2026/11/23/a-post/?draft=abc#respond"
EVERY = ["google", "facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"]
HOME_OF = {"twitter_oauth2": "x"}
every_provider = pytest.mark.parametrize("provider", EVERY)


def said(client):
    """The words that the next page shows."""
    return [str(message) for message in client.get("/accounts/login/").context["messages"]]


@every_provider
def test_cancel_at_the_provider_leads_back_to_the_form(client, provider, log_in, logged_in):
    answer = log_in(provider, "", next=FORM)
    assert answer["Location"] == FORM
    assert logged_in(client) is None
    assert "you cancelled" in said(client)[0]


@every_provider
def test_a_refusal_leads_back_to_the_form(client, provider, stand_in, log_in, logged_in):
    stand_in.breaks(HOME_OF.get(provider, provider), "refuse")
    answer = log_in(provider, "ann", next=FORM)
    assert answer["Location"] == FORM
    assert logged_in(client) is None
    assert "Your text is safe" in said(client)[0]


@every_provider
@pytest.mark.parametrize("trouble", ["token_down", "token_refused", "me_down"])
def test_a_provider_that_is_down_leads_back_to_the_form(client, provider, trouble, stand_in, log_in, logged_in):
    if (provider, trouble) == ("google", "me_down"):
        pytest.skip("Google says who it is in the token's own answer")
    stand_in.breaks(HOME_OF.get(provider, provider), trouble)
    answer = log_in(provider, "ann", next=FORM)
    assert answer["Location"] == FORM
    assert logged_in(client) is None
    assert "Your text is safe" in said(client)[0]


@pytest.mark.parametrize("provider", ["facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"])
def test_a_provider_that_talks_nonsense_leads_back_to_the_form(client, provider, stand_in, log_in, logged_in):
    stand_in.breaks(HOME_OF.get(provider, provider), "me_nonsense")
    session = client.session
    session["last_draft"] = FORM
    session.save()
    answer = log_in(provider, "ann", next=FORM)
    assert answer["Location"] == FORM
    assert logged_in(client) is None


def test_an_issuer_that_is_down_at_the_start_leads_back_to_the_form(client, stand_in, start):
    stand_in.breaks("oidc", "discovery_down")
    answer = start(client, "oidc", FORM)
    assert (answer.status_code, answer["Location"]) == (302, FORM)
    assert "Example ID did not work" in said(client)[0]


def test_an_issuer_at_which_nobody_listens_leads_back_to_the_form(client, settings, start, monkeypatch):
    from tests.stand_in import settings as stand_in_settings

    nowhere = f"http://127.0.0.1:{stand_in_settings.free_port()}"
    monkeypatch.setattr("tests.stand_in.adapter.settings.STAND_IN_URL", nowhere)
    settings.SOCIALACCOUNT_PROVIDERS = stand_in_settings.providers(nowhere)
    assert start(client, "oidc", FORM)["Location"] == FORM


def test_a_login_from_the_login_page_that_fails_says_so_on_a_page(client, stand_in, log_in):
    stand_in.breaks("oidc", "token_down")
    answer = log_in("oidc", "ann", next="")
    assert answer.status_code == 401
    assert "That login did not work" in answer.content.decode()
    assert "Traceback" not in answer.content.decode()


def test_a_lost_state_still_leads_back_while_the_session_lives(client, stand_in, start):
    page = start(client, "oidc", FORM)
    session = client.session
    session["last_draft"] = FORM
    del session["socialaccount_states"]
    session.save()
    answer = client.get(stand_in.choose(page.context["address"], "ann"))
    assert answer["Location"] == FORM


def test_lost_cookies_still_lead_back_by_the_signed_one(client, stand_in, start):
    page = start(client, "oidc", FORM)
    client.cookies.clear()
    client.cookies["longrun_draft"] = get_cookie_signer(salt="longrun_draft" + "longrun_draft").sign(FORM)
    answer = client.get(stand_in.choose(page.context["address"], "ann"))
    assert answer["Location"] == FORM


def test_a_forged_cookie_leads_nowhere(client, stand_in, start):
    page = start(client, "oidc", FORM)
    client.cookies.clear()
    client.cookies["longrun_draft"] = "/desk/:forged"
    assert client.get(stand_in.choose(page.context["address"], "ann")).status_code == 401


def test_without_any_way_back_a_page_explains(client, stand_in, start, logged_in):
    page = start(client, "oidc", FORM)
    client.cookies.clear()
    answer = client.get(stand_in.choose(page.context["address"], "ann"))
    assert answer.status_code == 401
    assert "ten minutes" in answer.content.decode()
    assert logged_in(client) is None


def test_a_state_works_once(client, stand_in, start, logged_in):
    page = start(client, "oidc", FORM)
    back = stand_in.choose(page.context["address"], "ann")
    assert client.get(back).status_code == 302
    client.logout()
    assert client.get(back).status_code == 401
    assert logged_in(client) is None


def test_a_state_of_another_browser_logs_nobody_in(client, stand_in, start, logged_in, client_of_mallory):
    page = start(client_of_mallory, "oidc", FORM)
    back = stand_in.choose(page.context["address"], "bob")
    assert client.get(back).status_code == 401
    assert logged_in(client) is None


def test_a_state_of_another_provider_logs_nobody_in(client, stand_in, start, logged_in):
    page = start(client, "google", FORM)
    state = parse_qs(urlsplit(page.context["address"]).query)["state"][0]
    code = parse_qs(urlsplit(stand_in.choose(start(client, "github").context["address"], "ann")).query)["code"][0]
    answer = client.get(f"/accounts/github/login/callback/?code={code}&state={state}")
    assert answer.status_code == 401
    assert logged_in(client) is None


@pytest.fixture
def client_of_mallory():
    from django.test import Client

    return Client()


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "///evil.example",
        "/\\evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "http:/evil.example",
        "javascript:alert(1)",
        "/\t/evil.example/",
        " //evil.example",
        "https://testserver@evil.example/",
        "https://testserver.evil.example/",
        "ftp://testserver/",
    ],
)
def test_a_next_on_another_host_is_dropped(client, elsewhere, log_in, start):
    assert "evil" not in start(client, "oidc", elsewhere).context["back"]
    answer = log_in("oidc", "ann", next=elsewhere)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/")
    assert "evil" not in answer["Location"]
    assert "javascript" not in answer["Location"]
