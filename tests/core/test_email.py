import smtplib
from datetime import timedelta
from email import message_from_bytes
from email.policy import default as modern

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from core import jobs, mail
from core.models import Email, Worker

pytestmark = [pytest.mark.django_db, pytest.mark.db]


def write(**changes):
    facts = {"to": "ada@example.org", "subject": "Held", "text": "A comment waits.", "kind": "held"}
    return mail.queue(**(facts | changes))


def tomorrow():
    """As if a day had gone by: what waits is due, and the rest after a missing server is over."""
    mail._paused_until = 0.0
    Email.objects.exclude(state="sent").update(next_try=timezone.now() - timedelta(seconds=1))


def state(email):
    email.refresh_from_db()
    return email.state


def test_an_email_arrives_as_it_was_written(mail_server, inbox):
    with mail_server():
        email = write(
            subject="“Café” – 日本語",
            text="Hëllo\n.\nFrom me",
            html="<p>Hëllo</p>",
            headers={"Reply-To": "rene@example.org", "List-Unsubscribe": "<https://blog.example/u/1>"},
        )
        jobs.run_ready()
    envelope = inbox.emails[0]
    assert (envelope.mail_from, envelope.rcpt_tos) == ("blog@blog.example", ["ada@example.org"])
    message = message_from_bytes(envelope.content, policy=modern)
    assert message["Subject"] == "“Café” – 日本語"
    assert message["Reply-To"] == "rene@example.org"
    assert message["List-Unsubscribe"] == "<https://blog.example/u/1>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"].endswith("@blog.example>")
    assert message.get_body("plain").get_content().replace("\r\n", "\n").strip() == "Hëllo\n.\nFrom me"
    assert message.get_body("html").get_content().strip() == "<p>Hëllo</p>"
    assert state(email) == "sent"
    assert email.sent_at


def test_an_email_is_sent_once_whoever_tries(mail_server, inbox):
    with mail_server():
        email = write()
        jobs.run_ready()
        mail.deliver.call(email.pk)
        mail.deliver_waiting()
    assert len(inbox.emails) == 1


def test_an_email_leaves_only_if_its_cause_is_saved(mail_server, inbox):
    with mail_server():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            write()
            raise ZeroDivisionError
        jobs.run_ready()
        mail.deliver_waiting()
    assert inbox.emails == []
    assert not Email.objects.exists()


def test_the_same_key_is_written_once(mail_server, inbox):
    with mail_server():
        first = write(key="comment 7 held, to 1")
        assert write(key="comment 7 held, to 1", text="Again") == first
        write(key="")
        write(key="")
        jobs.run_ready()
    assert len(inbox.emails) == 3


def test_without_a_server_emails_wait_in_the_log(settings, mail_server, inbox):
    settings.EMAIL_HOST = ""
    email = write()
    assert jobs.run_ready() == 0
    mail.deliver_waiting()
    assert (state(email), email.tries, mail.is_configured()) == ("waiting", 0, False)
    with mail_server():
        settings.EMAIL_HOST = "127.0.0.1"
        mail.deliver_waiting()
    assert state(email) == "sent"


def test_a_server_that_is_away_is_asked_again_later(settings, mail_server, inbox):
    with mail_server():
        pass
    email, second = write(), write()
    jobs.run_ready()
    assert (state(email), email.tries, state(second), second.tries) == ("waiting", 1, "waiting", 0)
    assert "refused" in email.last_error
    assert timedelta(seconds=50) < email.next_try - timezone.now() < timedelta(seconds=61)
    tomorrow()
    with mail_server():
        mail.deliver_waiting()
    assert len(inbox.emails) == 2
    assert (state(email), email.last_error) == ("sent", "")


def test_a_missing_server_holds_up_the_sweep_once_and_not_for_each_email(mail_server):
    with mail_server():
        pass
    for _ in range(20):
        write()
    jobs.run_ready()
    mail._paused_until = 0.0
    mail.deliver_waiting()
    assert sum(Email.objects.values_list("tries", flat=True)) == 2


@pytest.mark.parametrize("trouble", [TimeoutError, ConnectionResetError, smtplib.SMTPServerDisconnected])
def test_a_server_that_falls_silent_in_the_middle_holds_up_one_email_and_not_each(settings, monkeypatch, trouble):
    settings.EMAIL_HOST, tried = "127.0.0.1", []

    class Silent:
        def open(self):
            pass

        close = open

        def send_messages(self, messages):
            tried.append(messages)
            raise trouble("the server said nothing")

    monkeypatch.setattr(mail, "get_connection", Silent)
    for _ in range(20):
        write()
    jobs.run_ready()
    mail.deliver_waiting()
    assert len(tried) == 2, "one by the jobs, one by the sweep"
    assert Email.objects.filter(state="waiting").count() == 20


