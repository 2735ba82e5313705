"""The page of all emails that an address gets: by a link from any of them, or logged in."""

import json
import re
from html import unescape

import html5lib
import pytest
from allauth.account.models import EmailAddress
from django.core import signing
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from comments.models import Comment, DiscussionSettings, Person, StoppedAddress, Subscription
from comments.notifications import daily_digest, new_posts, replies, subscriptions
from core.models import Email
from tests.cast import PASSWORD
from tests.comments.readers import HOME, sent_to
from tests.comments.test_get_changes_nothing import everything

pytestmark = pytest.mark.usefixtures("leaves", "discussion")
ANN, RENE = "ann@example.org", "rene@example.org"


@pytest.fixture
def follows(reader, post):
    """Ann follows a post and gets new posts; Bob follows as well, and is left alone."""
    reader("bob@example.org", post)
    return reader(ANN, post), reader(ANN)


@pytest.fixture
def page(follows):
    return replies.subscriptions_url(follows[0].person_id).removeprefix(HOME)


def kept():
    return set(Subscription.objects.values_list("address", "what", "how"))


BOB = ("bob@example.org", "comments", "now")


def test_it_shows_what_one_address_gets_and_nobody_elses(page, client):
    answer = client.get(page)
    text = answer.content.decode()
    assert ANN in text and "A long run" in text and "New posts" in text and "bob" not in text
    assert "no-store" in answer["Cache-Control"] and '<meta name="robots" content="noindex">' in text


def test_get_changes_nothing(page, client):
    before = kept()
    client.get(f"{page}?do=stop-all"), client.head(page)
    assert kept() == before


@pytest.mark.db
def test_what_and_when_are_changed(page, guest, follows):
    post, blog = follows
    guest.post(page, {"do": f"save {post.pk}", "what": "replies", "how": "daily"})
    guest.post(page, {"do": f"save {blog.pk}", "what": "comments", "how": "daily"})
    assert kept() == {BOB, (ANN, "replies", "daily"), (ANN, "posts", "daily")}
    guest.post(page, {"do": f"save {blog.pk}", "what": "nonsense", "how": "hourly"})
    assert kept() == {BOB, (ANN, "replies", "daily"), (ANN, "posts", "daily")}


def test_one_is_stopped_or_all(page, guest, follows):
    guest.post(page, {"do": f"stop {follows[0].pk}"})
    assert kept() == {BOB, (ANN, "posts", "now")}
    guest.post(page, {"do": "stop-all"})
    assert kept() == {BOB}
    assert ANN in guest.get(page).content.decode(), "the page is still hers"


@pytest.mark.db
def test_the_address_is_forgotten(page, guest, follows):
    Email.objects.create(to=ANN, subject="x", text="y", kind=replies.POST, key="post 1 to 1")
    guest.post(page, {"do": "forget"})
    assert kept() == {BOB} and not sent_to(ANN)
    assert not Person.objects.filter(address=ANN).exists()
    assert "This address has no subscriptions" in guest.get(page).content.decode()


def test_nobody_reaches_another_addresss_emails(page, guest, follows):
    other = Subscription.objects.get(address="bob@example.org")
    for deed in ("stop", "save"):
        assert guest.post(page, {"do": f"{deed} {other.pk}", "how": "daily"}).status_code == 404
    assert guest.post(page[:-3] + "xx/", {"do": "stop-all"}).status_code == 404
    evil = Client(headers={"origin": "https://evil.example"})
    assert evil.post(page, {"do": "stop-all"}).status_code == 403
    assert Subscription.objects.count() == 3
    person = Person.objects.create(browser="x" * 32)
    assert (
        "This address has no subscriptions"
        in guest.get(replies.subscriptions_url(person.pk).removeprefix(HOME)).content.decode()
    )


@pytest.mark.parametrize("do", ["", "stop", "stop x", "save 99999999999999999999", "nonsense 1", "stop -1"])
def test_nonsense_does_nothing(page, guest, follows, do):
    assert guest.post(page, {"do": do}).status_code in (303, 404)
    assert Subscription.objects.count() == 3


def test_the_link_is_good_for_a_year(page, client, monkeypatch):
    later = timezone.now().timestamp() + 366 * 86400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert "no longer works" in client.get(page).content.decode()


