"""Readers are told of new answers: who follows, once, and only of what everybody may read."""

from datetime import timedelta
from email import message_from_string

import pytest
from allauth.account.models import EmailAddress
from django.core import mail as outbox
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from comments.models import Comment, ModerationAction, PendingNotification, Person, Subscription
from comments.notifications import replies
from core import jobs, mail
from core.models import Email
from core.site import site
from tests.comments.readers import HOME, link_in, sent_to

pytestmark = pytest.mark.usefixtures("leaves", "discussion")
ANN, RENE = "ann@example.org", "rene@example.org"


def approve(comment, by=None):
    decision = Comment.objects.filter(pk=comment.pk).approve(by)
    comment.refresh_from_db()
    return decision


@pytest.fixture
def held(make_comment):
    """Carl's comment, which waits."""
    return make_comment("A thought of Carl.", state="pending", name="Carl", email="carl@example.org")


def test_whoever_follows_is_told_when_it_is_approved(reader, post, held, mona):
    reader(ANN, post), reader(RENE, post)
    assert not Email.objects.exists()
    approve(held, mona)
    assert {email.to for email in Email.objects.all()} == {ANN, RENE}
    email = sent_to(ANN)[0]
    assert email.subject == "Re: [Ada runs] A long run" and email.kind == "new comment"
    assert "Carl writes on" in email.text
    assert "> A thought of Carl." in email.text and f"/comments/to/{held.pk}/" in email.text
    assert "carl@example.org" not in email.text
    assert email.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert email.headers["List-Id"] == "<comments.localhost>"
    assert email.headers["References"] == email.headers["In-Reply-To"] == f"<post.{post.pk}@localhost>"
    assert email.headers["List-Unsubscribe"] == f"<{HOME}{link_in(email, 'stop')}>"


def test_the_emails_are_written_with_the_decision_or_not_at_all(reader, post, held, mona, monkeypatch):
    reader(ANN, post)
    monkeypatch.setattr(
        "comments.models.moderation_action.AFTER_ACTION", [replies.notify_readers, lambda decision: 1 / 0]
    )
    with pytest.raises(ZeroDivisionError):
        approve(held, mona)
    assert not Email.objects.exists() and not PendingNotification.objects.exists()


@pytest.mark.parametrize("deed", ["mark_spam", "trash", "hold"])
def test_what_does_not_stand_is_told_to_nobody(reader, post, held, mona, deed):
    reader(ANN, post)
    getattr(Comment.objects.filter(pk=held.pk), deed)(mona)
    assert not Email.objects.exists() and not PendingNotification.objects.exists()


def test_the_writer_hears_nothing_of_their_own(reader, rene, post, mona, make_comment):
    ann, theirs = Person.objects.of_browser("a" * 32), Person.objects.of_account(rene)
    EmailAddress.objects.create(user=rene, email=rene.email, verified=True, primary=True)
    reader(ANN, post, confirmed_in=ann.browser), reader(rene.email, post)
    approve(make_comment("Mine", state="pending", person=ann), mona)
    approve(make_comment("Also mine", state="pending", person=theirs, email=""), mona)
    told = {(email.to, email.text.split("> ")[1].split("\n")[0]) for email in Email.objects.all()}
    assert told == {(rene.email, "Mine"), (ANN, "Also mine")}


@pytest.mark.parametrize("person", [None, "a stranger's browser", "an account that nobody confirmed"])
def test_a_typed_address_silences_nobodys_emails(reader, post, mona, rene, make_comment, person):
    reader(ANN, post, confirmed_in="a" * 32)
    rene.email = "other@example.org"
    people = {None: lambda: None, "a stranger's browser": lambda: Person.objects.of_browser("b" * 32)}
    writer = people.get(person, lambda: Person.objects.of_account(rene))()
    approve(make_comment("Somebody typed her address", state="pending", email=ANN, person=writer), mona)
    assert len(sent_to(ANN)) == 1


def test_who_confirms_on_another_device_after_commenting_is_not_told_of_that_comment(reader, post, mona, make_comment):
    writer = Person.objects.of_browser("b" * 32)
    mine = make_comment("Mine", state="pending", email=ANN.upper(), person=writer)
    other = make_comment("By Bob", state="pending", email="bob@example.org", person=Person.objects.of_browser("c" * 32))
    reader(ANN, post, confirmed_in="a" * 32)
    for comment in (mine, other):
        approve(comment, mona)
    assert [email.text.split("> ")[1].split("\n")[0] for email in sent_to(ANN)] == ["By Bob"]