def test_after_three_days_without_a_server_we_give_up_and_can_start_over(mail_server, inbox):
    with mail_server():
        pass
    email = write()
    for _ in range(30):
        tomorrow()
        mail.deliver_waiting()
    assert (state(email), email.tries) == ("failed", 10)
    email.reset()
    with mail_server():
        mail.deliver_waiting()
    assert state(email) == "sent"


@pytest.mark.parametrize(
    ("door", "answer", "outcome"),
    [
        ("recipient", "550 No such user here", "refused"),
        ("recipient", "450 Greylisted, try again", "waiting"),
        ("data", "554 We do not like this text", "refused"),
        ("data", "451 Disk full", "waiting"),
        ("sender", "553 Who are you", "waiting"),  # our own settings are wrong: the owner can mend that
    ],
)
def test_never_is_final_and_not_now_is_not(mail_server, inbox, door, answer, outcome):
    setattr(inbox, door, answer)
    with mail_server():
        email, other = write(), write(to="rene@example.org")
        jobs.run_ready()
        assert (state(email), email.last_error) == (outcome, answer)
        assert state(other) == outcome, "one refusal does not hold up the next email"
        tomorrow()
        setattr(inbox, door, "250 OK")
        mail.deliver_waiting()
    assert state(email) == ("refused" if outcome == "refused" else "sent")


@pytest.mark.parametrize("options", [{}, {"deaf": True}])
def test_where_tls_is_refused_no_email_leaves_in_clear(settings, mail_server, inbox, options):
    settings.EMAIL_USE_TLS = True
    with mail_server(**options):
        email = write()
        for _ in range(3):
            jobs.run_ready()
            tomorrow()
            mail.deliver_waiting()
    assert inbox.emails == []
    assert state(email) == "waiting"
    assert "STARTTLS" in email.last_error or "TLS" in email.last_error


def test_tls_with_a_stranger_is_refused_and_with_a_friend_is_used(settings, mail_server, inbox, authority, monkeypatch):
    settings.EMAIL_USE_TLS = True
    with mail_server(tls=authority.server_for("127.0.0.1")):
        email = write()
        jobs.run_ready()
        assert (state(email), inbox.emails) == ("waiting", [])
        assert "certificate verify failed" in email.last_error
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        tomorrow()
        mail.deliver_waiting()
    assert (state(email), len(inbox.emails)) == ("sent", 1)


def test_tls_from_the_first_byte_is_for_friends_alone(settings, mail_server, inbox, authority, monkeypatch):
    settings.EMAIL_USE_SSL = True
    with mail_server(tls_at_once=authority.server_for("127.0.0.1")):
        email = write()
        jobs.run_ready()
        assert (state(email), inbox.emails) == ("waiting", [])
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
        tomorrow()
        mail.deliver_waiting()
    assert (state(email), len(inbox.emails)) == ("sent", 1)


def test_a_worker_that_died_between_sending_and_marking_sends_once_more_with_the_same_id(
    mail_server, inbox, monkeypatch
):
    def die(email, provider_id):
        raise SystemExit("killed")

    with mail_server():
        email = write()
        with monkeypatch.context() as dying, pytest.raises(SystemExit):
            dying.setattr(Email, "mark_sent", die)
            jobs.run_ready()
        assert state(email) == "sending"
        mail.deliver_waiting()
        assert len(inbox.emails) == 1, "somebody may still be at it"
        jobs.requeue_orphans()
        mail.requeue_interrupted()
        jobs.run_ready()
        mail.deliver_waiting()
    assert state(email) == "sent"
    assert len({message_from_bytes(each.content)["Message-ID"] for each in inbox.emails}) == 1
    assert len(inbox.emails) == 2


def test_what_another_worker_may_be_sending_is_left_to_it():
    email = write()
    assert email.claim()
    other = Worker.objects.create(name="another")
    mail.requeue_interrupted()
    assert state(email) == "sending"
    other.delete()
    mail.requeue_interrupted()
    assert state(email) == "waiting"


def test_a_sender_that_says_nothing_for_five_minutes_is_dead(mail_server, inbox):
    with mail_server():
        email = write()
        assert email.claim()
        mail.deliver_waiting()
        assert inbox.emails == []
        tomorrow()
        mail.deliver_waiting()
    assert len(inbox.emails) == 1


def test_two_senders_never_take_the_same_email():
    email = write()
    twin = Email.objects.get(pk=email.pk)
    assert email.claim()
    assert not twin.claim()


def test_a_clock_put_back_does_not_hold_emails_for_a_week(mail_server):
    with mail_server():
        email = write()
        Email.objects.update(next_try=timezone.now() + timedelta(days=7))
        mail.deliver_waiting()
    assert state(email) == "sent"


