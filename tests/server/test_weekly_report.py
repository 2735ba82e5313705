"""Two lines every Monday at seven, by the blog's clock."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from comments.models import Comment, DiscussionSettings, Person
from core.models import Email, Site
from server import backups, weekly_report

MONDAY = datetime(2026, 11, 23, 7, 30, tzinfo=UTC)


@pytest.fixture
def blog_with_mail(ada, settings):
    settings.EMAIL_HOST = "localhost"
    type(ada).objects.filter(pk=ada.pk).update(date_joined=MONDAY - timedelta(days=30))
    return DiscussionSettings.objects.create()


@pytest.fixture
def at(monkeypatch):
    """The clock says so, and the sweep has its turn."""

    def go(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)
        weekly_report.queue_weekly_reports()
        return list(Email.objects.filter(kind="weekly").order_by("pk"))

    return go


@pytest.fixture
def checked(monkeypatch):
    def when(*moments):
        kept = [SimpleNamespace(checked=moment, problem="") for moment in moments]
        broken = SimpleNamespace(problem="its manifest cannot be read")  # the newest of all is worth nothing
        monkeypatch.setattr(backups, "list_backups", lambda: [broken, *kept])

    when()
    return when


def test_an_empty_week_is_two_lines_too(blog_with_mail, at, checked):
    (email,) = at(MONDAY)
    assert email.text.strip().splitlines() == [
        "0 comments, 0 published automatically, 0 by you, 0 marked as spam.",
        "Oldest waiting: none; there is no backup.",
    ]
    assert (email.to, email.subject) == ("ada@example.org", "[Ada runs] Your week")


def test_the_week_in_numbers(blog_with_mail, at, checked, ada, mona, make_post):
    post = make_post()
    checked(MONDAY - timedelta(days=1))

    def came(state, number=1, *, days=3, **facts):
        when = MONDAY - timedelta(days=days)
        rows = [Comment(post=post, text="x", state=state, posted_at=when, **facts) for _ in range(number)]
        Comment.objects.bulk_create(rows)

    came("approved", 11)
    came("pending", 3)
    Comment.objects.pending().approve(ada)
    came("spam", 212)
    came("approved", 5, person=Person.objects.of_account(ada))
    came("approved", 7, days=30)
    came("approved", 2, days=0)
    (email,) = at(MONDAY)
    assert email.text.strip().splitlines() == [
        "14 comments, 11 published automatically, 3 by you, 212 marked as spam.",
        "Oldest waiting: none; last backup checked yesterday.",
    ]


def test_what_waits_and_who_helped(blog_with_mail, at, checked, mona, make_post):
    post = make_post()
    for days in (2, 5):
        Comment.objects.create(post=post, text="x", state="pending", posted_at=MONDAY - timedelta(days=days))
    Comment.objects.create(post=post, text="y", state="pending", posted_at=MONDAY - timedelta(days=4)).approve(mona)
    checked(MONDAY - timedelta(days=9))
    (email,) = at(MONDAY)
    assert email.text.strip().splitlines() == [
        "3 comments, 0 published automatically, 1 by hand, 0 marked as spam.",
        "Oldest waiting: for 5 days (2 wait); last backup checked 9 days ago.",
    ]


def test_once_a_week_however_often_the_worker_starts(blog_with_mail, at, checked):
    assert at(MONDAY - timedelta(minutes=31)) == [], "not before seven"
    for minutes in (0, 1, 60, 24 * 60, 6 * 24 * 60):
        assert len(at(MONDAY + timedelta(minutes=minutes))) == 1
    assert len(at(MONDAY + timedelta(days=7))) == 2
    assert len(at(MONDAY + timedelta(days=28))) == 3, "weeks without a worker are not told afterwards"


@pytest.mark.parametrize(("zone", "hour"), [("Pacific/Auckland", 18), ("America/Los_Angeles", 15)])
def test_by_the_blogs_own_clock(blog_with_mail, at, checked, zone, hour):
    """Seven in Auckland is Sunday evening in UTC, seven in Los Angeles the afternoon of Monday."""
    site = Site.objects.get()
    site.timezone = zone
    site.save()
    day = 22 if zone == "Pacific/Auckland" else 23
    assert at(datetime(2026, 11, day, hour - 1, 59, tzinfo=UTC)) == []
    assert len(at(datetime(2026, 11, day, hour, 0, tzinfo=UTC))) == 1


def test_who_does_not_want_it_and_whose_mail_does_not_leave_get_none(blog_with_mail, at, checked, settings):
    settings.EMAIL_HOST = ""
    assert at(MONDAY) == []
    settings.EMAIL_HOST = "localhost"
    DiscussionSettings.objects.all().delete()
    DiscussionSettings.objects.create(mail_weekly=False)
    assert at(MONDAY) == []


def test_a_new_blog_is_told_nothing_of_the_time_before_it(blog_with_mail, at, checked, ada):
    type(ada).objects.update(date_joined=MONDAY)
    assert at(MONDAY) == []
    assert len(at(MONDAY + timedelta(days=7))) == 1


def test_what_the_filter_filed_is_named(blog_with_mail, at, checked, make_post):
    why = [{"rule": "classify_spam", "verdict": "spam", "why": "It looks like spam."}]
    when = MONDAY - timedelta(days=2)
    Comment.objects.create(
        post=make_post(),
        text="I would buy it.",
        name="Lou",
        state="spam",
        posted_at=when,
        state_since=when,
        reasons=why,
    )
    (email,) = at(MONDAY)
    assert "The filter marked 1 comment as spam automatically; please check:\n* Lou: I would buy it." in email.text