def test_whoever_wants_answers_hears_of_answers_alone(reader, post, mona, make_comment):
    reader(ANN, post, what="replies")
    mine, other = make_comment("By Ann", email=ANN), make_comment("By Bob", email="bob@example.org")
    for parent in (mine, other, None):
        approve(make_comment("An answer", state="pending", parent=parent, email="c@example.org"), mona)
    assert [email.subject for email in sent_to(ANN)] == ["Re: [Ada runs] A long run"]
    assert "Ann replied to your comment" in sent_to(ANN)[0].text


def test_nobody_is_told_before_they_have_confirmed(post, held, mona):
    Subscription.objects.create(address=ANN, post=post, what="comments")
    approve(held, mona)
    assert not Email.objects.exists()


@pytest.mark.db
def test_nobody_is_told_twice_whatever_is_decided(reader, post, held, mona):
    reader(ANN, post)
    approve(held, mona)
    jobs.run_ready()
    assert len(outbox.outbox) == 1
    for deed in ("trash", "restore", "hold", "approve", "mark_spam"):
        getattr(Comment.objects.filter(pk=held.pk), deed)(mona)
    ModerationAction.objects.first().undo()
    replies.notify_all_due.call()
    replies.notify_missed()
    jobs.run_ready()
    assert len(outbox.outbox) == Email.objects.count() == 1


@pytest.mark.db
def test_an_undone_approval_takes_the_emails_back_and_a_second_one_writes_them(reader, post, held, mona):
    reader(ANN, post)
    approve(held, mona).undo()
    assert not Email.objects.exists()
    replies.notify_missed()
    assert not Email.objects.exists()
    approve(held, mona)
    jobs.run_ready()
    assert len(outbox.outbox) == 1


def test_an_undone_spam_verdict_tells(reader, post, held, mona, make_comment):
    reader(ANN, post)
    decision = Comment.objects.filter(pk=held.pk).mark_spam(mona)
    decision.undo()
    assert not Email.objects.exists(), "it waits again"
    approve(held, mona)
    assert len(sent_to(ANN)) == 1


def test_old_answers_and_imports_are_no_news(reader, post, mona, make_comment):
    reader(ANN, post)
    stood = make_comment("It came with an import, and stood.")
    Comment.objects.filter(pk=stood.pk).trash(mona)
    Comment.objects.filter(pk=stood.pk).restore(mona)
    old = make_comment("It waited for years.", state="pending", posted_at=timezone.now() - timedelta(days=900))
    approve(old, mona)
    make_comment("It was put there by a script.")
    replies.notify_missed()
    assert not Email.objects.exists()


@pytest.mark.parametrize("facts", [{"visibility": "private"}, {"visibility": "password"}, {"status": "draft"}, "trash"])
def test_nobody_hears_what_they_may_not_read(reader, post, held, mona, facts):
    reader(ANN, post)
    if facts == "trash":
        post.trash()
    else:
        type(post).objects.filter(pk=post.pk).update(**facts)
    approve(held, mona)
    assert not Email.objects.exists()


@pytest.mark.parametrize("change", ["comment", "post", "stop"])
def test_it_is_asked_once_more_before_an_email_leaves(reader, post, held, mona, change):
    follows = reader(ANN, post)
    approve(held, mona)
    if change == "comment":
        Comment.objects.filter(pk=held.pk).update(state="trash")
    elif change == "post":
        post.trash()
    else:
        follows.delete()
    jobs.run_ready()
    assert not outbox.outbox and not Email.objects.exists()


def test_an_email_that_could_not_leave_for_a_week_stays(reader, post, held, mona):
    reader(ANN, post)
    approve(held, mona)
    Email.objects.update(created_at=timezone.now() - timedelta(days=8))
    jobs.run_ready()
    assert not outbox.outbox


