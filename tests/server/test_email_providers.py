"""Mail by a provider's API: from the environment to its door, and what it reports afterwards."""

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from comments.models import Subscription
from core import jobs, mail
from core.models import Email
from server.email_providers import PROVIDERS, default_from_email, mail_provider
from tests.core.provider import Provider, name_of_the_email

HOOK = "/desk/emails/events/"
SAID = ["EMAIL_PROVIDER", "EMAIL_HOST", "EMAIL_API_KEY", "EMAIL_API_SECRET", "EMAIL_API_URL", "EMAIL_SENDER_DOMAIN",
        "EMAIL_WEBHOOK_SECRET", "EMAIL_WEBHOOK_SIGNING_KEY", "DEFAULT_FROM_EMAIL"]  # fmt: skip


@pytest.fixture
def say(monkeypatch):
    """The owner's environment, and nothing of the machine's own."""

    def said(**words):
        for name in SAID:
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(f"{name}_FILE", raising=False)
        for name, value in words.items():
            monkeypatch.setenv(name, value)
        return mail_provider()

    return said


@pytest.fixture
def by(say, settings, ada):
    """by("postmark") is the stand-in, with the settings that its environment gives."""
    started = []
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "", "Ada runs <blog@blog.example>"

    def start(name, **words):
        api = Provider(name)
        started.append(api)
        keys = {"EMAIL_API_KEY": "the-key", "EMAIL_API_SECRET": "the-other-key", "EMAIL_WEBHOOK_SIGNING_KEY": "signs"}
        said = {"EMAIL_PROVIDER": name, "EMAIL_API_URL": api.url, "EMAIL_WEBHOOK_SECRET": "quiet"} | keys | words
        settings.EMAIL_PROVIDER, settings.ANYMAIL = say(**said)
        settings.EMAIL_BACKEND = f"anymail.backends.{name}.EmailBackend"
        mail._paused_until = 0.0
        return api

    yield start
    for api in started:
        api.close()
    mail._paused_until = 0.0


def write(**changes):
    said = {"to": "ada@example.org", "subject": "“Café”", "text": "Hëllo", "headers": {"Reply-To": "rene@example.org"}}
    return mail.queue(**(said | changes))


def row(email):
    email.refresh_from_db()
    return email


@pytest.mark.parametrize("name", PROVIDERS)
def test_an_email_leaves_by_each_provider_with_its_own_number(by, name):
    api = by(name)
    email = write()
    jobs.run_ready()
    assert (row(email).state, email.provider_id) == ("sent", name_of_the_email(name))
    ((_path, headers, body),) = api.requests
    said = unquote_plus(body) + str(headers)
    assert "ada@example.org" in said and "rene@example.org" in said and "blog@blog.example" in said
    assert f"<{email.pk}." in said, "its Message-ID"
    assert "auto-generated" in said


@pytest.mark.parametrize(
    ("status", "answer", "state"),
    [
        (
            422,
            {"ErrorCode": 406, "Message": "Found inactive addresses: ada@example.org. Inactive recipients"},
            "refused",
        ),
        (422, {"ErrorCode": 406, "Message": "422: in words that nobody has foreseen"}, "refused"),
        (400, b"what?", "refused"),
        (413, b"", "refused"),
        (401, {"ErrorCode": 10, "Message": "Bad or missing server token."}, "waiting"),
        (403, {"Message": "The domain is not verified."}, "waiting"),
        (429, {"Message": "Too many requests"}, "waiting"),
        (500, b"<html>oops</html>", "waiting"),
        (503, b"", "waiting"),
        (200, b"<html>a captive portal</html>", "waiting"),
    ],
)
def test_what_a_provider_says_is_never_or_not_now(by, status, answer, state):
    api = by("postmark")
    api.status, api.answer = status, answer
    email = write()
    jobs.run_ready()
    assert (row(email).state, email.tries) == (state, 1)
    assert "\n" not in email.last_error and (str(status) in email.last_error or status in (200, 422))
    assert "the-key" not in email.last_error


