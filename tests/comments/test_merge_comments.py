"""Two accounts of one person become one, when who is logged in to one logs in to the other as well."""

from urllib.parse import urlsplit

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth import get_user_model
from django.test import Client

from comments.models import Comment, Person


def come_back(client, stand_in, page, who):
    back = urlsplit(stand_in.choose(page.context["address"], who))
    return client.get(f"{back.path}?{back.query}")


def log_in(client, stand_in, provider, who):
    return come_back(client, stand_in, client.post(f"/accounts/{provider}/login/", {"next": "/"}), who)


def connect(client, stand_in, provider, who):
    page = client.post(f"/accounts/{provider}/login/", {"next": "/accounts/3rdparty/", "process": "connect"})
    return come_back(client, stand_in, page, who)


def person(client):
    return get_user_model().objects.get(pk=client.session["_auth_user_id"])


@pytest.fixture
def ann(client, stand_in, post, make_comment):
    """Ann, who once came by GitHub and now by Google; with one comment each."""
    other = Client()
    log_in(other, stand_in, "github", "ann")
    make_comment("By GitHub.", person=Person.objects.of_account(person(other)))
    log_in(client, stand_in, "google", "ann")
    make_comment("By Google.", person=Person.objects.of_account(person(client)))
    return person(client)


def test_connecting_what_logs_in_another_account_offers_to_join_them(client, stand_in, ann):
    answer = connect(client, stand_in, "github", "ann")
    assert answer["Location"] == "/accounts/me/merge/"
    page = client.get("/accounts/me/merge/").content.decode()
    assert "has 1 comment here" in page
    assert ann.socialaccount_set.count() == 1


def test_joined_both_log_in_the_same_person_with_all_comments(client, stand_in, ann):
    connect(client, stand_in, "github", "ann")
    client.post("/accounts/me/merge/", {"do": "join"})
    assert Comment.objects.filter(person__account=ann).count() == 2
    assert get_user_model().objects.filter(role="reader").count() == 1
    browser = Client()
    log_in(browser, stand_in, "github", "ann")
    assert person(browser) == ann


def test_an_account_behind_a_second_lock_is_not_joined_by_its_first_alone(client, stand_in, ann):
    other = get_user_model().objects.filter(role="reader").exclude(pk=ann.pk).get()
    connect(client, stand_in, "github", "ann")
    TOTP.activate(other, generate_totp_secret())
    client.post("/accounts/me/merge/", {"do": "join"})
    answer = connect(client, stand_in, "github", "ann")
    assert answer["Location"] == "/accounts/3rdparty/"
    assert "asks for an authenticator app too" in client.get(answer["Location"]).content.decode()
    assert client.get("/accounts/me/merge/")["Location"] == "/accounts/3rdparty/"
    assert Comment.objects.filter(person__account=other).count() == 1


def test_left_as_they_are_they_stay_two(client, stand_in, ann):
    connect(client, stand_in, "github", "ann")
    client.post("/accounts/me/merge/", {"do": "leave"})
    assert get_user_model().objects.filter(role="reader").count() == 2
    assert client.get("/accounts/me/merge/")["Location"] == "/accounts/3rdparty/"


def test_nobody_joins_without_having_logged_in_to_both(client, stand_in, ann):
    answer = client.post("/accounts/me/merge/", {"do": "join"})
    assert answer["Location"] == "/accounts/3rdparty/"
    assert get_user_model().objects.filter(role="reader").count() == 2


def test_whoever_works_here_is_not_swallowed(client, stand_in, ann, ada):
    ada.socialaccount_set.create(provider="github", uid="1002")
    assert connect(client, stand_in, "github", "bob")["Location"] == "/accounts/3rdparty/"
    assert "belongs to somebody else" in client.get("/accounts/3rdparty/").content.decode()
    assert person(client) == ann and get_user_model().objects.filter(pk=ada.pk).exists()


def test_an_account_with_posts_stays_and_the_page_says_so(client, stand_in, ann, make_post):
    connect(client, stand_in, "github", "ann")
    other = get_user_model().objects.exclude(pk=ann.pk).get(socialaccount__provider="github")
    make_post("Theirs", author=other)
    answer = client.post("/accounts/me/merge/", {"do": "join"}, follow=True)
    assert answer.status_code == 200 and "has written posts here" in answer.content.decode()
    assert get_user_model().objects.filter(pk=other.pk).exists()


def test_the_blocked_stay_blocked(client, stand_in, ann):
    Person.objects.exclude(account=ann).update(trust=Person.Trust.BLOCKED)
    connect(client, stand_in, "github", "ann")
    client.post("/accounts/me/merge/", {"do": "join"})
    assert Person.objects.get(account=ann).trust == Person.Trust.BLOCKED


def test_an_address_comes_along_where_there_is_none(client, stand_in, ann, post):
    browser = Client()
    log_in(browser, stand_in, "facebook", "bob")
    bob = person(browser)
    assert bob.email is None
    other = Client()
    log_in(other, stand_in, "google", "bob")
    connect(browser, stand_in, "google", "bob")
    browser.post("/accounts/me/merge/", {"do": "join"})
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"
    assert bob.emailaddress_set.get().verified