@pytest.mark.parametrize(("tries", "minutes", "sent"), [(0, 60, True), (1, 61, True), (3, 14, False), (4, 59, False)])
def test_a_clock_put_back_by_an_hour_does_not_hold_an_email_for_an_hour(mail_server, tries, minutes, sent):
    """`tries`: how often it was tried; each has its own delay, and a longer one comes from another clock."""
    with mail_server():
        email = write()
        Email.objects.update(next_try=timezone.now() + timedelta(minutes=minutes), tries=tries)
        mail.deliver_waiting()
    assert (state(email) == "sent") is sent


def test_an_email_that_is_being_sent_when_the_clock_is_put_back_is_not_sent_twice():
    email = write()
    assert email.claim()
    Email.objects.update(next_try=timezone.now() + timedelta(minutes=65))
    assert not Email.objects.due().exists()


@pytest.mark.parametrize(
    "smuggled",
    [
        {"to": "ada@example.org\nBcc: everybody@example.org"},
        {"to": "ada@example.org\r\n"},
        {"subject": "Hello\nBcc: everybody@example.org"},
        {"subject": "Hello\r"},
        {"subject": "Hello\u2028Bcc: everybody@example.org"},
        {"subject": "Hello\0"},
        {"headers": {"Reply-To": "rene@example.org\r\nBcc: everybody@example.org"}},
        {"headers": {"X-A\nBcc": "everybody@example.org"}},
        {"headers": {"X A": "b"}},
        {"headers": {"Bcc": "everybody@example.org"}},
        {"headers": {"to": "everybody@example.org"}},
        {"headers": {"From": "owner@example.org"}},
        {"headers": {"Content-Type": "text/html"}},
        {"headers": {"Reply-To": 7}},
    ],
)
def test_nobody_smuggles_a_header_into_an_email(smuggled):
    with pytest.raises(ValueError, match="one line of text|cannot be set"):
        write(**smuggled)
    assert not Email.objects.exists()


@pytest.mark.parametrize("nobody", ["", "nobody", "a@b@c", "Ada <ada@example.org>", "a@example.org, b@example.org"])
def test_an_email_goes_to_one_bare_address(nobody):
    with pytest.raises(ValidationError):
        write(to=nobody)


def test_an_email_holds_tidy_text_and_a_subject_of_bearable_length(mail_server, inbox):
    with mail_server():
        email = write(subject="long " * 100, text="a\0b\r\nc\ud800", html="<p>\u202ex</p>")
        jobs.run_ready()
    assert (email.text, email.html, len(email.subject)) == ("ab\nc", "<p>x</p>", 250)
    assert len(inbox.emails) == 1


def test_an_email_that_cannot_be_sent_as_it_is_holds_up_no_other(mail_server, inbox):
    with mail_server():
        broken, fine = write(), write(to="rene@example.org")
        Email.objects.filter(pk=broken.pk).update(headers={"X-Broken": "a\nb"})
        jobs.run_ready()
    assert (state(broken), state(fine)) == ("waiting", "sent")
    assert "newlines" in broken.last_error or "linefeed" in broken.last_error


def many(number):
    return [
        {"to": f"r{n}@example.org", "subject": "New", "text": "News.", "key": f"news to {n}"} for n in range(number)
    ]


def test_many_emails_are_written_in_a_few_statements_and_once(mail_server, inbox, django_assert_max_num_queries):
    with mail_server():
        with django_assert_max_num_queries(12):
            mail.queue_all(many(300))
        mail.queue_all(many(300))
        mail.deliver_soon()
        assert Email.objects.count() == 300
        Email.objects.filter(pk__in=Email.objects.values("pk")[20:]).delete()
        jobs.run_ready()
    assert len(inbox.emails) == 20


def test_of_many_emails_none_smuggles_a_header():
    with pytest.raises(ValueError, match="one line of text|cannot be set"):
        mail.queue_all([*many(1), {"to": "a@example.org", "subject": "a\nBcc: b@example.org", "text": "", "key": "x"}])
    assert not Email.objects.exists()


def test_what_is_not_wanted_any_more_is_not_sent(mail_server, inbox, monkeypatch):
    monkeypatch.setattr(mail, "_checks", {})
    mail.check_before_sending("held")(lambda email: email.to != "rene@example.org")
    with mail_server():
        write(), write(to="rene@example.org"), write(to="rene@example.org", kind="other")
        jobs.run_ready()
    assert sorted((email.to, email.kind) for email in Email.objects.all()) == [
        ("ada@example.org", "held"), ("rene@example.org", "other"),
    ]  # fmt: skip
    assert len(inbox.emails) == 2


def test_an_email_about_which_nobody_can_say_waits(mail_server, inbox, monkeypatch):
    monkeypatch.setattr(mail, "_checks", {"held": lambda email: 1 / 0})
    with mail_server():
        email, other = write(), write(kind="other")
        jobs.run_ready()
    assert (state(email), state(other), len(inbox.emails)) == ("waiting", "sent", 1)