def test_somebody_logged_in_sees_those_of_their_confirmed_addresses(reader, rene, as_, post):
    EmailAddress.objects.create(user=rene, email=RENE, verified=True, primary=True)
    EmailAddress.objects.create(user=rene, email="typed@example.org", verified=False)
    reader(RENE, post), reader("typed@example.org", post)
    me = as_(rene)
    text = me.get("/accounts/me/subscriptions/").content.decode()
    assert RENE in text and "typed@example.org" not in text
    me.post("/accounts/me/subscriptions/", {"do": "stop-all"})
    assert [each.address for each in Subscription.objects.all()] == ["typed@example.org"]
    assert "/accounts/me/subscriptions/" in me.get("/accounts/me/").content.decode()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(rene, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert strict.post("/accounts/me/subscriptions/", {"do": "forget"}).status_code == 403


def test_guests_are_sent_to_log_in(client):
    assert "/accounts/login/" in client.get("/accounts/me/subscriptions/")["Location"]


def test_being_forgotten_takes_the_emails_along_and_they_are_exported_before(reader, rene, as_, post, make_comment):
    EmailAddress.objects.create(user=rene, email=RENE, verified=True, primary=True)
    reader(RENE, post)
    make_comment("Mine", person=Person.objects.of_account(rene), email=RENE)
    me = as_(rene)
    me.post("/accounts/reauthenticate/", {"password": PASSWORD})
    told = json.loads(me.get("/accounts/me/comments.json").content)["subscriptions"]
    assert [(each["address"], each["what"], each["post"]) for each in told] == [
        (RENE, "comments", f"{HOME}{post.path}"),
    ]  # fmt: skip
    me.post("/accounts/me/delete-data/", {"how": "anonymise"})
    assert not Subscription.objects.exists() and not Person.objects.filter(address=RENE).exists()


@pytest.mark.db
def test_an_erased_comment_is_in_no_email(reader, post, make_comment, mona):
    from comments import privacy

    reader(ANN, post)
    comment = make_comment("Forget these words", state="pending", email="c@example.org")
    comment.approve(mona)
    reader("c@example.org", comment=comment, what="published")
    assert "Forget these words" in sent_to(ANN)[0].text
    privacy.forget(Comment.objects.filter(pk=comment.pk), privacy.ERASE)
    assert not Email.objects.exists() and not Subscription.objects.exclude(comment=None).exists()


def test_every_page_of_it_is_valid_html(page, follows, guest, client):
    wish = Subscription.objects.create(address="new@example.org", what="posts")
    confirm = reverse("subscription_confirm", args=[signing.dumps(wish.address, salt=subscriptions.SALT)])
    stop = follows[0].stop_path
    answers = [client.get(path) for path in (page, page[:-3] + "/", confirm, stop, "/comments/subscribe/")]
    answers += [guest.post("/comments/subscribe/", {"email": email}) for email in ("", "x@example.org")]
    answers += [guest.post(confirm, {"do": "no"}), client.get(confirm), client.post(stop)]
    for answer in answers:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(answer.content.decode())
        assert not parser.errors and len(tree.findall(".//h1")) == 1, answer.request["PATH_INFO"]


# At the desk


@pytest.mark.db
def test_the_owner_sees_who_gets_emails_and_removes_one(follows, ada, as_, reader):
    Subscription.objects.create(address="new@example.org", what="posts")
    desk = as_(ada)
    text = desk.get("/desk/subscribers/").content.decode()
    assert (
        "1 address gets new posts by email." in text and "2 follow comments." in text and "1 has not confirmed" in text
    )
    assert ANN in text and "new@example.org" not in text
    assert ANN not in desk.get("/desk/subscribers/?q=bob").content.decode()
    desk.post("/desk/subscribers/remove/", {"address": ANN})
    assert kept() == {BOB, ("new@example.org", "posts", "now")}


@pytest.mark.db
def test_the_owner_takes_the_list_along(follows, ada, as_, reader):
    reader("=cmd@example.org")
    StoppedAddress.objects.stop(["cleo@example.org"], "bounced")
    answer = as_(ada).get("/desk/subscribers/?as=csv")
    lines = [line.split(",") for line in answer.getvalue().decode().splitlines()]
    assert lines[0] == ["address", "new posts", "how", "conversations", "since", "stopped", "why"]
    facts = [[*line[:4], line[6]] for line in lines[1:]]
    assert facts == [["'=cmd@example.org", "1", "now", "0", ""], [ANN, "1", "now", "1", ""],
                     ["bob@example.org", "0", "", "1", ""], ["cleo@example.org", "0", "", "", "bounced"]]  # fmt: skip
    today = timezone.now().date().isoformat()
    assert all((line[4] or line[5]).startswith(today) for line in lines[1:])


def test_the_owner_says_what_is_offered(ada, as_, discussion):
    as_(ada).post("/desk/subscribers/settings/", {"posts_by_mail": "full", "follow_comments": "on"})
    discussion.refresh_from_db()
    assert (discussion.posts_by_mail, discussion.subscribe_box, discussion.follow_comments) == ("full", False, True)


@pytest.mark.parametrize("who", ["ed", "mona", "arthur", "rene"])
def test_nobody_else_sees_the_addresses(follows, who, request, as_):
    client = as_(request.getfixturevalue(who))
    assert client.get("/desk/subscribers/").status_code == client.get("/desk/subscribers/?as=csv").status_code == 403
    assert client.post("/desk/subscribers/remove/", {"address": ANN}).status_code == 403
    assert Subscription.objects.count() == 3


def test_an_address_is_forgotten_at_the_desk_with_its_emails(follows, ada, as_):
    desk = as_(ada)
    assert "emails are sent to it" in desk.get(f"/desk/comments/personal-data/?email={ANN}").content.decode()
    told = json.loads(desk.get(f"/desk/comments/personal-data/?email={ANN}&as=json").content)
    assert [each["what"] for each in told["subscriptions"]] == ["comments", "posts"]
    desk.post("/desk/comments/personal-data/erase/", {"email": ANN, "how": "anonymise"})
    assert kept() == {BOB}


def test_a_page_of_the_desk_costs_the_same_for_two_and_for_fifty(follows, ada, as_, reader, connection_queries):
    desk = as_(ada)
    few = connection_queries(lambda: desk.get("/desk/subscribers/"))
    for n in range(49):
        reader(f"r{n}@example.org")
    assert connection_queries(lambda: desk.get("/desk/subscribers/")) == few


# For everybody


def test_a_scanner_that_presses_every_link_of_every_email_changes_nothing(reader, guest, post, make_post, say, mona):
    reader(ANN, post), reader("bob@example.org", post, how="daily"), reader("cy@example.org")
    say(guest, post, email="new@example.org", subscribe="on")
    held = Comment.objects.pending().get()
    reader("dee@example.org", comment=held, what="published")
    held.approve(mona)
    new = make_post("New", at=timezone.now() - timezone.timedelta(seconds=5))
    DiscussionSettings.objects.update(posts_by_mail="full")
    new_posts.prepare([new.pk])
    new_posts.queue_post_emails.call()
    Subscription.objects.update(digest_until=timezone.now() - timezone.timedelta(days=2))
    daily_digest.queue_daily_digests()
    emails = Email.objects.exclude(kind="comment held")
    assert {email.kind for email in emails} == {*replies.KINDS, subscriptions.KIND}
    words = " ".join(f"{email.text} {unescape(email.html)} {email.headers}" for email in emails)
    links = set(re.findall(rf"{HOME}(/[^\s\"'<>]*)", words))
    assert len(links) > 10
    before, scanner = everything(), Client()
    for link in links:
        for _ in range(2):
            assert scanner.get(link).status_code == scanner.head(link).status_code == 200 or "/to/" in link, link
    assert everything() == before


def test_one_link_alone_is_pressed_without_token_or_origin():
    """Of our own views: the link that ends emails, and what a mail provider reports, with a secret of its own."""

    def views(patterns):
        for pattern in patterns:
            yield from views(pattern.url_patterns) if hasattr(pattern, "url_patterns") else [pattern]

    ours = ("comments.", "blog.", "accounts.", "server.", "core.", "transfer.")
    exempt = {
        view.name
        for view in views(get_resolver().url_patterns)
        if getattr(view.callback, "csrf_exempt", False) and not getattr(view.callback, "same_origin", False)
        if view.callback.__module__.startswith(ours) and view.callback.__name__ != "not_found"
    }
    assert exempt == {"unsubscribe_link", "mail_events"}


def test_the_title_of_a_post_that_is_not_public_any_more_is_told_to_nobody(page, guest, follows, post, make_comment):
    own = make_comment("Mine", state="pending")
    Subscription.objects.create(address="ann@example.org", comment=own, what="published")
    following = follows[0]
    type(post).objects.filter(pk=post.pk).update(visibility="private", title="Secret plan of 2027")
    link = reverse("subscription_confirm", args=[signing.dumps("ann@example.org", salt=subscriptions.SALT)])
    for address in (page, following.stop_path, link):
        said = guest.get(address).content.decode()
        assert "a post that is not public now" in said and "Secret plan" not in said and post.path not in said, address
