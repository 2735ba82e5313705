"""A code by mail: for readers who have an account at none of the providers, or do not want to use it."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from core.models import Email
from tests.markup import squeeze

BACK = "/somewhere/?draft=x#respond"


@pytest.fixture(autouse=True)
def mail(settings):
    settings.EMAIL_HOST = "localhost"


def ask(client, email, next=BACK):
    return client.post("/accounts/login/code/", {"email": email, "next": next})


def newest_code():
    return re.search(r"^    (\S+)$", Email.objects.latest("pk").text, re.MULTILINE)[1]


def enter(client, code):
    return client.post("/accounts/login/code/enter/", {"code": code})


def test_somebody_known_logs_in_and_is_back_at_the_form(client, people, logged_in):
    rene = people.create_user("rene@example.org", name="Rene")
    assert ask(client, "Rene@Example.org").headers["Location"] == "/accounts/login/code/enter/"
    answer = enter(client, newest_code())
    assert (answer.status_code, answer["Location"]) == (302, BACK)
    assert logged_in(client) == rene


def test_somebody_new_gets_an_account_with_a_confirmed_address(client, people, logged_in):
    ask(client, "new@example.org")
    assert not people.filter(email="new@example.org").exists()
    enter(client, newest_code())
    reader = logged_in(client)
    assert (reader.email, reader.role, reader.has_usable_password()) == ("new@example.org", "reader", False)
    assert EmailAddress.objects.get(user=reader).verified


def test_who_has_no_name_yet_is_asked_for_it_on_the_way(client, logged_in):
    ask(client, "new@example.org")
    answer = client.get(enter(client, newest_code())["Location"])
    assert "What should we call you?" in answer.content.decode()
    answer = client.post("/accounts/", {"name": "  Nora\u202e ", "next": BACK})
    assert answer["Location"] == BACK
    assert logged_in(client).name == "Nora"


def test_known_and_unknown_addresses_get_the_same_answer_and_an_email_each(client, people):
    people.create_user("rene@example.org", name="Rene")
    pages = []
    for email in ["rene@example.org", "nobody@example.org"]:
        browser = Client()
        answer = ask(browser, email)
        page = browser.get(answer["Location"]).content.decode()
        pages.append(
            (answer.status_code, answer["Location"], re.sub(r'value="[^"]{64}"', "", page.replace(email, "…")))
        )
    assert pages[0] == pages[1]
    assert list(Email.objects.order_by("pk").values_list("to", flat=True)) == [
        "rene@example.org",
        "nobody@example.org",
    ]


def test_a_closed_account_gets_the_same_answer_and_no_email(client, people):
    people.create_user("shut@example.org", name="Shut", is_active=False)
    assert ask(client, "shut@example.org")["Location"] == "/accounts/login/code/enter/"
    assert not Email.objects.exists()


def test_case_and_dashes_of_a_code_make_no_difference(client, logged_in):
    ask(client, "new@example.org")
    enter(client, newest_code().replace("-", " ").lower())
    assert logged_in(client)


def test_a_code_works_once(client, logged_in):
    ask(client, "new@example.org")
    code = newest_code()
    enter(client, code)
    client.post("/accounts/logout/")
    assert enter(client, code)["Location"].startswith("/accounts/login/code/?next=") or not logged_in(client)
    assert logged_in(client) is None


def test_a_code_works_in_the_browser_that_asked_alone(client, logged_in):
    ask(client, "new@example.org")
    other = Client()
    enter(other, newest_code())
    assert logged_in(other) is None


def test_three_wrong_codes_end_it(client, logged_in):
    ask(client, "new@example.org")
    right = newest_code()
    answers = [enter(client, "WRONG") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 302]
    assert "is not the code" in answers[0].content.decode()
    assert enter(client, right).status_code == 302
    assert logged_in(client) is None


def test_a_code_ends_after_ten_minutes(client, logged_in):
    ask(client, "new@example.org")
    session = client.session
    session["login_code"] = session["login_code"] | {"at": session["login_code"]["at"] - 601}
    session.save()
    answer = enter(client, newest_code())
    assert "The code has expired" in client.get(answer["Location"]).content.decode()
    assert logged_in(client) is None


@pytest.mark.parametrize("elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example/", "javascript:x"])
def test_it_never_leads_to_another_host(client, elsewhere, people):
    people.create_user("rene@example.org", name="Rene")
    ask(client, "rene@example.org", next=elsewhere)
    assert enter(client, newest_code())["Location"] == "/"


def test_an_address_gets_three_emails_in_ten_minutes(client):
    assert [ask(Client(), "new@example.org").status_code for _ in range(4)] == [302, 302, 302, 429]
    assert Email.objects.count() == 3


def test_a_network_cannot_mail_the_whole_world(client):
    for number in range(10):
        assert ask(client, f"victim{number}@example.org").status_code == 302
    answer = ask(client, "victim@example.com")
    assert answer.status_code == 429 and int(answer["Retry-After"]) > 0
    assert Email.objects.count() == 10


def test_without_mail_nothing_is_offered(client, settings):
    settings.EMAIL_HOST = ""
    assert client.get("/accounts/login/code/").status_code == 404
    assert ask(client, "new@example.org").status_code == 404
    assert "code by email" not in client.get("/accounts/login/").content.decode()


def test_with_mail_the_login_page_offers_it(client):
    assert 'href="/accounts/login/code/?next=%2Fdesk%2F"' in client.get("/accounts/login/?next=/desk/").content.decode()


def test_a_look_alike_address_is_refused(client, people):
    people.create_user("oksana@example.org", name="Oksana")
    answer = ask(client, "o\u212asana@example.org")
    assert "valid email address" in answer.content.decode()
    assert not Email.objects.exists()


def test_the_email_holds_the_code_and_no_link(client):
    ask(client, "new@example.org")
    email = Email.objects.get()
    assert newest_code() in email.subject and "http" not in email.text


def test_an_address_that_got_an_account_meanwhile_logs_in_there(client, people, logged_in):
    ask(client, "new@example.org")
    rene = people.create_user("new@example.org", name="Rene")
    enter(client, newest_code())
    assert logged_in(client) == rene


def test_the_session_gets_a_new_number(client):
    ask(client, "new@example.org")
    before = client.session.session_key
    enter(client, newest_code())
    assert client.session.session_key != before


def test_an_unconfirmed_address_of_somebody_else_logs_nobody_in_as_them(client, people, logged_in):
    rene = people.create_user("rene@example.org", name="Rene")
    EmailAddress.objects.create(user=rene, email="typo@example.org", verified=False)
    ask(client, "typo@example.org")
    enter(client, newest_code())
    assert logged_in(client) != rene


def pressed_twice(browser, path, **fields):
    """Where the first press leads, and the second, which sends the same as the first."""
    page = browser.get(path).content.decode()
    fields |= {
        name: re.search(rf'name="{name}" value="([^"]+)"', squeeze(page))[1] for name in ("csrfmiddlewaretoken", "next")
    }
    return [browser.post(path, fields) for _ in range(2)]


@pytest.mark.parametrize("name", ["Nora", ""])
def test_who_presses_log_in_twice_is_where_once_would_have_led(people, name):
    people.create_user("nora@example.org", name=name)
    browser = Client(enforce_csrf_checks=True, headers={"origin": "http://localhost:8000"})
    page = browser.get(f"/accounts/login/code/?next={BACK}").content.decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', squeeze(page))[1]
    browser.post("/accounts/login/code/", {"email": "nora@example.org", "next": BACK, "csrfmiddlewaretoken": token})
    one, two = pressed_twice(browser, "/accounts/login/code/enter/", code=newest_code())
    assert (two.status_code, two["Location"]) == (302, one["Location"])


def test_a_password_that_is_sent_twice_leads_where_once_would_have_led(owner, password):
    browser = Client(enforce_csrf_checks=True, headers={"origin": "http://localhost:8000"})
    fields = {"login": "ada@example.org", "password": password}
    one, two = pressed_twice(browser, "/accounts/login/?next=/desk/write/", **fields)
    assert two.status_code == 302 and one["Location"] == two["Location"] == "/desk/write/"


def test_a_token_that_is_wrong_tells_a_guest_so(people):
    browser = Client(enforce_csrf_checks=True, headers={"origin": "http://localhost:8000"})
    browser.get("/accounts/login/")
    assert browser.post("/accounts/login/", {"csrfmiddlewaretoken": "x" * 64}).status_code == 403


def test_a_wrong_code_leaves_a_line_in_the_log(client, caplog):
    ask(client, "new@example.org")
    for _time in range(2):
        enter(client, "WRONG")
    enter(client, newest_code())
    assert caplog.text.count("refused login network=") == 2 and "new@" not in caplog.text
