"""Emails are asked for, and begin when whoever reads the address says so."""

from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.messages import get_messages
from django.core import mail as outbox
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from comments import jobs as daily_jobs
from comments.models import Comment, Person, Subscription
from comments.notifications import replies, subscriptions
from core import jobs
from core.models import Email
from tests.comments.readers import HOME, link_in, sent_to

pytestmark = pytest.mark.usefixtures("leaves", "discussion")
ANN = "ann@example.org"


@pytest.fixture
def asked(guest, post, say):
    """Ann has commented, with both boxes ticked; the email that asks her."""
    assert say(guest, post, subscribe="on", subscribe_blog="on").status_code == 303
    return sent_to(ANN)[0]


def box(client, address, **facts):
    return client.post("/comments/subscribe/", {"email": address} | facts)


def visitor(number):
    return Client(headers={"origin": HOME}, REMOTE_ADDR=f"198.{number // 200}.{number % 200}.7")


def test_the_form_asks_in_the_words_of_wordpress(client, post):
    page = client.get(post.path).content.decode()
    assert "Notify me of new comments via email." in page and "Notify me of new posts via email." in page
    assert 'name="subscribe" id="id_subscribe">' in page, "unticked"
    assert 'action="/comments/subscribe/"' in page and ">Posts by email</a>" in page


@pytest.mark.parametrize(
    ("change", "gone", "stays"),
    [
        ({"follow_comments": False}, "new comments via", "new posts via"),
        ({"posts_by_mail": ""}, "new posts via", "new comments via"),
        ({"subscribe_box": False}, "subscribe-email", "new posts via"),
        ({"posts_by_mail": ""}, "Posts by email", "Posts (RSS)"),
    ],
)
def test_the_owner_says_what_is_offered(client, post, discussion, change, gone, stays):
    for name, value in change.items():
        setattr(discussion, name, value)
    discussion.save()
    page = client.get(post.path).content.decode()
    assert gone not in page and stays in page


def test_where_no_email_leaves_none_is_offered(client, guest, post, settings, say):
    settings.EMAIL_HOST = ""
    page = client.get(post.path).content.decode()
    assert "via email" not in page and "/comments/subscribe/" not in page
    assert box(guest, ANN).status_code == 404
    say(guest, post, subscribe="on", subscribe_blog="on")
    assert not Subscription.objects.exists() and not sent_to(ANN)


def test_a_page_costs_a_guest_nothing_more(settings, client, post, connection_queries):
    with_emails = connection_queries(lambda: client.get(post.path))
    settings.EMAIL_HOST = ""
    assert connection_queries(lambda: client.get(post.path)) == with_emails


def test_an_unknown_address_gets_one_email_that_asks(asked):
    assert (asked.kind, asked.subject) == ("confirm subscription", "[Ada runs] Confirm your subscription")
    assert "New comments on “A long run”" in asked.text and "New posts" in asked.text
    assert "Well said" not in asked.text and not asked.html, "nothing of what a stranger typed"
    assert Subscription.objects.waiting().count() == 2
    assert not Person.objects.exclude(address=None).exists(), "a typed address makes nobody a person"


def test_looking_confirms_nothing(asked):
    link = link_in(asked, "confirm")
    for _ in range(2):
        assert Client().get(link).status_code == Client().head(link).status_code == 200
    assert not Subscription.objects.confirmed().exists() and not Person.objects.exclude(address=None).exists()


@pytest.mark.db
def test_the_button_confirms_what_is_ticked(asked, guest, post):
    link = link_in(asked, "confirm")
    page = guest.get(link).content.decode()
    assert page.count(" checked>") == 2 and ANN in page
    wanted = Subscription.objects.get(post=post)
    answer = guest.post(link, {"do": "yes", "wanted": [wanted.pk]})
    assert answer.status_code == 303
    page = guest.get(answer["Location"]).content.decode()
    assert "A long run" in page and ANN in page
    assert list(Subscription.objects.all()) == list(Subscription.objects.confirmed()) == [wanted]
    assert Subscription.objects.get().person.address == ANN


