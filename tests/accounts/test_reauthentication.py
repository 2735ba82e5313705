"""Before an account is changed, who sits at it shows once more that it is theirs: also who has no password."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY

from core.models import Email


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_HOST = "localhost"


def let_time_pass(client):
    """Six minutes later."""
    session = client.session
    records = session[AUTHENTICATION_METHODS_SESSION_KEY]
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [record | {"at": record["at"] - 360} for record in records]
    session.save()


@pytest.fixture
def ann(client, log_in, logged_in):
    """A reader who came by Google a while ago."""
    log_in("google", "ann")
    let_time_pass(client)
    return logged_in(client)


def connect(client, stand_in, start, provider="github", who="ann"):
    page = start(client, provider, next="/accounts/3rdparty/", process="connect")
    back = urlsplit(stand_in.choose(page.context["address"], who))
    return client.get(f"{back.path}?{back.query}")


def prove_at(client, stand_in, provider, who, next=""):
    page = client.post(f"/accounts/reauthenticate/again/{provider}/", {"next": next})
    back = urlsplit(stand_in.choose(page.context["address"], who))
    return client.get(client.get(f"{back.path}?{back.query}")["Location"])


def test_a_fresh_login_is_proof_enough(client, log_in, logged_in, stand_in, start):
    log_in("google", "ann")
    connect(client, stand_in, start)
    assert logged_in(client).socialaccount_set.count() == 2


def test_later_connecting_asks_first(client, ann, stand_in, start):
    answer = connect(client, stand_in, start)
    assert answer["Location"] == "/accounts/reauthenticate/"
    page = client.get(answer["Location"], follow=True)
    assert "Log in at Google again" in page.content.decode()
    assert ann.socialaccount_set.count() == 1


def test_logging_in_at_the_provider_again_goes_on_with_it(client, ann, logged_in, stand_in, start):
    connect(client, stand_in, start)
    answer = prove_at(client, stand_in, "google", "ann")
    assert answer["Location"] == "/accounts/3rdparty/"
    assert {account.provider for account in ann.socialaccount_set.all()} == {"google", "github"}
    assert logged_in(client) == ann


def test_somebody_elses_login_proves_nothing_and_changes_nobody(client, ann, logged_in, people, stand_in, start):
    connect(client, stand_in, start)
    before = people.count()
    answer = prove_at(client, stand_in, "google", "bob")
    assert "another account than the one" in answer.content.decode()
    assert (logged_in(client), people.count(), ann.socialaccount_set.count()) == (ann, before, 1)


def test_a_code_by_mail_goes_on_with_it(client, ann, stand_in, start):
    connect(client, stand_in, start)
    client.post("/accounts/reauthenticate/again/mail/")
    email = Email.objects.get()
    assert email.to == ann.email
    code = re.search(r"^    (\S+)$", email.text, re.MULTILINE)[1]
    wrong = client.post("/accounts/reauthenticate/again/mail/", {"code": "WRONG"})
    assert "is not the code" in wrong.content.decode()
    assert client.post("/accounts/reauthenticate/again/mail/", {"code": code})["Location"] == "/accounts/3rdparty/"
    assert ann.socialaccount_set.count() == 2


def test_a_provider_that_is_not_theirs_is_no_proof(client, ann):
    assert client.post("/accounts/reauthenticate/again/github/").status_code == 404


@pytest.mark.parametrize("path", ["again/google/", "again/mail/"])
def test_looking_at_it_sends_nobody_anywhere(client, ann, path):
    assert client.get(f"/accounts/reauthenticate/{path}").status_code == 405
    assert not Email.objects.exists()


def test_a_guest_is_sent_to_log_in(client):
    for path in ["again/", "again/google/", "again/mail/"]:
        assert client.post(f"/accounts/reauthenticate/{path}")["Location"].startswith("/accounts/login/")


def test_every_dangerous_page_asks_who_has_no_password(client, ann):
    other = ann.socialaccount_set.create(provider="github", uid="77")
    for path, sent in [
        ("/accounts/email/", {"action_add": "", "email": "new@example.org"}),
        ("/accounts/3rdparty/", {"account": other.pk}),
        ("/accounts/2fa/webauthn/add/", {}),
        ("/accounts/2fa/totp/activate/", {"code": "1"}),
    ]:
        assert client.post(path, sent)["Location"].startswith("/accounts/reauthenticate/again/?next=")
    assert ann.socialaccount_set.count() == 2 and not Email.objects.exists()


def test_who_has_a_password_is_asked_for_it(client, owner, password):
    client.post("/accounts/login/", {"login": "ada@example.org", "password": password})
    answer = client.post("/accounts/email/", {"action_add": "", "email": "new@example.org"})
    assert answer["Location"].startswith("/accounts/reauthenticate/?next=")
    answer = client.post(answer["Location"], {"password": password})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert Email.objects.get().to == "new@example.org"


def left_a_draft(client):
    session = client.session
    session["last_draft"] = "/a-post/?draft=abc#respond"
    session.save()


def test_who_cancels_connecting_is_back_at_the_connections_and_still_logged_in(client, log_in, stand_in, start):
    log_in("google", "ann")
    left_a_draft(client)
    answer = connect(client, stand_in, start, who="")
    assert answer["Location"] == "/accounts/3rdparty/"
    page = client.get(answer["Location"]).content.decode()
    assert "Nothing was changed." in page and "not logged in" not in page


def test_a_service_that_breaks_while_it_is_connected_leads_back_to_the_connections(client, log_in, stand_in, start):
    log_in("google", "ann")
    left_a_draft(client)
    stand_in.breaks("github", "token_down")
    answer = connect(client, stand_in, start)
    assert answer["Location"] == "/accounts/3rdparty/"
    assert "That did not work at \u2068GitHub\u2069 this time." in client.get(answer["Location"]).content.decode()


def test_who_cancels_the_proof_is_asked_for_it_again(client, ann, logged_in, stand_in):
    left_a_draft(client)
    page = client.post("/accounts/reauthenticate/again/google/", {"next": "/accounts/email/"})
    assert page.context["back"] == "/accounts/reauthenticate/again/?next=%2Faccounts%2Femail%2F"
    back = urlsplit(stand_in.choose(page.context["address"], ""))
    answer = client.get(f"{back.path}?{back.query}")
    assert answer["Location"] == page.context["back"]
    assert "Nothing was changed." in client.get(answer["Location"]).content.decode()
    assert logged_in(client) == ann
