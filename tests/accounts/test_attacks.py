"""Ways into somebody else's account, or out of one's own, that stay shut."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.db import connection, connections
from django.test import Client

from accounts.login_links import create_link, read_link, use_link

LOGIN = "/accounts/login/"
OWNER = "ada@example.org"


def path(link):
    return urlsplit(link).path


@pytest.mark.parametrize("method", ["options", "put", "patch", "delete"])
@pytest.mark.parametrize("address", ["/accounts/google/login/", "/accounts/oidc/oidc/login/", "/accounts/login/"])
def test_only_a_get_or_a_post_begins_a_login(client, stand_in, method, address):
    answer = getattr(client, method)(address)
    assert answer.status_code == 405 and "POST" in answer["Allow"]
    assert "socialaccount_states" not in client.session


@pytest.mark.parametrize("number", [None, "", "None"])
def test_a_service_that_names_nobody_logs_nobody_in(client, stand_in, log_in, logged_in, number):
    stand_in.person("ann", number=number, login="ann", email="ann@example.org", name="Ann")
    log_in("oidc", "ann")
    assert logged_in(client) is None


def test_a_reader_who_came_by_the_desks_login_is_led_to_the_account(client, people, password):
    people.create_user("rene@example.org", password, name="Rene")
    answer = client.post(f"{LOGIN}?next=/desk/", {"login": "rene@example.org", "password": password, "next": "/desk/"})
    assert answer.status_code == 302 and answer["Location"] == "/accounts/"


# The login link


def test_a_link_lets_its_owner_set_a_new_password(client, owner, logged_in):
    client.post(path(create_link(owner)))
    form = client.get("/accounts/password/change/").content.decode()
    assert "oldpassword" not in form and 'name="password1"' in form
    fresh = "a new and quiet run"
    assert client.post("/accounts/password/change/", {"password1": fresh, "password2": fresh}).status_code == 302
    owner.refresh_from_db()
    assert owner.check_password(fresh)
    assert "oldpassword" in client.get("/accounts/password/change/").content.decode(), "once"


def test_whoever_did_not_come_by_a_link_is_asked_for_the_old_password(client, owner, password):
    client.post(LOGIN, {"login": OWNER, "password": password})
    assert "oldpassword" in client.get("/accounts/password/change/").content.decode()


def test_a_link_asks_for_the_second_factor_unless_it_says_otherwise(client, owner, logged_in):
    Authenticator.objects.create(user=owner, type=Authenticator.Type.TOTP, data={"secret": "x"})
    answer = client.post(path(create_link(owner)))
    assert answer["Location"].startswith("/accounts/2fa/authenticate/") and logged_in(client) is None
    owner.refresh_from_db()
    other = Client()
    other.post(path(create_link(owner, without_second_factor=True)))
    assert other.session["_auth_user_id"] == str(owner.pk)


def test_of_presses_that_read_the_link_before_any_used_it_one_is_let_in(owner):
    token = path(create_link(owner)).split("/")[-2]
    pressed = [read_link(token)[0] for _press in range(8)]
    assert [use_link(person) for person in pressed] == [True] + [False] * 7


@pytest.mark.db
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the tests' SQLite is one process's memory: it refuses threads"
)
def test_of_eight_presses_at_once_one_is_let_in(owner):
    link = path(create_link(owner))

    def press(_number):
        try:
            return Client().post(link).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        answers = sorted(pool.map(press, range(8)))
    assert answers.count(302) == 1 and set(answers) <= {302, 403}


# Guessing


def test_a_code_may_be_guessed_three_times_however_many_are_sent_at_once(client, people, settings):
    """Each request of a crowd reads the session as it was before all of them."""
    settings.EMAIL_HOST = "localhost"
    people.create_user("rene@example.org", name="Rene")
    client.post("/accounts/login/code/", {"email": "rene@example.org"})
    session = client.session
    before = dict(session)
    told = []
    for guess in range(10):
        session.update(before)
        session.save()
        told.append(client.post("/accounts/login/code/enter/", {"code": f"WRONG{guess}"}).status_code)
    assert told[:3].count(200) >= 2 and set(told[3:]) == {302}


def fail(client, times, email=OWNER):
    for number in range(times):
        client.post(LOGIN, {"login": email, "password": f"wrong {number}"})


def test_others_wrong_tries_do_not_keep_the_owner_out(owner, password, logged_in, client):
    fail(Client(REMOTE_ADDR="203.0.113.5"), 14)
    client.post(LOGIN, {"login": OWNER, "password": password})
    assert logged_in(client) == owner


def test_a_browser_that_logged_in_before_is_let_through(owner, password, logged_in):
    known = Client(REMOTE_ADDR="198.51.100.1")
    known.post(LOGIN, {"login": OWNER, "password": password})
    known.post("/accounts/logout/")
    for number in range(12):
        fail(Client(REMOTE_ADDR=f"203.0.{number}.5"), 5)
    fail(Client(REMOTE_ADDR="198.51.100.77"), 5)
    stranger = Client(REMOTE_ADDR="192.0.2.9")
    answer = stranger.post(LOGIN, {"login": OWNER, "password": password})
    assert "passkey" in answer.content.decode() and logged_in(stranger) is None
    known.post(LOGIN, {"login": OWNER, "password": password})
    assert logged_in(known) == owner


def test_the_right_password_is_no_wrong_try(owner, password, logged_in):
    for _browser in range(9):
        browser = Client(REMOTE_ADDR="198.51.100.1")
        browser.post(LOGIN, {"login": OWNER, "password": password})
        assert logged_in(browser) == owner
    fail(Client(REMOTE_ADDR="198.51.100.1"), 5)
    stranger = Client(REMOTE_ADDR="198.51.100.1")
    stranger.post(LOGIN, {"login": OWNER, "password": password})
    assert logged_in(stranger) is None


def test_the_cookie_of_one_address_opens_no_other(owner, people, password, logged_in):
    people.create_user("ed@example.org", password, name="Ed", role="editor")
    known = Client(REMOTE_ADDR="198.51.100.1")
    known.post(LOGIN, {"login": "ed@example.org", "password": password})
    known.post("/accounts/logout/")
    fail(known, 6)
    known.post(LOGIN, {"login": OWNER, "password": password})
    assert logged_in(known) is None