def test_no_ends_it_before_it_began(asked, guest):
    assert "will get no emails" in guest.post(link_in(asked, "confirm"), {"do": "no"}).content.decode()
    assert not Subscription.objects.exists() and not Person.objects.exclude(address=None).exists()


def test_nobody_confirms_what_belongs_to_another_address(asked, guest, post):
    other = Subscription.objects.create(address="rene@example.org", what="posts")
    guest.post(link_in(asked, "confirm"), {"do": "yes", "wanted": [other.pk]})
    other.refresh_from_db()
    assert other.confirmed_at is None


@pytest.mark.parametrize("change", [lambda link: link[:-3] + "xx/", lambda link: link.replace("confirm/", "confirm/a")])
def test_a_forged_link_confirms_nothing(asked, guest, change):
    assert guest.post(change(link_in(asked, "confirm")), {"do": "yes"}).status_code == 404
    assert not Subscription.objects.confirmed().exists()


def test_the_link_is_good_for_a_week(asked, guest, monkeypatch):
    later = timezone.now().timestamp() + 8 * 86400
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert "no longer works" in guest.get(link_in(asked, "confirm")).content.decode()


def test_a_foreign_page_cannot_press_the_buttons(asked, guest, post, reader):
    evil = Client(headers={"origin": "https://evil.example"})
    assert evil.post(link_in(asked, "confirm"), {"do": "yes"}).status_code == 403
    assert box(evil, "victim@example.org").status_code == 403
    assert not Subscription.objects.confirmed().exists() and not sent_to("victim@example.org")


def test_whoever_has_confirmed_once_is_not_asked_again(reader, guest, make_post, say):
    reader(ANN)
    other = make_post("Another")
    say(guest, other, subscribe="on")
    assert Subscription.objects.confirmed().filter(address=ANN, post=other).exists()
    assert not sent_to(ANN)


def test_an_account_with_a_proved_address_is_not_asked(rene, as_, post):
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    as_(rene).post(f"/comments/{post.pk}/", {"comment": "Hello", "subscribe": "on"}, headers={"origin": HOME})
    assert Subscription.objects.confirmed().get().person.address == rene.email
    assert not sent_to(rene.email)


def test_an_account_whose_address_nobody_proved_is_asked(rene, as_, post):
    as_(rene).post(f"/comments/{post.pk}/", {"comment": "Hello", "subscribe": "on"}, headers={"origin": HOME})
    assert not Subscription.objects.confirmed().exists() and len(sent_to(rene.email)) == 1


def test_an_account_cannot_prove_the_address_of_another(rene, as_, make_post):
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    box(as_(rene), "victim@example.org", subject="")
    as_(rene).post("/comments/subscribe/", {"email": "victim@example.org"}, headers={"origin": HOME})
    assert not Subscription.objects.confirmed().exists()


def test_the_answer_tells_nobody_which_addresses_are_known(guest, reader, post, say):
    reader("known@example.org")
    known, unknown = (box(guest, f"{name}@example.org") for name in ("known", "other"))
    assert known.status_code == unknown.status_code == 200
    told = [{name: value for name, value in each.items() if name != "Expires"} for each in (known, unknown)]
    assert known.content.replace(b"known@", b"other@") == unknown.content and told[0] == told[1]
    answers = [say(visitor(n), post, f"Words {n}", email=f"{who}@example.org", subscribe="on")
               for n, who in enumerate(["known", "other"])]  # fmt: skip
    said = [[str(message) for message in get_messages(answer.wsgi_request)] for answer in answers]
    assert said[0] and [each.replace("known@", "other@") for each in said[0]] == said[1]


