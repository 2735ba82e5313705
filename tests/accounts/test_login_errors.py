"""Cancelled, refused, down, too late: the reader is back at the form, with a plain word, and logged in as nobody."""

from datetime import timedelta
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.providers.oauth2.client import OAuth2Client
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts import jobs
from accounts.adapters import SocialAdapter
from accounts.models import LoginState
from core import anchored_messages

FORM = "/2026/11/23/a-post/?draft=abc#respond"
EVERY = ["google", "facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"]
HOME_OF = {"twitter_oauth2": "x"}
every_provider = pytest.mark.parametrize("provider", EVERY)


def return_cookie():
    answer = HttpResponse()
    answer.set_signed_cookie("longrun_return", FORM, salt="longrun_return")
    return answer.cookies["longrun_return"].value


def said(client):
    """The words that the next page shows to this visitor."""
    return [str(message) for message in anchored_messages.visible_messages(client.get("/accounts/").wsgi_request)]


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
    assert "\u2068Example ID\u2069 did not work" in said(client)[0]


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
    client.cookies["longrun_return"] = return_cookie()
    answer = client.get(stand_in.choose(page.context["address"], "ann"))
    assert answer["Location"] == FORM


def test_a_forged_cookie_leads_nowhere(client, stand_in, start):
    page = start(client, "oidc", FORM)
    client.cookies.clear()
    client.cookies["longrun_return"] = "/desk/:forged"
    assert client.get(stand_in.choose(page.context["address"], "ann")).status_code == 401


def test_without_any_way_back_a_page_explains(client, stand_in, start, logged_in):
    page = start(client, "oidc", FORM)
    client.cookies.clear()
    answer = client.get(stand_in.choose(page.context["address"], "ann"))
    assert answer.status_code == 401
    page = answer.content.decode()
    assert "ten minutes" in page and "inside other apps" in page and f'href="{FORM}"' in page
    assert f'value="http://localhost:8000{FORM}"' in page, "to be taken to another browser"
    assert logged_in(client) is None


def test_the_way_back_outlives_a_restart_and_ends_after_a_day(client, stand_in, start):
    address = stand_in.choose(start(client, "oidc", FORM).context["address"], "ann")
    client.cookies.clear()
    cache.clear()  # a restart of one machine without Redis
    assert f'href="{FORM}"' in client.get(address).content.decode()
    LoginState.objects.update(created_at=timezone.now() - timedelta(hours=23))
    jobs.delete_old_login_states()
    assert f'href="{FORM}"' in client.get(address).content.decode()
    LoginState.objects.update(created_at=timezone.now() - timedelta(hours=25))
    page = client.get(address)
    assert page.status_code == 401 and FORM not in page.content.decode()
    assert "/accounts/login/" in page.content.decode()
    jobs.delete_old_login_states()
    assert not LoginState.objects.exists()


@pytest.mark.parametrize("state", ["", "nobody's", "\ud800", "9" * 5000])
def test_a_state_that_nobody_knows_leads_to_the_login_page(client, blog, state):
    page = client.get("/accounts/oidc/oidc/login/callback/", {"code": "1", "state": state.encode(errors="replace")})
    assert page.status_code == 401 and "/accounts/login/" in page.content.decode()


@pytest.mark.parametrize(("typed", "kept"), [("/a\x00b/", "/ab/"), ("/" + "a" * 5000, None), ("", None)])
def test_what_no_database_can_hold_or_is_too_long_is_not_kept(client, stand_in, start, typed, kept):
    start(client, "oidc", typed)
    assert LoginState.objects.get().known["next"] == kept


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_lost_cookies_lead_to_no_other_host(client, stand_in, start, elsewhere):
    """Neither from the form, nor from a row that somebody changed."""
    address = stand_in.choose(start(client, "oidc", elsewhere).context["address"], "ann")
    client.cookies.clear()
    assert "evil" not in client.get(address).content.decode()
    LoginState.objects.update(known={"process": "login", "next": elsewhere, "data": None})
    page = client.get(address).content.decode()
    assert "evil" not in page and "alert(" not in page


# Two requests of one session at once: before the one is done, the other is.


