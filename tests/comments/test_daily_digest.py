"""One email a day about all that somebody follows."""

from datetime import datetime, timedelta

import pytest
from django.core import mail as outbox
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from blog import jobs as blog_jobs
from comments import privacy
from comments.models import Comment, Person, Subscription
from comments.notifications import daily_digest, replies
from core import jobs, mail
from core.models import Email, Site
from core.site import site
from tests.comments.readers import link_in, sent_to

pytestmark = pytest.mark.usefixtures("leaves", "discussion")
ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def approved(make_comment, mona):
    def approve(text, **facts):
        comment = make_comment(text, state="pending", **{"name": "Carl", "email": "carl@example.org"} | facts)
        comment.approve(mona)
        return comment

    return approve


def morning():
    """Everybody's last daily email is from the day before yesterday, and it is after seven."""
    past = timezone.now() - timedelta(days=2)
    Subscription.objects.update(digest_from=past, digest_until=past)
    daily_digest.queue_daily_digests()


@pytest.mark.db
def test_a_day_is_one_email(reader, post, make_post, approved):
    reader(ANN, post, how="daily"), reader(ANN, how="daily")
    approved("One."), approved("Two.")
    new = make_post("A new one", at=timezone.now() - timedelta(seconds=5))
    blog_jobs.announce()
    jobs.run_ready()
    assert not Email.objects.exists(), "nothing at once"
    morning()
    jobs.run_ready()
    email = Email.objects.get()
    assert (len(outbox.outbox), email.to, email.kind) == (1, ANN, "daily digest")
    assert email.subject == "[Ada runs] 1 new post, 2 new comments"
    assert "> One." in email.text and "> Two." in email.text and new.path in email.text
    assert link_in(email, "page")


@pytest.mark.parametrize(
    ("extended", "words"),
    [(True, "Run x2 km, fast 🏃, c = a + b."), (False, "Run x^2^ km, ==fast== :runner:, $c = a + b$.")],
)
def test_a_post_is_told_of_in_its_own_syntax(reader, make_post, extended, words):
    reader(ANN, how="daily")
    source = "Run x^2^ km, ==fast== :runner:, $c = a + b$."
    make_post("New", source, at=timezone.now() - timedelta(seconds=5), extended_markdown=extended)
    blog_jobs.announce()
    morning()
    assert f"\n{words}\n" in Email.objects.get().text


def test_nothing_new_is_no_email_and_nothing_is_told_twice(reader, post, approved):
    reader(ANN, post, how="daily")
    morning()
    approved("One.")
    daily_digest.queue_daily_digests()
    assert not Email.objects.exists(), "the next morning has not come"
    morning()
    daily_digest.queue_daily_digests()
    assert Email.objects.count() == 1


def test_it_tells_of_answers_alone_and_never_of_ones_own(reader, post, approved, make_comment):
    bob = Person.objects.of_browser("b" * 32)
    reader(ANN, post, how="daily", what="replies"), reader(BOB, post, how="daily", confirmed_in=bob.browser)
    mine = make_comment("By Ann", email=ANN)
    approved("To Ann.", parent=mine), approved("To the post."), approved("Bob himself.", person=bob)
    morning()
    assert "> To Ann." in sent_to(ANN)[0].text and "To the post." not in sent_to(ANN)[0].text
    assert "> To the post." in sent_to(BOB)[0].text and "Bob himself." not in sent_to(BOB)[0].text


@pytest.mark.parametrize("change", ["hidden", "private"])
def test_what_was_hidden_since_is_not_told(reader, post, make_post, approved, mona, change):
    other = make_post("Other")
    reader(ANN, post, how="daily"), reader(ANN, other, how="daily")
    hidden = approved("Not for long."), approved("It stays.", on=other)
    morning()
    assert "Not for long." in Email.objects.get().text
    if change == "hidden":
        Comment.objects.filter(pk=hidden[0].pk).trash(mona)
    else:
        type(post).objects.filter(pk=post.pk).update(visibility="private")
    jobs.run_ready()
    assert "Not for long." not in outbox.outbox[0].body and "> It stays." in outbox.outbox[0].body
    assert "1 new comment" in outbox.outbox[0].subject


def test_where_nothing_is_left_to_tell_no_email_leaves(reader, post, approved, mona):
    reader(ANN, post, how="daily")
    comment = approved("Not for long.")
    morning()
    comment.trash(mona)
    jobs.run_ready()
    assert not outbox.outbox and not Email.objects.exists()


