from io import StringIO
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.login_links import create_link


def printed(*arguments):
    out = StringIO()
    call_command("login_link", *arguments, stdout=out)
    return out.getvalue().strip()


def path(link):
    return urlsplit(link).path


def test_looking_asks_and_pressing_logs_in(client, owner, logged_in):
    link = path(printed())
    page = client.get(link)
    assert "as <bdi>Ada</bdi>" in page.content.decode()
    assert logged_in(client) is None
    assert client.post(link)["Location"] == "/desk/"
    assert logged_in(client) == owner


def test_it_works_once(client, owner):
    link = path(printed())
    client.post(link)
    other = Client()
    assert other.get(link).status_code == other.post(link).status_code == 403
    assert "_auth_user_id" not in other.session


def test_it_is_dead_after_any_other_login(client, owner, password):
    link = path(printed())
    Client().post("/accounts/login/", {"login": "ada@example.org", "password": password})
    assert client.post(link).status_code == 403


def test_it_lives_for_fifteen_minutes(client, owner, monkeypatch):
    import time

    link = path(create_link(owner))
    real = time.time
    monkeypatch.setattr("time.time", lambda: real() + 16 * 60)
    assert client.post(link).status_code == 403


def test_it_is_dead_for_a_closed_account(client, owner):
    link = path(create_link(owner))
    owner.is_active = False
    owner.save()
    assert client.post(link).status_code == 403


@pytest.mark.parametrize("token", ["nonsense", "WzEsMV0:1u:forged", "é"])
def test_a_forged_one_is_refused(client, token):
    assert client.post(f"/accounts/login/link/{token}/").status_code == 403


def test_it_leads_to_the_blogs_own_address(settings):
    assert printed().startswith(f"{settings.LONGRUN_URL}/accounts/login/link/")


def test_it_can_be_for_somebody_else(client, people, logged_in):
    rene = people.create_user("rene@example.org", name="Rene", role="editor")
    client.post(path(printed("--email", "RENE@example.org")))
    assert logged_in(client) == rene
    with pytest.raises(CommandError, match="There is no account"):
        printed("--email", "nobody@example.org")


def test_a_blog_without_an_owner_says_so(owner):
    owner.delete()
    with pytest.raises(CommandError, match="setup_link"):
        printed()


def test_it_needs_the_token_of_its_page(owner):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(path(printed()), headers={"Origin": "https://evil.example"}).status_code == 403
