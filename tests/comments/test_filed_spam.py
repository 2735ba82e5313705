"""What the filter filed as spam by itself is named until somebody has looked."""

import re
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from comments import privacy
from comments.models import Comment, DigestLine, DiscussionSettings
from comments.moderation import filed_spam
from comments.notifications import owner as owner_notifications
from comments.notifications import owner_digest
from core.models import Email
from tests.markup import squeeze

FILTER, TRACE = "classify_spam", "spam_by_known_traces"


def why(rule=FILTER, verdict="spam"):
    return [{"rule": rule, "verdict": verdict, "why": "It looks like spam (99 %)."}]


@pytest.mark.parametrize(
    ("state", "reasons", "named"),
    [
        ("spam", why(), True),
        ("spam", why(TRACE), True),
        ("spam", why(verdict="pending"), False),  # held by the filter, called spam by somebody
        ("spam", why("spam_daily_honeypot"), False),
        ("spam", why("spam_from_blocked") + why(), False),
        ("spam", [], False),
        ("pending", why(), False),
        ("trash", why(), False),
    ],
)
def test_what_only_the_filter_filed_is_named(discussion, make_comment, state, reasons, named):
    make_comment(state=state, reasons=reasons)
    assert bool(filed_spam.unseen()) == named


def test_the_desks_first_page_names_it_until_somebody_has_looked(as_, mona, make_comment, discussion):
    desk = as_(mona)
    assert "as spam automatically" not in desk.get("/desk/").content.decode()
    for number in range(12):
        make_comment(f"Number {number}", state="spam", name=f"Honest {number}", reasons=why())
    page = desk.get("/desk/").content.decode()
    assert "The filter marked 12 comments as spam automatically:" in page and "<bdi>Honest 11</bdi>" in page
    assert "and 2 more." in page
    shown = {"seen": re.search(r'name="seen" value="([^"]+)"', squeeze(page))[1]}
    make_comment("Late", state="spam", name="After the page", reasons=why())
    assert desk.post("/desk/comments/filed-spam/", shown)["Location"] == "/desk/comments/spam/"
    assert "as spam automatically:\n<bdi>After the page</bdi>." in desk.get("/desk/").content.decode()
    desk.post("/desk/comments/filed-spam/", {"seen": "nonsense"})
    assert "as spam automatically" not in desk.get("/desk/").content.decode()
    make_comment("One more", state="spam", name="Another", reasons=why())
    assert "The filter marked 1 comment as spam automatically:" in desk.get("/desk/").content.decode()


def test_who_may_not_moderate_is_told_nothing(as_, rene, make_comment, discussion):
    make_comment(state="spam", reasons=why())
    assert as_(rene).post("/desk/comments/filed-spam/").status_code == 403
    assert as_(rene).get("/desk/comments/filed-spam/").status_code in (403, 405)
    assert DiscussionSettings.objects.get().filed_seen_at is None


@pytest.mark.parametrize("deed", ["restore", "mark_spam", "trash"])
def test_what_somebody_decided_about_is_named_no_more(make_comment, discussion, ada, deed):
    comment = make_comment(state="spam", reasons=why())
    assert filed_spam.unseen()
    getattr(comment, deed)(ada)
    comment.trash(ada), comment.mark_spam(ada)
    assert not filed_spam.unseen()


def test_the_digest_names_it(ada, make_comment, discussion):
    for number in range(5):
        owner_notifications.notify_owners(
            make_comment(f"number {number}", state="pending", name=f"Ann {number}", reasons=[])
        )
    make_comment("I would buy http://my.example your old bike", state="spam", name="Lou", reasons=why())
    make_comment("long ago", state="spam", name="Old", reasons=why(), state_since=timezone.now() - timedelta(days=9))
    owner = ada
    owner_digest.write_digest(owner)
    text = Email.objects.get(kind="comment digest").text
    assert "The filter marked 1 comment as spam automatically; please check:" in text
    assert "* Lou: I would buy http[:]//my[.]example your old bike" in text and "Old" not in text
    assert "/desk/comments/spam/" in text


@pytest.fixture
def sweep():
    """Time goes by, and the digests are written."""

    def go(**span):
        back = timedelta(**span)
        Email.objects.update(created_at=F("created_at") - back)
        Comment.objects.update(state_since=F("state_since") - back, filed_at=F("filed_at") - back)
        owner_digest.write_digests()
        return list(Email.objects.filter(kind="comment digest").order_by("pk"))

    return go


def test_what_was_only_filed_starts_a_digest_of_its_own_once_a_day(ada, make_comment, discussion, sweep):
    make_comment("I would buy http://my.example your old bike", state="spam", name="Lou", reasons=why())
    assert sweep() == [], "more of it may still come"
    (email,) = sweep(minutes=20)
    assert email.subject == "[Ada runs] 1 was filed as spam" and email.to == ada.email
    assert "The filter marked 1 comment as spam automatically; please check:" in email.text
    assert "* Lou: I would buy http[:]//my[.]example your old bike" in email.text and "/decide/" not in email.text
    make_comment("And another", state="spam", name="Mo", reasons=why())
    assert len(sweep(hours=9)) == 1, "one a day"
    _first, second = sweep(hours=16)
    assert "* Mo: And another" in second.text and "Lou" not in second.text
    assert len(sweep(hours=25)) == 2, "nothing is told twice"


@pytest.mark.parametrize(
    ("state", "reasons", "wanted", "seen"),
    [
        ("spam", why("spam_daily_honeypot"), True, False),
        ("pending", why(), True, False),
        ("spam", why(), False, False),  # the owner wants no emails about what is held
        ("spam", why(), True, True),
    ],
)
def test_what_is_not_filed_not_wanted_or_seen_starts_no_digest(
    ada, make_comment, discussion, sweep, state, reasons, wanted, seen
):
    make_comment(state=state, reasons=reasons)
    discussion.mail_held = wanted
    discussion.save()
    if seen:
        filed_spam.mark_all_seen()
    assert sweep(hours=1) == []


def test_an_erased_comment_is_taken_out_of_the_digest_that_named_it(ada, make_comment, discussion, sweep):
    make_comment("My telephone is a secret", state="spam", name="Lou", reasons=why())
    sweep(hours=1)
    assert DigestLine.objects.get().what == "filed"
    Email.objects.update(state="sent")
    privacy.forget(Comment.objects.all(), privacy.ERASE, by=ada)
    assert "secret" not in Email.objects.get().text


def test_looking_once_is_enough_for_the_emails_too(make_comment, discussion):
    make_comment(state="spam", reasons=why())
    filed_spam.mark_all_seen()
    assert not filed_spam.unseen(since=timezone.now() - timedelta(days=7))
    assert Comment.objects.get().state == "spam"