@pytest.fixture
def other_first(monkeypatch):
    """`other_first(place, deed)`: as soon as a request comes to this place, the deed of another one is done."""
    places = {
        "before it takes the state": (statekit, "unstash_state"),
        "before it stores that it took it": (statekit, "_save_session"),
        "before it asks the service": (OAuth2Client, "get_access_token"),
        "before it logs in": (SocialAdapter, "pre_social_login"),
    }

    def prepare(place, deed):
        where, name = places[place]
        original, is_done = getattr(where, name), []

        def slower(*args, **kwargs):
            if not is_done:
                is_done.append(True)
                deed()
            return original(*args, **kwargs)

        monkeypatch.setattr(where, name, slower)

    return prepare


AT_ONCE = [
    "before it takes the state", "before it stores that it took it", "before it asks the service", "before it logs in",
]  # fmt: skip


@pytest.mark.parametrize("place", AT_ONCE)
@pytest.mark.parametrize("where", [FORM, ""])
def test_the_way_back_opened_twice_at_once_logs_in_and_leads_back(
    client, stand_in, start, other_first, logged_in, place, where
):
    address = stand_in.choose(start(client, "oidc", where).context["address"], "ann")
    faster = Client()
    faster.cookies = SimpleCookie({"sessionid": client.cookies["sessionid"].value})
    other_first(place, lambda: faster.get(address))
    answer = client.get(address)
    assert answer.status_code == 302, answer.content
    assert not where or answer["Location"] == FORM
    cookie = answer.cookies.get("sessionid")
    if not cookie:  # the browser has the cookie of the faster one
        client.cookies["sessionid"] = faster.cookies["sessionid"].value
    assert logged_in(client).name == "Ann Reader" and said(client) == []
    assert not cookie or cookie.value, "a slower answer must not delete the cookie of the faster one"


@pytest.mark.parametrize("place", AT_ONCE)
def test_logged_out_while_a_login_comes_back_it_is_no_bare_page(client, stand_in, start, other_first, place):
    address = stand_in.choose(start(client, "oidc", FORM).context["address"], "ann")
    other_first(place, lambda: Session.objects.all().delete())
    answer = client.get(address)
    assert (answer.status_code, answer.get("Location")) in {(302, FORM), (401, None)}


@every_provider
def test_the_way_back_opened_twice_says_nothing_wrong_to_somebody_who_is_logged_in(
    client, provider, stand_in, start, logged_in
):
    address = stand_in.choose(start(client, provider, FORM).context["address"], "ann")
    assert client.get(address)["Location"] == FORM
    somebody = logged_in(client)
    again = client.get(address)
    assert (again.status_code, again["Location"]) == (302, FORM)
    assert logged_in(client) == somebody and said(client) == []


def test_opened_at_the_same_time_the_slower_one_tells_a_guest_alone_that_it_failed(client, stand_in, start):
    """Its browser may have got the cookie of the faster one meanwhile."""
    address = stand_in.choose(start(client, "oidc", FORM).context["address"], "ann")
    slower = Client()
    slower.cookies["longrun_return"] = return_cookie()
    assert client.get(address).status_code == 302
    answer = slower.get(address)
    assert answer["Location"] == FORM
    client.cookies["messages"] = answer.cookies["messages"].value
    assert said(client) == []


def test_too_late_or_without_cookies_the_service_is_not_blamed(client, stand_in, start):
    page = start(client, "oidc", FORM)
    session = client.session
    session["last_draft"] = FORM
    session["socialaccount_states"] = {}
    session.save()
    assert client.get(stand_in.choose(page.context["address"], "ann"))["Location"] == FORM
    (why,) = said(client)
    assert "longer than ten minutes" in why and "lost its cookies" in why and "did not work" not in why


def test_a_connection_opened_twice_leads_to_the_connections(client, stand_in, start, log_in, logged_in):
    log_in("github", "ann")
    somebody = logged_in(client)
    address = stand_in.choose(start(client, "oidc", "", process="connect").context["address"], "bob")
    client.get(address)
    answer = client.get(address)
    assert answer["Location"] == "/accounts/3rdparty/" and logged_in(client) == somebody


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