def test_an_answer_that_the_rules_let_in_is_told(reader, post, rene, as_, say, make_comment):
    reader(ANN, post)
    make_comment("Earlier", person=Person.objects.of_account(rene))
    as_(rene).post(f"/comments/{post.pk}/", {"comment": "Hello again"}, headers={"origin": HOME})
    assert Comment.objects.newest_first()[0].state == "approved"
    assert "> Hello again" in sent_to(ANN)[0].text


def test_the_authors_answer_at_the_desk_is_told_and_approves(reader, ada, as_, post, held):
    reader(ANN, post)
    as_(ada).post(f"/desk/comments/{held.pk}/reply/", {"text": "Thank you, Carl."})
    assert sorted(email.text.split("> ")[1].split("\n")[0] for email in sent_to(ANN)) == [
        "A thought of Carl.", "Thank you, Carl.",
    ]  # fmt: skip


def test_an_edit_that_lets_it_stand_tells_and_one_that_holds_takes_back(reader, post, guest, say, discussion, mona):
    reader("follower@example.org", post)
    say(guest, post, "First words")
    approve(Comment.objects.get(), mona)
    Email.objects.filter(kind="new comment").delete()
    discussion.flood_seconds = 0
    discussion.save()
    say(guest, post, "See https://a.example and https://b.example")
    held = Comment.objects.pending().get()
    guest.post(f"/comments/to/{held.pk}/edit/", {"comment": "See nothing"})
    held.refresh_from_db()
    assert held.state == "approved" and "> See nothing" in sent_to("follower@example.org")[0].text
    guest.post(f"/comments/to/{held.pk}/edit/", {"comment": "See https://a.example and https://b.example"})
    assert not sent_to("follower@example.org")


def test_whoever_asked_hears_that_their_comment_is_published(reader, post, held, mona):
    reader("carl@example.org", comment=held, what="published")
    approve(held, mona)
    email = sent_to("carl@example.org")[0]
    assert email.subject == "[Ada runs] Your comment is published" and f"/comments/to/{held.pk}/" in email.text
    jobs.run_ready()
    assert len(outbox.outbox) == 1


def test_whoever_confirms_after_it_was_published_hears_it_then(post, held, mona, guest):
    from comments.notifications import subscriptions

    Subscription.objects.create(address="carl@example.org", comment=held, what="published")
    approve(held, mona)
    assert not Email.objects.exists()
    subscriptions.confirm_subscriptions("carl@example.org", Subscription.objects.all())
    assert len(sent_to("carl@example.org", "comment published")) == 1


def test_a_held_comment_offers_its_writer_a_word_and_nobody_else(guest, post, say):
    say(guest, post)
    comment = Comment.objects.get()
    assert "Tell me when it is published" in guest.get(post.path).content.decode()
    assert "Tell me when it is published" not in Client().get(post.path).content.decode()
    other = Client(headers={"origin": HOME})
    assert other.post(f"/comments/to/{comment.pk}/notify/").status_code == 404
    assert guest.post(f"/comments/to/{comment.pk}/notify/").status_code == 303
    assert Subscription.objects.get().what == "published" and len(sent_to(ANN, "confirm subscription")) == 1
    assert "Tell me when it is published" not in guest.get(post.path).content.decode()


def test_spam_looks_to_its_writer_as_if_it_waited_and_writes_to_nobody(guest, post, say):
    say(guest, post)
    Comment.objects.update(state="spam")
    assert "Tell me when it is published" in guest.get(post.path).content.decode()
    assert guest.post(f"/comments/to/{Comment.objects.get().pk}/notify/").status_code == 303
    assert not Subscription.objects.exists() and not sent_to(ANN)


@pytest.mark.db
def test_a_click_writes_few_emails_in_few_queries_and_leaves_many_to_the_worker(
    reader, post, make_comment, mona, settled
):
    def follow(number, start=0):
        for n in range(start, number):
            reader(f"r{n}@example.org", post)

    def cost():
        comment = make_comment("News", state="pending", email="c@example.org")
        before = Email.objects.count()
        settled()
        site()
        with CaptureQueriesContext(connection) as captured:
            approve(comment, mona)
        return len(captured), Email.objects.count() - before

    follow(2)
    few, written = cost()
    assert written == 2
    follow(20, 2)
    assert cost() == (few, 20)
    follow(30, 20)
    many, written = cost()
    assert (written, PendingNotification.objects.unsent().count()) == (0, 1) and many < few
    replies.notify_all_due.call()
    assert Email.objects.filter(kind="new comment").count() == 2 + 20 + 30


