"""The email log at the desk: honest about what left, and shut to everybody but the owner."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from core import email_log, jobs, mail
from core.models import Email

LEDGER = "/desk/emails/"


@pytest.fixture
def desk(ada, as_):
    return as_(ada)


@pytest.fixture
def write(db):
    def make(number=1, **facts):
        said = {"to": "rene@example.org", "subject": "News", "text": "What is new.", "kind": "weekly"} | facts
        return [Email.objects.create(**said) for _ in range(number)][-1]

    return make


@pytest.fixture
def queries(settled):
    """How many queries a page costs when what is kept of it is warm."""

    def count(ask):
        settled()
        assert ask().status_code == 200
        with CaptureQueriesContext(connection) as captured:
            assert ask().status_code == 200
        return len(captured)

    return count


def text(answer):
    return answer.content.decode()


def test_states_and_reasons_stand_in_the_list(desk, write):
    write(state="refused", last_error="550 No such user here")
    write(state="waiting", last_error="450 Greylisted", tries=1)
    write(state="bounced", last_error="The mailbox is full")
    write(state="sent", sent_at=timezone.now(), subject="It went well")
    page = text(desk.get(LEDGER))
    for said in ("550 No such user here", "450 Greylisted", "The mailbox is full", "It went well", "Bounced"):
        assert said in page
    assert "It went well" not in text(desk.get(LEDGER, {"show": "bounced"}))
    assert "The mailbox is full" in text(desk.get(LEDGER, {"show": "bounced"}))


@pytest.mark.parametrize("query", [{"show": "nonsense"}, {"q": "%"}, {"q": "_"}, {"page": "zero"}, {"q": "x" * 999}])
def test_odd_questions_are_answered(desk, write, query):
    write()
    answer = desk.get(LEDGER, query)
    assert answer.status_code == 200
    assert ("No emails to this address." in text(answer)) == ("q" in query)


def test_emails_are_found_by_a_part_of_their_address(desk, write):
    write(to="ann@one.example"), write(to="bob@two.example")
    page = text(desk.get(LEDGER, {"q": "ONE.ex"}))
    assert "ann@one.example" in page and "bob@two.example" not in page


def test_a_long_ledger_is_read_page_by_page_for_the_same_price(desk, write, queries):
    write()
    few = queries(lambda: desk.get(LEDGER))
    write(120)
    assert queries(lambda: desk.get(LEDGER)) == few == 5
    assert queries(lambda: desk.get(LEDGER, {"q": "rene", "page": 3})) == 5
    assert "Page 3 of 3" in text(desk.get(LEDGER, {"page": 3}))
    number = Email.objects.first().pk
    assert queries(lambda: desk.get(f"{LEDGER}{number}/")) == 4


def test_one_email_is_read_with_all_that_happened_to_it(desk, write):
    email = write(state="waiting", tries=2, last_error="450 Later", text="Line one\n<script>alert(1)</script>")
    page = text(desk.get(f"{LEDGER}{email.pk}/"))
    assert "Line one\n&lt;script&gt;" in page and "450 Later" in page and "Try now" in page and "Next attempt" in page


@pytest.mark.parametrize("kind", ["account", "code", "invitation"])
def test_what_opens_somebodys_account_is_theirs_alone_to_read(desk, ada, write, kind):
    theirs = write(kind=kind, text="Press here: 123456")
    own = write(kind=kind, text="Press here: 654321", to=ada.email)
    page = text(desk.get(f"{LEDGER}{theirs.pk}/"))
    assert "123456" not in page and "only they can read it" in page
    assert "654321" in text(desk.get(f"{LEDGER}{own.pk}/"))


def test_signed_links_of_others_are_covered(desk, ada, write, settings):
    home = settings.LONGRUN_URL
    said = (
        f"{home}/mail/confirm/7:1xPwQr:abcDEFghiJKLmnoPQRstuVWX/ {home}/u/?key=Zm9vYmFyYmF6cXV4Zm9v "
        f"{home}/2026/11/22/a-quite-long-title-of-a-post/"
    )
    page = text(desk.get(f"{LEDGER}{write(text=said).pk}/"))
    assert "abcDEF" not in page and "Zm9vYm" not in page and "/mail/confirm/…/" in page
    assert "/2026/11/22/a-quite-long-title-of-a-post/" in page
    assert "abcDEF" in text(desk.get(f"{LEDGER}{write(text=said, to=ada.email).pk}/"))


def test_what_was_refused_is_sent_again(desk, write, mail_server, inbox):
    for state in ("refused", "bounced", "failed", "waiting"):
        email = write(state=state, tries=10, last_error="no", next_try=timezone.now() + timedelta(hours=9))
        with mail_server():
            desk.post(f"{LEDGER}{email.pk}/again/")
            jobs.run_ready()
        email.refresh_from_db()
        assert (email.state, email.tries, email.last_error) == ("sent", 1, "")
    assert len(inbox.emails) == 4


@pytest.mark.parametrize("facts", [{"state": "sent"}, {"state": "sending"}, {"state": "refused", "text": ""}])
def test_what_left_or_was_emptied_is_not_sent_again(desk, write, settings, facts):
    settings.EMAIL_HOST = "localhost"
    email = write(**facts)
    page = text(desk.post(f"{LEDGER}{email.pk}/again/", follow=True))
    assert "cannot be sent again" in page and "Send again" not in page
    email.refresh_from_db()
    assert email.state == facts["state"]


def test_without_a_server_nothing_is_sent_again(desk, write, settings):
    settings.EMAIL_HOST = ""
    email = write(state="failed")
    assert "Email is not set up" in text(desk.post(f"{LEDGER}{email.pk}/again/", follow=True))
    email.refresh_from_db()
    assert email.state == "failed"


def press(desk):
    return text(desk.post(f"{LEDGER}test/", follow=True))


def test_a_test_says_that_the_server_took_it(desk, mail_server, inbox, ada):
    with mail_server() as running:
        page = press(desk)
    assert f"127.0.0.1:{running.port} has accepted the email." in page and "the spam folder too" in page
    assert [envelope.rcpt_tos for envelope in inbox.emails] == [[ada.email]]


def test_a_test_says_why_it_was_refused(desk, mail_server, inbox):
    inbox.recipient = "550 We do not know you"
    with mail_server():
        assert "has rejected it: 550 We do not know you" in press(desk)


def test_a_test_says_that_nobody_answers(desk, mail_server, inbox):
    with mail_server():
        pass
    page = press(desk)
    assert "has not accepted it:" in page and "refused" in page and "It will be tried again." in page
    assert Email.objects.get().state == "waiting"


def test_starttls_refused_is_told_and_nothing_leaves_in_the_clear(desk, mail_server, inbox, settings):
    settings.EMAIL_USE_TLS = True
    with mail_server(deaf=True):
        page = press(desk)
    assert inbox.emails == [] and Email.objects.get().state == "waiting"
    assert "has not accepted it: " in page and "TLS" in Email.objects.get().last_error


def test_a_test_without_a_server_says_so(desk, settings):
    settings.EMAIL_HOST = ""
    assert "Nothing was sent: email is not set up (EMAIL_HOST)." in press(desk)


def test_a_test_needs_an_address_and_patience(desk, ada, settings):
    settings.EMAIL_HOST = ""
    for _ in range(5):
        press(desk)
    assert "many tests" in press(desk) and Email.objects.count() == 5
    type(ada).objects.update(email=None)
    assert "has no email address" in press(desk)


def test_without_a_server_the_ledger_says_that_nothing_leaves(desk, settings):
    settings.EMAIL_HOST = ""
    assert "Email is not set up" in text(desk.get(LEDGER)) and "Email is not set up" in text(desk.get("/desk/"))
    settings.EMAIL_HOST, settings.EMAIL_PORT = "mail.example", 587
    page = text(desk.get(LEDGER))
    assert "Email is not set up" not in page + text(desk.get("/desk/")) and "mail.example:587" in page


@pytest.mark.parametrize("path", ["", "1/", "1/again/", "test/"])
def test_nobody_but_the_owner_comes_in(as_, ed, mona, rene, write, path):
    write()
    for somebody, status in [(ed, 403), (mona, 403), (rene, 403)]:
        assert as_(somebody).get(LEDGER + path).status_code == status
        assert as_(somebody).post(LEDGER + path).status_code == status
    assert as_(None).get(LEDGER + path).headers["Location"].startswith("/accounts/login/")
    assert as_(None).post(LEDGER + path).status_code == 403
    assert Email.objects.count() == 1


# The banner


def test_when_nothing_was_accepted_for_days_every_page_of_the_desk_says_so(desk, mona, as_, write):
    write(2, created_at=timezone.now() - timedelta(days=3), last_error="Connection refused")
    for path in ("/desk/", "/desk/posts/", "/desk/comments/", LEDGER):
        page = text(desk.get(path))
        assert (
            "2 emails are waiting" in page
            and "No email has ever been accepted." in page
            and "Connection refused" in page
        )
    assert "emails are waiting" not in text(as_(mona).get("/desk/comments/"))


@pytest.mark.parametrize(
    ("waiting", "accepted", "alarm"),
    [(1, 5, False), (3, 1, False), (3, 5, True), (3, None, True), (None, 30, False), (None, None, False)],
)
def test_there_is_trouble_only_if_emails_wait_and_none_leaves(write, waiting, accepted, alarm):
    """By days: how long something waits, when something was accepted last."""
    if waiting:
        write(created_at=timezone.now() - timedelta(days=waiting))
    if accepted:
        write(state="sent", sent_at=timezone.now() - timedelta(days=accepted))
    assert bool(email_log.delivery_problem()) == alarm


def test_the_banner_costs_a_page_nothing_while_it_is_warm(desk, queries, write):
    few = queries(lambda: desk.get("/desk/posts/"))
    cache.clear()
    write(created_at=timezone.now() - timedelta(days=3))
    assert queries(lambda: desk.get("/desk/posts/")) == few


# What is kept


def test_texts_go_after_a_month_and_rows_after_a_year(write):
    now = timezone.now()
    young = write(state="sent", created_at=now - timedelta(days=29))
    old = write(
        state="refused", created_at=now - timedelta(days=31), html="<p>x</p>", headers={"Reply-To": "a@b.example"}
    )
    ancient = write(state="sent", created_at=now - timedelta(days=366))
    waits = write(state="waiting", created_at=now - timedelta(days=31))
    email_log.prune_email_log()
    for email in (young, old, waits):
        email.refresh_from_db()
    assert (young.text, waits.text) == ("What is new.", "What is new.")
    assert (old.text, old.html, old.headers, old.to) == ("", "", {}, "rene@example.org")
    assert not Email.objects.filter(pk=ancient.pk).exists()


def test_what_waited_for_a_server_for_two_weeks_is_given_up(write, settings):
    settings.EMAIL_HOST = ""
    stale = write(next_try=timezone.now() - timedelta(days=15))
    fresh = write(next_try=timezone.now() - timedelta(days=13))
    email_log.prune_email_log()
    stale.refresh_from_db(), fresh.refresh_from_db()
    assert (stale.state, fresh.state) == ("failed", "waiting")
    assert "not set up for two weeks (EMAIL_HOST)" in stale.last_error
    settings.EMAIL_HOST = "localhost"
    mail.resend(stale)
    email_log.prune_email_log()
    stale.refresh_from_db()
    assert stale.state == "waiting"