def test_whoever_has_stopped_gets_no_email_that_was_written(reader, post, approved):
    reader(ANN, post, how="daily").delete()
    follows = reader(ANN, post, how="daily")
    approved("One.")
    morning()
    follows.delete()
    jobs.run_ready()
    assert not outbox.outbox


def test_an_email_that_could_not_leave_becomes_part_of_the_next(reader, post, approved, settings):
    settings.EMAIL_HOST = ""
    reader(ANN, post, how="daily")
    approved("One.")
    morning()
    approved("Two.")
    Subscription.objects.update(digest_until=timezone.now() - timedelta(days=1, minutes=1))
    Subscription.objects.update(digest_from=timezone.now() - timedelta(days=3))
    daily_digest.queue_daily_digests()
    email = Email.objects.get()
    assert "> One." in email.text and "> Two." in email.text


@pytest.mark.db
def test_a_hundred_people_cost_as_much_as_two(reader, post, approved, settled):
    def cost():
        settled(), site()
        with CaptureQueriesContext(connection) as captured:
            morning()
        return len(captured)

    reader("a@example.org", post, how="daily"), reader("b@example.org", post, how="daily")
    approved("One.")
    few = cost()
    for n in range(60):
        reader(f"r{n}@example.org", post, how="daily")
    Email.objects.all().delete()
    assert cost() == few and Email.objects.count() == 62


def test_the_morning_is_the_blogs_own(blog, monkeypatch):
    Site.objects.update(timezone="Pacific/Auckland")
    seven = daily_digest.last_morning()
    assert seven.hour == 7 and seven.utcoffset() >= timedelta(hours=12)
    assert timedelta() <= datetime.now(tz=seven.tzinfo) - seven < timedelta(days=1, hours=2)


def test_whoever_changes_to_daily_hears_nothing_twice(reader, post, approved):
    follows = reader(ANN, post)
    approved("At once.")
    follows.change(how="daily")
    approved("Later.")
    Subscription.objects.update(digest_until=follows.digest_until)
    daily_digest.queue_digests_for([follows.person_id])
    assert ["> At once." in email.text for email in sent_to(ANN)] == [True, False]
    assert "> Later." in sent_to(ANN)[1].text


@pytest.mark.parametrize("state", ["waiting", "sent", "refused", "failed"])
def test_whoever_erases_a_comment_erases_it_from_every_daily_email_that_left(approved, state):
    comment = approved("My secret.")
    facts = {"to": "ann@example.org", "subject": "News", "text": "My secret.", "kind": replies.DAILY, "key": "x"}
    email = Email.objects.create(state=state, **facts)
    privacy.forget(comment.itself, privacy.ERASE)
    email.refresh_from_db()
    assert email.text == ("My secret." if state == "waiting" else "")


def test_whoever_changes_from_daily_gets_what_the_morning_would_have_brought(reader, post, approved, guest):
    following = reader(ANN, post, how="daily")
    approved("Before the change.")
    page = replies.subscriptions_url(following.person_id).removeprefix("http://localhost:8000")
    guest.post(page, {"do": f"save {following.pk}", "how": "now", "what": "comments"})
    jobs.run_ready()
    assert ["> Before the change." in email.body for email in outbox.outbox] == [True]
    approved("Behind it.")
    jobs.run_ready()
    assert ["> Behind it." in email.body for email in outbox.outbox] == [False, True]
    morning()
    assert len(outbox.outbox) == 2


def test_a_daily_email_that_waits_leaves_though_its_reader_has_changed_to_at_once(
    reader, post, approved, guest, settings
):
    following = reader(ANN, post, how="daily")
    settings.EMAIL_HOST = ""
    approved("In the email.")
    morning()
    following.refresh_from_db()
    following.change(how="now")
    settings.EMAIL_HOST = "mail.example.org"
    mail.deliver_waiting()
    assert ["> In the email." in email.body for email in outbox.outbox] == [True]


def test_whoever_changes_to_daily_while_an_email_waits_hears_nothing_twice(reader, post, approved, settings):
    reader(ANN, how="daily")
    following = reader(ANN, post)
    approved("Told at once.")
    jobs.run_ready()
    Email.objects.create(to=ANN, subject="x", text="x", kind="daily digest", key="daily 1 2026-01-01T00:00:00+00:00")
    following.change(how="daily")
    daily_digest.queue_digests_for([following.person_id])
    assert not any("> Told at once." in email.text for email in Email.objects.filter(kind="daily digest"))