@pytest.mark.db
def test_what_a_dead_worker_left_is_found_by_the_sweep(reader, post, make_comment, mona, monkeypatch):
    for n in range(30):
        reader(f"r{n}@example.org", post)
    monkeypatch.setattr(replies, "BATCH", 10)
    comment = make_comment("News", state="pending")
    approve(comment, mona)
    calls, whole = [], replies.mail.queue_all

    def dies_after_two(emails):
        calls.append(emails)
        if len(calls) == 3:
            raise MemoryError
        whole(emails)

    monkeypatch.setattr(replies.mail, "queue_all", dies_after_two)
    with pytest.raises(MemoryError):
        replies.notify_all_due.call()
    PendingNotification.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    assert PendingNotification.objects.unsent().exists()
    replies.notify_missed()
    assert not PendingNotification.objects.unsent().exists()
    assert sorted(Email.objects.values_list("to", flat=True)) == sorted(f"r{n}@example.org" for n in range(30))


@pytest.mark.parametrize(
    "name", ["Ann\r\nBcc: all@example.org", "Ann\x85Bcc: x@example.org", "Ann\u2028Bcc: x", "A\x0bB"]
)
def test_header_injection_in_a_name_reaches_no_header(reader, post, make_comment, mona, name):
    reader(ANN, post)
    comment = make_comment("Words", state="pending", name="x", email="c@example.org")
    Comment.objects.filter(pk=comment.pk).update(name=name)
    approve(comment, mona)
    jobs.run_ready()
    assert len(outbox.outbox) == 1
    message = message_from_string(outbox.outbox[0].message().as_string())
    assert message["Bcc"] is None and outbox.outbox[0].recipients() == [ANN]
    assert set(message.keys()) <= {"Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To",
        "Date", "Message-ID", "Auto-Submitted", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Id", "References",
        "In-Reply-To"}  # fmt: skip


def test_host_tricks_change_no_link(reader, guest, post, say, settings):
    answer = guest.post(
        f"/comments/{post.pk}/",
        {"comment": "Words", "author": "Ann", "email": ANN, "subscribe": "on"},
        headers={
            "X-Forwarded-Host": "evil.example",
            "X-Original-URL": "https://evil.example/",
            "Forwarded": "host=evil",
        },
    )
    assert answer.status_code == 303 and "evil" not in sent_to(ANN)[0].text
    wrong = Client(headers={"origin": HOME, "host": "evil.example"})
    assert wrong.post("/comments/subscribe/", {"email": "x@example.org"}).status_code in (301, 400, 403)
    assert not sent_to("x@example.org")


def test_what_was_sent_is_not_kept_for_ever(reader, post, held, mona):
    reader(ANN, post)
    approve(held, mona)
    jobs.run_ready()
    Email.objects.update(sent_at=timezone.now() - timedelta(days=2))
    replies.prune_subscription_emails()
    assert Email.objects.get().text == ""
    Email.objects.update(sent_at=timezone.now() - timedelta(days=31))
    replies.prune_subscription_emails()
    assert not Email.objects.exists()


def test_what_was_edited_while_its_email_waited_is_told_as_it_is_now(reader, post, held, mona, settings):
    reader("ann@example.org", post)
    settings.EMAIL_HOST = ""
    held.approve(mona)
    held.revise(mona, text="A second thought.", name="Carla")
    settings.EMAIL_HOST = "mail.example.org"
    mail.deliver_waiting()
    (email,) = outbox.outbox
    assert "A thought of Carl." not in email.body and "> A second thought." in email.body
    assert "Carla" in email.body


def test_a_word_that_waited_days_for_its_server_still_comes(reader, held, mona, settings):
    reader("carl@example.org", comment=held, what="published")
    settings.EMAIL_HOST = ""
    held.approve(mona)
    PendingNotification.objects.update(notified_at=timezone.now() - timedelta(days=3))
    replies.prune_subscription_emails()
    settings.EMAIL_HOST = "mail.example.org"
    mail.deliver_waiting()
    assert [email.subject for email in outbox.outbox] == ["[Ada runs] Your comment is published"]