def test_a_provider_that_takes_no_email_at_all_is_left_alone_for_a_minute(by):
    api = by("postmark")
    api.status, api.answer = 401, {"Message": "Bad token"}
    emails = [write(to=f"r{n}@example.org") for n in range(5)]
    jobs.run_ready()
    mail.deliver_waiting()
    assert [row(email).tries for email in emails] == [1, 1, 0, 0, 0]
    api.status, api.answer = 200, {"ErrorCode": 0, "MessageID": "x"} | {"Message": "OK"}
    mail._paused_until = 0.0
    Email.objects.update(next_try=timezone.now() - timedelta(seconds=1))
    mail.deliver_waiting()
    assert {row(email).state for email in emails} == {"sent"}


def test_a_provider_that_is_away_is_asked_again(by):
    by("postmark").close()
    email = write()
    jobs.run_ready()
    assert (row(email).state, email.tries) == ("waiting", 1)
    assert "127.0.0.1" in email.last_error and mail._paused_until > 0


# What it reports


@pytest.fixture
def sent(by):
    by("postmark")
    return Email.objects.create(
        to="ada@example.org", subject="x", text="x", state="sent", sent_at=timezone.now(), provider_id="taken-1"
    )


def report(client, secret="longrun:quiet", **event):
    event = {"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "taken-1", "Email": "ada@example.org"} | event
    headers = {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()} if secret else {}
    return client.post(HOOK, json.dumps(event), content_type="application/json", headers=headers).status_code


def test_a_bounce_is_told_with_its_reason(client, sent):
    assert report(client, Details="smtp;550 5.1.1 The mailbox is gone") == 200
    assert row(sent).state == "bounced" and "The mailbox is gone" in sent.last_error


def test_a_complaint_is_told(client, sent):
    assert report(client, RecordType="SpamComplaint", Type="SpamComplaint") == 200
    assert (row(sent).state, sent.last_error) == ("bounced", "The reader called it spam.")


def test_who_calls_an_email_spam_gets_no_more_of_what_they_followed(client, sent):
    for address in ("ada@example.org", "rene@example.org"):
        Subscription.objects.create(address=address, what="posts", confirmed_at=timezone.now())
    report(client, RecordType="SpamComplaint", Type="SpamComplaint")
    assert [row.address for row in Subscription.objects.all()] == ["rene@example.org"]


def test_an_address_from_which_three_emails_came_back_is_written_to_no_more(client, sent):
    Subscription.objects.create(address="ada@example.org", what="posts", confirmed_at=timezone.now())
    for number in (2, 3):
        facts = {"to": "ada@example.org", "subject": "x", "text": "x", "state": "sent"}
        Email.objects.create(**facts, provider_id=f"taken-{number}")
    report(client), report(client), report(client, MessageID="taken-2")
    assert Subscription.objects.exists(), "a mailbox may be full for a week"
    report(client, MessageID="taken-3")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "event",
    [
        {"RecordType": "Delivery", "Recipient": "ada@example.org"},
        {"RecordType": "Open"},
        {"RecordType": "Click"},
        {"Type": "Transient"},
        {"MessageID": "another"},
        {"MessageID": ""},
        {"Email": "rene@example.org"},
        {"RecordType": "Nonsense"},
    ],
)
def test_what_is_no_bounce_of_this_email_changes_nothing(client, sent, event):
    assert report(client, **event) == 200
    assert row(sent).state == "sent"


@pytest.mark.parametrize("secret", ["", "longrun:loud", "quiet", "longrun:", ":quiet", "longrun:quiet "])
def test_without_the_secret_nothing_is_believed(client, sent, secret):
    assert report(client, secret) == 400
    assert row(sent).state == "sent"


def test_where_no_secret_was_chosen_there_is_no_door(client, by, sent):
    by("postmark", EMAIL_WEBHOOK_SECRET="")
    assert report(client) == report(client, "") == report(client, "longrun:") == 404
    assert row(sent).state == "sent"


def test_a_blog_that_uses_smtp_has_no_such_door(client, sent, settings):
    settings.EMAIL_PROVIDER, settings.ANYMAIL = "", {}
    assert report(client) == 404


def test_looking_at_the_door_changes_nothing(client, sent):
    assert client.head(HOOK).status_code == 200
    assert client.get(HOOK).status_code == 405
    assert row(sent).state == "sent"