@pytest.mark.db
def test_one_email_a_day_for_an_address_however_it_is_spelled(guest, monkeypatch, settings):
    settings.LONGRUN_LIMITS = False
    for address in (ANN, "Ann@Example.org", "ann+more@example.org", ANN):
        assert box(guest, address).status_code == 200
    assert Email.objects.count() == 1
    Email.objects.update(created_at=timezone.now() - timezone.timedelta(hours=25), key="confirm yesterday")
    box(guest, ANN)
    assert Email.objects.count() == 2


def test_three_such_emails_an_hour_for_a_network(guest):
    for n in range(6):
        assert box(guest, f"{n}@example.org").status_code == 200
    assert Email.objects.count() == 3
    box(visitor(77), "7@example.org")
    assert Email.objects.count() == 4


@pytest.mark.parametrize("requests", [30, pytest.param(1000, marks=pytest.mark.long)])
def test_a_subscriber_bombed_with_1000_requests_gets_one_confirmation(discussion, settings, requests):
    """From a thousand networks, and with nothing that counts them but the email log."""
    settings.LONGRUN_LIMITS = False
    for n in range(requests):
        assert box(visitor(n), "victim@example.org").status_code == 200
    jobs.run_ready()
    assert len(outbox.outbox) == Email.objects.count() == Subscription.objects.count() == 1


@pytest.mark.db
def test_a_confirmed_address_cannot_be_signed_up_for_everything(reader, make_post, say, discussion):
    discussion.flood_seconds = 0
    discussion.save()
    reader(ANN)
    for n in range(13):
        say(visitor(n), make_post(f"Post {n}"), f"Words {n}", subscribe="on")
    assert Subscription.objects.count() == 11


@pytest.mark.parametrize("filled", [{"subject": "x"}])
def test_machines_that_fill_in_everything_are_thanked_and_ignored(guest, filled):
    assert "Check your inbox" in box(guest, ANN, **filled).content.decode()
    assert not Subscription.objects.exists() and not Email.objects.exists()


@pytest.mark.parametrize("address", ["", "ann", "ann@example.org\nBcc: all@example.org", "a@b@c", "a" * 300 + "@x.org"])
def test_what_is_no_address_is_said_at_the_field(guest, address):
    answer = box(guest, address)
    page = answer.content.decode()
    assert answer.status_code == 422 and "field__error" in page and "<title>Error: " in page
    assert not Email.objects.exists()


@pytest.mark.parametrize("text", ["Buy [this](https://spam.example/x) " * 9])
def test_what_is_held_as_spam_asks_for_nothing(guest, post, say, discussion, text):
    discussion.disallowed_keys = "spam.example"
    discussion.save()
    say(guest, post, text, subscribe="on", subscribe_blog="on")
    assert Comment.objects.get().state in ("spam", "trash")
    assert not Subscription.objects.exists() and not sent_to(ANN)


def test_the_boxes_survive_a_login(guest, post):
    answer = guest.post(f"/comments/{post.pk}/as/github/", {"comment": "Hello", "subscribe": "on"})
    assert answer.status_code in (200, 302, 303)
    from comments.models import SavedComment

    assert SavedComment.objects.get().typed["subscribe"] is True


def test_wishes_that_nobody_confirms_are_forgotten(asked):
    from comments.notifications import replies

    Subscription.objects.update(created_at=timezone.now() - timezone.timedelta(days=9))
    replies.prune_subscription_emails()
    assert not Subscription.objects.exists()


def test_what_is_forgotten_leaves_no_trace(asked, guest, reader, post, make_comment):
    guest.post(
        link_in(asked, "confirm"), {"do": "yes", "wanted": list(Subscription.objects.values_list("pk", flat=True))}
    )
    Email.objects.update(created_at=timezone.now() - timezone.timedelta(days=2))
    subscriptions.forget(ANN)
    assert not Subscription.objects.exists() and not sent_to(ANN) and not Person.objects.exclude(address=None).exists()


