"""An authenticator app beside the password, recovery codes for a lost phone; both asked for at every way in."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.test import Client

from core.models import Email


def number_now(secret):
    counter = next(iter(yield_hotp_counters_from_time()))
    return format_hotp_value(hotp_value(secret, counter))


@pytest.fixture
def secret():
    return generate_totp_secret()


@pytest.fixture
def locked(owner, secret):
    """The owner, with an app and recovery codes."""
    TOTP.activate(owner, secret)
    RecoveryCodes.activate(owner)
    return owner


def log_in(client, password, email="ada@example.org"):
    return client.post("/accounts/login/", {"login": email, "password": password})


def test_an_app_is_set_up_after_the_password_and_gives_recovery_codes(client, owner, password):
    log_in(client, password)
    asked = client.get("/accounts/2fa/totp/activate/")
    client.post(asked["Location"], {"password": password})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"<code>(\w+)</code>", page)[1]
    assert client.post("/accounts/2fa/totp/activate/", {"code": "000000"}).status_code == 200
    client.post("/accounts/2fa/totp/activate/", {"code": number_now(secret)})
    kinds = set(Authenticator.objects.filter(user=owner).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}
    codes = client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert len(re.findall(r"<li><code>", codes)) == 10


def test_the_password_alone_opens_nothing_any_more(client, locked, password, logged_in):
    assert log_in(client, password)["Location"] == "/accounts/2fa/authenticate/"
    assert logged_in(client) is None
    assert client.get("/desk/")["Location"].startswith("/accounts/login/")


def test_password_and_number_open(client, locked, password, secret, logged_in):
    log_in(client, password)
    assert client.post("/accounts/2fa/authenticate/", {"code": number_now(secret)})["Location"] == "/desk/"
    assert logged_in(client) == locked


def test_a_number_works_once(client, locked, password, secret, logged_in):
    log_in(client, password)
    number = number_now(secret)
    client.post("/accounts/2fa/authenticate/", {"code": number})
    other = Client()
    log_in(other, password)
    other.post("/accounts/2fa/authenticate/", {"code": number})
    assert logged_in(other) is None


def test_a_recovery_code_works_once(client, locked, password, logged_in):
    code = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    for browser, who in [(client, locked), (Client(), None)]:
        log_in(browser, password)
        browser.post("/accounts/2fa/authenticate/", {"code": code})
        assert logged_in(browser) == who


def test_a_wrong_number_leaves_a_line_in_the_log(client, locked, password, caplog):
    log_in(client, password)
    client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert [record.message.split()[:2] for record in caplog.records if record.name == "core.refusals"] == [
        ["refused", "login"]
    ]


def test_guessing_numbers_is_stopped(client, locked, password, secret, logged_in):
    log_in(client, password)
    for guess in range(12):
        client.post("/accounts/2fa/authenticate/", {"code": f"{guess:06}"})
    client.post("/accounts/2fa/authenticate/", {"code": number_now(secret)})
    assert logged_in(client) is None


def test_a_code_by_mail_does_not_pass_the_second_lock(client, locked, settings, logged_in):
    settings.EMAIL_HOST = "localhost"
    client.post("/accounts/login/code/", {"email": "ada@example.org"})
    code = re.search(r"^    (\S+)$", Email.objects.get().text, re.MULTILINE)[1]
    answer = client.post("/accounts/login/code/enter/", {"code": code})
    assert answer["Location"] == "/accounts/2fa/authenticate/"
    assert logged_in(client) is None


def test_a_connected_provider_does_not_pass_it_either(client, locked, log_in, logged_in):
    locked.socialaccount_set.create(provider="google", uid="1001")
    assert log_in("google", "ann")["Location"] == "/accounts/2fa/authenticate/"
    assert logged_in(client) is None


def test_a_new_password_does_not_open_it(client, locked, settings, password, logged_in):
    locked.set_password("another lamp entirely")
    locked.save()
    assert log_in(client, "another lamp entirely")["Location"] == "/accounts/2fa/authenticate/"


def test_only_who_shows_it_again_takes_the_lock_away(client, locked, password, secret):
    log_in(client, password)
    client.post("/accounts/2fa/authenticate/", {"code": number_now(secret)})
    answer = client.post("/accounts/2fa/totp/deactivate/")
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    assert Authenticator.objects.filter(type="totp").exists()
    client.post(answer["Location"], {"password": password})
    assert not Authenticator.objects.filter(type="totp").exists()


def test_for_a_reader_a_passkey_is_a_way_in_and_no_lock(client, people, log_in, logged_in):
    log_in("google", "ann")
    ann = logged_in(client)
    Authenticator.objects.create(user=ann, type="webauthn", data={"name": "Key", "credential": {}})
    client.logout()
    log_in("google", "ann")
    assert logged_in(client) == ann


def test_with_a_passkey_a_readers_login_is_still_enough_for_five_minutes(client, log_in, logged_in):
    log_in("google", "ann")
    Authenticator.objects.create(user=logged_in(client), type="webauthn", data={"name": "Key", "credential": {}})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    session = client.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 301
    session.save()
    assert client.get("/accounts/2fa/totp/activate/").status_code == 302


def test_for_who_works_here_it_is_a_lock_too(client, owner, password, logged_in):
    Authenticator.objects.create(user=owner, type="webauthn", data={"name": "Key", "credential": {}})
    assert log_in(client, password)["Location"] == "/accounts/2fa/authenticate/"
    assert logged_in(client) is None


def test_a_passkey_that_nobody_made_logs_nobody_in(client, owner, logged_in):
    client.get("/accounts/2fa/webauthn/login/", headers={"accept": "application/json"})
    for credential in [
        "",
        "x",
        "{}",
        '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ"}}',
    ]:
        answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential})
        assert answer.status_code in (302, 429)
    assert logged_in(client) is None
