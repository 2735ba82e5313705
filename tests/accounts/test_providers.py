"""Logging in at each provider, each with its own shape of answers, over real HTTP against the stand-in."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialLogin

from core.models import Site

EVERY = ["google", "facebook", "twitter_oauth2", "github", "wordpress-com", "oidc"]
NAMES = {
    "google": "Google",
    "facebook": "Facebook",
    "twitter_oauth2": "X",
    "github": "GitHub",
    "wordpress-com": "WordPress.com",
    "oidc": "Example ID",
}
CHECKED_ADDRESS = {"google", "github", "wordpress-com", "oidc"}  # X gives none, Facebook's is unchecked
every_provider = pytest.mark.parametrize("provider", EVERY)


@every_provider
def test_a_reader_logs_in_and_is_back_at_the_form(client, provider, log_in, logged_in):
    answer = log_in(provider, "ann")
    assert (answer.status_code, answer["Location"]) == (302, "/somewhere/#respond")
    ann = logged_in(client)
    assert (ann.name, ann.role, ann.handle) == ("Ann Reader", "reader", None)
    assert ann.email == ("ann@example.org" if provider in CHECKED_ADDRESS else None)
    assert not ann.has_usable_password()


@every_provider
def test_the_session_knows_which_account_it_is(client, provider, log_in):
    log_in(provider, "ann")
    known = client.session["logged_in_with"]
    assert (known["id"], known["name"], known["person"]) == (provider, NAMES[provider], "Ann Reader")
    assert known["picture"].startswith("http")
    assert known["profile"] == {
        "github": "https://github.com/ann",
        "twitter_oauth2": "https://x.com/ann",
    }.get(provider, "")


@every_provider
def test_the_same_person_is_the_same_account_the_next_time(client, provider, log_in, logged_in, people):
    log_in(provider, "ann")
    first = logged_in(client)
    client.logout()
    log_in(provider, "ann")
    assert logged_in(client) == first
    assert people.filter(name="Ann Reader").count() == 1


@every_provider
def test_only_what_is_shown_is_kept_of_a_providers_answer(client, provider, log_in):
    log_in(provider, "ann")
    client.logout()
    log_in(provider, "ann")  # allauth stores the answer anew at each login
    kept = SocialAccount.objects.get(provider=provider)
    assert "ann@example.org" not in str(kept.extra_data)
    assert "Ann Reader" in str(kept.extra_data)


def test_the_way_to_a_provider_speaks_the_blogs_language(client, start, blog):
    Site.objects.update(language="en-gb")
    assert '<html lang="en-gb"' in start(client, "github").content.decode()


@every_provider
def test_the_way_to_a_provider_is_a_page_with_a_link_and_cancel(client, provider, start, stand_in):
    page = start(client, provider)
    text = page.content.decode()
    assert page.status_code == 200
    assert f"Connecting to {NAMES[provider]}…" in text
    assert page["Cache-Control"] == "no-store"
    assert page.context["address"].startswith(stand_in.url)
    assert 'href="/somewhere/#respond"' in text
    assert 'http-equiv="refresh"' in text


@every_provider
def test_a_get_asks_before_it_goes_anywhere(client, provider):
    from tests.accounts.conftest import login_address

    page = client.get(login_address(provider))
    assert page.status_code == 200
    assert NAMES[provider] in page.content.decode()
    assert "Continue" in page.content.decode()


def test_the_number_counts_and_not_the_address(client, stand_in, log_in, logged_in, people):
    log_in("oidc", "ann")
    ann = logged_in(client)
    client.logout()
    stand_in.person("ann", email="new@example.org", name="Ann Renamed")
    log_in("oidc", "ann")
    assert logged_in(client) == ann
    assert people.get(pk=ann.pk).email == "ann@example.org"


def test_another_number_with_the_same_address_is_another_person(client, stand_in, log_in, logged_in):
    log_in("oidc", "ann")
    ann = logged_in(client)
    client.logout()
    stand_in.person("ann", number="9999")
    log_in("oidc", "ann")
    assert logged_in(client) not in (None, ann)
    assert logged_in(client).email is None


def test_a_second_provider_with_the_same_address_makes_a_new_account_without_it(client, log_in, logged_in):
    log_in("google", "ann")
    at_google = logged_in(client)
    client.logout()
    answer = log_in("github", "ann")
    assert answer["Location"] == "/somewhere/#respond"
    at_github = logged_in(client)
    assert at_github not in (None, at_google)
    assert (at_google.email, at_github.email) == ("ann@example.org", None)


@every_provider
def test_a_login_with_the_owners_address_never_becomes_the_owner(client, provider, stand_in, log_in, logged_in, owner):
    stand_in.person("mallory", number="666", login="mallory", name="Ada", email="ADA@example.org")
    log_in(provider, "mallory")
    mallory = logged_in(client)
    assert mallory != owner
    assert (mallory.role, mallory.email) == ("reader", None)
    owner.refresh_from_db()
    assert owner.has_usable_password()
    assert EmailAddress.objects.filter(email="ada@example.org").get().user == owner


def test_an_address_that_is_taken_at_this_moment_stays_theirs(client, log_in, logged_in, people, monkeypatch):
    def somebody_is_quicker(self, request, user):
        if user.email:
            people.create_user(user.email, name="Quicker")

    monkeypatch.setattr("accounts.adapters.AccountAdapter.populate_username", somebody_is_quicker)
    assert log_in("oidc", "ann")["Location"] == "/somewhere/#respond"
    assert (logged_in(client).name, logged_in(client).email) == ("Ann Reader", None)


def test_the_same_person_twice_at_this_very_moment_is_one_account(client, log_in, people, monkeypatch):
    log_in("oidc", "ann")
    client.logout()
    monkeypatch.setattr(SocialLogin, "_lookup_by_socialaccount", lambda self: False)
    answer = log_in("oidc", "ann")
    assert answer["Location"] == "/somewhere/#respond"
    assert people.filter(name="Ann Reader").count() == 1


def test_an_unchecked_address_is_not_believed(client, stand_in, log_in, logged_in):
    stand_in.person("ann", verified=False)
    log_in("oidc", "ann")
    assert logged_in(client).email is None
    assert not EmailAddress.objects.filter(user=logged_in(client)).exists()


def test_a_look_alike_address_is_not_believed(client, stand_in, log_in, logged_in):
    stand_in.person("mallory", number="666", login="m", name="M", email="o\u212asana@example.org")
    log_in("oidc", "mallory")
    assert logged_in(client).email is None


def test_somebody_without_an_address_is_welcome(client, log_in, logged_in):
    log_in("github", "olga")
    assert (logged_in(client).name, logged_in(client).email) == ("Olga Without", "1003+olga@users.noreply.github.com")
    client.logout()
    log_in("oidc", "olga")
    assert (logged_in(client).name, logged_in(client).email) == ("Olga Without", None)


def test_the_session_gets_a_new_number_at_login(client, stand_in, log_in):
    client.post("/accounts/oidc/oidc/login/")
    before = client.session.session_key
    log_in("oidc", "ann")
    assert client.session.session_key not in (None, before)


def test_the_owner_who_logs_in_as_a_reader_is_logged_out(client, owner, log_in, logged_in):
    client.force_login(owner)
    log_in("oidc", "ann")
    assert logged_in(client).name == "Ann Reader"


def test_two_tabs_with_two_providers_both_arrive(client, stand_in, start, logged_in):
    one, two = start(client, "google", "/one/"), start(client, "github", "/two/")
    for page, back in [(one, "/one/"), (two, "/two/")]:
        answer = client.get(stand_in.choose(page.context["address"], "ann"))
        assert answer["Location"] == back


def test_the_code_is_bound_to_this_login(start, client, stand_in):
    for provider in ["google", "twitter_oauth2", "wordpress-com", "oidc"]:
        assert "code_challenge_method=S256" in start(client, provider).context["address"]


def test_a_provider_without_keys_has_no_pages(client, settings):
    settings.SOCIALACCOUNT_PROVIDERS = {}
    assert client.get("/accounts/google/login/").status_code == 404
    assert client.post("/accounts/google/login/").status_code == 404
    assert client.get("/accounts/oidc/nobody/login/").status_code == 404
    assert client.get("/accounts/github/login/callback/?code=1&state=2").status_code == 404


@pytest.mark.parametrize("path", ["google/login/token/", "facebook/login/token/"])
def test_a_token_from_a_script_logs_nobody_in(client, path):
    assert client.post(f"/accounts/{path}", {"credential": "x", "access_token": "x"}).status_code == 404


def test_a_closed_account_stays_closed(client, log_in, logged_in):
    log_in("oidc", "ann")
    ann = logged_in(client)
    ann.is_active = False
    ann.save()
    client.logout()
    log_in("oidc", "ann")
    assert logged_in(client) is None


def test_too_many_logins_are_asked_to_wait(client, start):
    for _ in range(10):
        assert start(client, "oidc").status_code == 200
    page = start(client, "oidc")
    assert page.status_code == 429
    assert int(page["Retry-After"]) > 0
    assert 'href="/somewhere/#respond"' in page.content.decode()


def test_the_tests_never_leave_this_machine():
    from allauth.socialaccount.adapter import get_adapter

    with pytest.raises(AssertionError), get_adapter().get_requests_session() as session:
        session.get("https://accounts.google.com/")