def test_whoever_asks_again_after_a_week_gets_a_link_that_works(asked, guest):
    Subscription.objects.update(created_at=timezone.now() - timedelta(days=7, hours=23))
    Email.objects.filter(pk=asked.pk).update(key="confirm long ago", created_at=timezone.now() - timedelta(days=8))
    box(guest, ANN)
    replies.prune_subscription_emails()
    link = link_in(sent_to(ANN)[-1], "confirm")
    guest.post(link, {"do": "yes", "wanted": [each.pk for each in Subscription.objects.of(ANN)]})
    assert Subscription.objects.of(ANN).confirmed().exists()


def test_pressed_twice_the_button_does_not_say_that_nothing_is_sent(asked, guest):
    link, wanted = link_in(asked, "confirm"), [each.pk for each in Subscription.objects.all()]
    first, second = (guest.post(link, {"do": "yes", "wanted": wanted}) for _press in range(2))
    assert first.status_code == 303 and second.status_code == 200
    assert "will get no emails" not in second.content.decode() and "already confirmed" in second.content.decode()


def test_the_question_to_an_address_that_nobody_confirmed_is_forgotten(asked):
    Email.objects.update(created_at=timezone.now() - timedelta(days=7))
    daily_jobs.forget_old_questions()
    assert sent_to(ANN), "its link is good for a moment yet"
    Email.objects.update(created_at=timezone.now() - timedelta(days=8, minutes=1))
    daily_jobs.forget_old_questions()
    assert not sent_to(ANN)


def test_a_forgotten_address_is_in_no_email_of_any_kind(reader, post):
    reader("ann@example.org", post)
    for kind, state in (("code", "sent"), ("account", "refused"), ("comment held", "waiting"), ("code", "sending")):
        Email.objects.create(to="ann@example.org", subject="x", text="x", kind=kind, state=state)
    subscriptions.forget("ann@example.org")
    assert {email.state for email in Email.objects.all()} == {"waiting", "sending"}, "these are on their way"


@pytest.mark.parametrize("control", ["\x0b", "\x0c", "\x1c", "\x85"])
def test_an_address_that_would_end_a_line_of_the_email_is_refused(guest, discussion, client, control):
    for path in ("/comments/subscribe/", "/accounts/login/code/"):
        answer = guest.post(path, {"email": f'"a{control}b"@example.org'})
        assert answer.status_code in (200, 422) and "valid email address" in answer.content.decode(), path
    assert not Email.objects.exists()


NOBODY_READS = ["1003+olga@users.noreply.github.com", "no-reply@shop.example", "donotreply@shop.example"]


@pytest.mark.parametrize("address", NOBODY_READS)
def test_no_email_goes_where_nobody_can_read_it(guest, post, say, rene, as_, address):
    answer = box(guest, address)
    assert answer.status_code == 422 and "Emails to this address cannot be delivered" in answer.content.decode()
    say(guest, post, email=address, subscribe="on")
    page = guest.get(post.path).content.decode()
    assert "Well said." in page and "/notify/" not in page
    EmailAddress.objects.create(user=rene, email=address, verified=True, primary=False)
    assert address not in subscriptions.addresses_of(rene)
    say(as_(rene), post, "By account.", email=address, subscribe="on")
    assert not sent_to(address) and not Subscription.objects.filter(address=address).exists()


@pytest.mark.parametrize("by", ["box", "comment"])
def test_an_address_that_stopped_everything_is_asked_before_anything_comes_again(reader, guest, make_post, say, by):
    """Any stranger can type it."""
    reader(ANN)
    other = make_post("Another")
    for subscription in Subscription.objects.of(ANN):
        Client().post(subscription.stop_path)
    assert not Subscription.objects.confirmed().of(ANN).exists()
    cache.clear()
    box(guest, ANN, subject="") if by == "box" else say(guest, other, subscribe="on")
    assert not Subscription.objects.confirmed().of(ANN).exists()
    assert len(sent_to(ANN)) == 1