def test_mailgun_must_sign_what_it_reports(client, by):
    by("mailgun")
    email = Email.objects.create(to="ada@example.org", subject="x", text="x", state="sent", provider_id="taken-1")

    def send(key):
        when, token = "1795420800", "a" * 50
        mark = hmac.new(key, f"{when}{token}".encode(), hashlib.sha256).hexdigest()
        about = {"event": "failed", "severity": "permanent", "recipient": "ada@example.org"}
        about |= {"message": {"headers": {"message-id": "taken-1"}}, "timestamp": 1795420800.0}
        body = {"signature": {"timestamp": when, "token": token, "signature": mark}, "event-data": about}
        headers = {"Authorization": "Basic " + base64.b64encode(b"longrun:quiet").decode()}
        return client.post(HOOK, json.dumps(body), content_type="application/json", headers=headers).status_code

    assert send(b"guessed") == 400 and row(email).state == "sent"
    email.provider_id = "<taken-1>"
    email.save()
    assert send(b"signs") == 200 and row(email).state == "bounced"


# What the owner says


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        ({"EMAIL_PROVIDER": "nobody"}, "choose one of brevo"),
        ({"EMAIL_PROVIDER": "postmark"}, "EMAIL_API_KEY (Postmark's key) is missing"),
        ({"EMAIL_PROVIDER": "mailjet", "EMAIL_API_KEY": "x"}, "EMAIL_API_SECRET is missing"),
        ({"EMAIL_PROVIDER": "postmark", "EMAIL_API_KEY": "x", "EMAIL_HOST": "mail.example"}, "keep one of them"),
        ({"EMAIL_PROVIDER": "mailgun", "EMAIL_API_KEY": "x", "EMAIL_WEBHOOK_SECRET": "y"}, "EMAIL_WEBHOOK_SIGNING_KEY"),
        ({"EMAIL_PROVIDER": "postmark", "EMAIL_API_KEY": "x", "EMAIL_WEBHOOK_SECRET": "a:b"}, "a colon"),
    ],
)
def test_what_is_missing_is_said_in_one_line(say, words, missing):
    with pytest.raises(ImproperlyConfigured) as told:
        say(**words)
    assert missing in str(told.value) and "\n" not in str(told.value)


def test_a_provider_without_its_package_is_said(say, monkeypatch):
    monkeypatch.setattr("server.email_providers.find_spec", lambda name: None)
    with pytest.raises(ImproperlyConfigured, match="django-anymail is not installed"):
        say(EMAIL_PROVIDER="postmark", EMAIL_API_KEY="x")


def test_without_a_provider_there_is_nothing_to_say(say):
    assert say() == ("", {}) == say(EMAIL_HOST="mail.example", EMAIL_API_KEY="left over")


def test_the_environment_becomes_what_anymail_wants(say):
    found = say(EMAIL_PROVIDER="Mailgun", EMAIL_API_KEY="k", EMAIL_SENDER_DOMAIN="mg.blog.example",
                EMAIL_API_URL="https://api.eu.mailgun.net/v3")  # fmt: skip
    wanted = {"MAILGUN_API_KEY": "k", "MAILGUN_SENDER_DOMAIN": "mg.blog.example", "REQUESTS_TIMEOUT": 20}
    assert found == ("mailgun", wanted | {"MAILGUN_API_URL": "https://api.eu.mailgun.net/v3"})


@pytest.mark.parametrize("address", ["nobody", "@example.org", "ada@", "Ada <ada>", "a@b.example\nBcc: c@d.example"])
def test_emails_come_from_an_address(say, address):
    with pytest.raises(ImproperlyConfigured, match="DEFAULT_FROM_EMAIL"):
        say(DEFAULT_FROM_EMAIL=address) and default_from_email("blog@localhost")
        default_from_email("blog@localhost")
    say()
    assert default_from_email("blog@localhost") == "blog@localhost"


def test_a_provider_that_cannot_report_is_warned_of(by):
    def told():
        return "core.W002" in [found.id for found in run_checks(include_deployment_checks=True)]

    by("postmark")
    assert not told()
    by("postmark", EMAIL_WEBHOOK_SECRET="")
    assert told()
