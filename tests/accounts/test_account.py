"""Somebody's own account: name, address, connections, sessions."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.test import Client

from core.models import Email


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_HOST = "localhost"


@pytest.fixture
def ann(client, log_in, logged_in):
    log_in("google", "ann")
    return logged_in(client)


def newest_code():
    return re.search(r"^    (\S+)$", Email.objects.latest("pk").text, re.MULTILINE)[1]


def new_address(client, email):
    return client.post("/accounts/email/", {"action_add": "", "email": email})


def confirm(client):
    return client.post("/accounts/confirm-email/", {"code": newest_code()})


def test_a_reader_changes_name_and_website(client, ann):
    client.post("/accounts/", {"name": "Ann R.", "website": "ann.example", "role": "owner", "email": "x@example.org"})
    ann.refresh_from_db()
    assert (ann.name, ann.website, ann.role) == ("Ann R.", "https://ann.example", "reader")
    assert ann.email == "ann@example.org"


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "ftp://ann.example"])
def test_a_website_is_a_website(client, ann, website):
    assert client.post("/accounts/", {"name": "Ann", "website": website}).context["form"].errors["website"]


def test_a_nameless_account_is_refused_with_what_was_typed(client, ann):
    page = client.post("/accounts/", {"name": "  ", "website": "ann.example"}).content.decode()
    assert "Error:" in page and 'value="ann.example"' in page


def test_a_guest_is_sent_to_log_in(client):
    for path in ["", "email/", "3rdparty/", "sessions/", "2fa/"]:
        assert client.get(f"/accounts/{path}")["Location"].startswith("/accounts/login/")


def test_a_new_address_counts_when_its_code_has_come_back(client, ann):
    assert new_address(client, "new@example.org")["Location"] == "/accounts/confirm-email/"
    ann.refresh_from_db()
    assert ann.email == "ann@example.org"
    confirm(client)
    ann.refresh_from_db()
    assert ann.email == "new@example.org"
    assert list(EmailAddress.objects.filter(user=ann).values_list("email", "verified")) == [("new@example.org", True)]


def test_the_old_address_is_told(client, ann):
    new_address(client, "new@example.org")
    confirm(client)
    told = Email.objects.latest("pk")
    assert told.to == "ann@example.org" and "new@example.org" in told.text


def test_somebody_elses_address_gets_the_same_answer_and_never_changes_hands(client, ann, owner):
    free = new_address(client, "free@example.org")
    taken = new_address(client, "ada@example.org")
    assert (free.status_code, free["Location"]) == (taken.status_code, taken["Location"])
    confirm(client)
    ann.refresh_from_db()
    owner.refresh_from_db()
    assert (ann.email, owner.email) == ("ann@example.org", "ada@example.org")


def test_without_mail_the_page_says_so(client, ann, settings):
    settings.EMAIL_HOST = ""
    assert "cannot send email" in client.get("/accounts/email/").content.decode()
    assert "cannot send email" in new_address(client, "new@example.org").content.decode()
    assert not Email.objects.exists()


def test_the_last_connection_of_who_has_no_password_stays(client, ann):
    client.post("/accounts/3rdparty/", {"account": ann.socialaccount_set.get().pk})
    assert ann.socialaccount_set.exists()


def test_a_connection_of_somebody_else_cannot_be_removed(client, ann, people):
    bob = people.create_user(name="Bob")
    theirs = bob.socialaccount_set.create(provider="github", uid="7")
    client.post("/accounts/3rdparty/", {"account": theirs.pk})
    assert bob.socialaccount_set.exists()


def test_logging_out_everywhere_else(client, ann, log_in, logged_in):
    elsewhere = Client(headers={"user-agent": "An old telephone"})
    log_in("google", "ann", client=elsewhere)
    page = client.get("/accounts/sessions/").content.decode()
    assert "This browser" in page and "An old telephone" in page
    client.post("/accounts/sessions/")
    assert logged_in(client) == ann
    assert elsewhere.get("/accounts/")["Location"].startswith("/accounts/login/")


def test_one_other_browser_is_logged_out(client, ann, log_in, logged_in):
    """Of three the one that was chosen; this one leads home; a stranger's is not there to be ended."""
    others = [Client(), Client()]
    for other in others:
        log_in("google", "ann", client=other)
    chosen, kept = (UserSession.objects.get(session_key=other.session.session_key) for other in others)
    assert client.get(f"/accounts/sessions/{chosen.pk}/end/").status_code == 405
    assert f"/accounts/sessions/{chosen.pk}/end/" in client.get("/accounts/sessions/").content.decode()
    assert client.post(f"/accounts/sessions/{chosen.pk}/end/")["Location"] == "/accounts/sessions/"
    assert [logged_in(each) is not None for each in (client, *others)] == [True, False, True]
    stranger = Client()
    log_in("google", "bob", client=stranger)
    assert stranger.post(f"/accounts/sessions/{kept.pk}/end/").status_code == 404
    assert Client().post(f"/accounts/sessions/{kept.pk}/end/")["Location"].startswith("/accounts/login/")
    assert others[1].post(f"/accounts/sessions/{kept.pk}/end/")["Location"] == "/"
    assert [logged_in(each) is not None for each in (client, *others)] == [True, False, False]


def test_somebody_elses_sessions_are_not_shown_and_go_on(client, ann, log_in, logged_in):
    other = Client(headers={"user-agent": "Bob's telephone"})
    log_in("github", "bob", client=other)
    assert "Bob" not in client.get("/accounts/sessions/").content.decode()
    client.post("/accounts/sessions/")
    assert logged_in(other).name == "Bob Weber"


def test_a_login_by_link_is_in_the_list_too(client, owner):
    from accounts.login_links import create_link

    browser = Client(headers={"user-agent": "A terminal"})
    browser.post(create_link(owner))
    assert "A terminal" in browser.get("/accounts/sessions/").content.decode()


def test_the_emails_have_no_words_of_the_library(client, ann):
    new_address(client, "new@example.org")
    confirm(client)
    assert "example.com" not in "".join(Email.objects.values_list("text", flat=True))
